"""What the fleet stored, read with plain SQL: the soak trusts none of the fleet's own code."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from loadtest.soak.draw import Wish

_DEADLINE_S = 5.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the stored booking is what was wished; `differences` is empty when it is."""

    differences: tuple[str, ...]


async def check(database_url: str, wish: Wish, since: datetime) -> Verdict:
    """Compare a caller's wish with the bookings made from their number.

    Args:
        since: aware; older rows are of earlier runs.
    """
    async with asyncio.timeout(_DEADLINE_S):
        connection = await asyncpg.connect(database_url)
        try:
            rows = await connection.fetch(
                """
                SELECT a.service_id, a.start_at, a.name, a.phone, a.status
                FROM appointments a JOIN calls c ON c.id = a.call_id
                WHERE c.caller_e164 = $1 AND c.started_at >= $2 AND a.status = 'confirmed'
                """,
                wish.from_number,
                since,
            )
        finally:
            await connection.close()
    if len(rows) != 1:
        return Verdict((f"{len(rows)} confirmed bookings instead of 1",))
    return Verdict(tuple(_differences(wish, rows[0])))


async def booked_starts(database_url: str, now: datetime) -> list[datetime]:
    """When appointments of earlier runs begin, held ones included."""
    async with asyncio.timeout(_DEADLINE_S):
        connection = await asyncpg.connect(database_url)
        try:
            rows = await connection.fetch(
                "SELECT start_at FROM appointments WHERE status IN ('held', 'confirmed') AND start_at > $1", now
            )
        finally:
            await connection.close()
    return [row["start_at"] for row in rows]


async def agent_latencies_ms(database_url: str, since: datetime) -> list[float]:
    """The agent's own response times of the turns spoken since then."""
    async with asyncio.timeout(_DEADLINE_S):
        connection = await asyncpg.connect(database_url)
        try:
            rows = await connection.fetch(
                "SELECT (timings->>'e2e_ms')::float AS ms FROM turns WHERE at >= $1 AND timings ? 'e2e_ms'",
                since,
            )
        finally:
            await connection.close()
    return [row["ms"] for row in rows]


def _differences(wish: Wish, row: Any) -> list[str]:
    facts = (
        ("service", wish.service_id, row["service_id"]),
        ("start", wish.start_at.isoformat(), row["start_at"].astimezone(wish.start_at.tzinfo).isoformat()),
        ("name", wish.name.lower(), row["name"].lower()),
        ("number", wish.number, re.sub(r"\D", "", row["phone"])[-10:]),
    )
    return [f"{what} {got!r} instead of {wanted!r}" for what, wanted, got in facts if wanted != got]
