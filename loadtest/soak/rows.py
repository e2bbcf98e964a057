"""What the fleet stored, read with plain SQL: the soak trusts none of the fleet's own code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from loadtest.soak.draw import Wish
from loadtest.soak.store import fetch


async def check(database_url: str, wish: Wish, since: datetime) -> list[str]:
    """Compare a caller's wish with the bookings made from their number.

    Args:
        since: aware; older rows are of earlier runs.
    Returns: how they differ, in sentences; empty when the booking is what was wished.
    """
    rows = await fetch(
        database_url,
        """
        SELECT a.service_id, a.start_at, a.name, a.phone
        FROM appointments a JOIN calls c ON c.id = a.call_id
        WHERE c.caller_e164 = $1 AND c.started_at >= $2 AND a.status = 'confirmed'
        """,
        wish.from_number,
        since,
    )
    return differences(wish, rows)


async def booked_starts(database_url: str, now: datetime) -> list[datetime]:
    """When appointments of earlier runs begin, held ones included."""
    rows = await fetch(
        database_url, "SELECT start_at FROM appointments WHERE status IN ('held', 'confirmed') AND start_at > $1", now
    )
    return [row["start_at"] for row in rows]


async def agent_figures_ms(database_url: str, name: str, since: datetime) -> list[float]:
    """What the agent itself measured in the turns since then.

    Args:
        name: a key of `turns.timings`: e2e_ms, barge_in_stop_ms.
    """
    rows = await fetch(
        database_url,
        "SELECT (timings->>$2)::float AS ms FROM turns WHERE at >= $1 AND timings ? $2",
        since,
        name,
    )
    return [row["ms"] for row in rows]


async def agent_interruptions(database_url: str, wishes: Sequence[Wish], since: datetime) -> int:
    """How often the agent says these callers interrupted it; known once their calls are closed."""
    (row,) = await fetch(
        database_url,
        """
        SELECT coalesce(sum((facts->>'interruptions')::int), 0) AS n FROM calls
        WHERE caller_e164 = ANY($1::text[]) AND started_at >= $2
        """,
        [wish.from_number for wish in wishes],
        since,
    )
    return int(row["n"])


async def still_open(database_url: str, wishes: Sequence[Wish], since: datetime) -> list[str]:
    """What the calls of these callers left unfinished, in sentences: calls in progress, openings held."""
    (row,) = await fetch(
        database_url,
        """
        WITH ours AS (SELECT id FROM calls WHERE caller_e164 = ANY($1::text[]) AND started_at >= $2)
        SELECT (SELECT count(*) FROM call_state WHERE call_id IN (SELECT id FROM ours)) AS calls,
               (SELECT count(*) FROM appointments
                WHERE status = 'held' AND call_id IN (SELECT id FROM ours)) AS holds
        """,
        [wish.from_number for wish in wishes],
        since,
    )
    sentences = {"calls": "calls are still in progress", "holds": "openings are still held"}
    return [f"{row[key]} {sentence}" for key, sentence in sentences.items() if row[key]]


def differences(wish: Wish, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """How confirmed bookings differ from the one that was wished, in sentences.

    Args:
        rows: each with service_id, start_at, name and phone.
    """
    if len(rows) != 1:
        return [f"{len(rows)} confirmed bookings instead of 1"]
    row = rows[0]
    facts = (
        ("service", wish.service_id, row["service_id"]),
        ("start", wish.start_at.isoformat(), row["start_at"].astimezone(wish.start_at.tzinfo).isoformat()),
        ("name", wish.name.lower(), row["name"].lower()),
        ("number", wish.number, re.sub(r"\D", "", row["phone"])[-10:]),
    )
    return [f"{what} {got!r} instead of {wanted!r}" for what, wanted, got in facts if wanted != got]
