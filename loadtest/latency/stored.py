"""What the fleet stored of a call's turns, read with plain SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from loadtest.soak.store import fetch, settled


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """One row of `turns`. `timings` as docs/latency.md has them."""

    role: str
    text: str
    is_interrupted: bool = False
    timings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def caller_ended_at(self) -> float | None:
        """Unix time of the caller's last sound that this reply answers; None for other speech."""
        value = self.timings.get("caller_ended_at")
        return float(value) if value is not None else None


async def turns_of(database_url: str, sip_call_id: str) -> list[StoredTurn]:
    """The turns of a call in order, once its record is closed or patience is at an end.

    Raises: OSError, TimeoutError, asyncpg.PostgresError: the database cannot be asked.
    """
    call = await settled(
        database_url,
        "SELECT id, status FROM calls WHERE sip_call_id = $1 ORDER BY started_at DESC LIMIT 1",
        sip_call_id,
        is_settled=lambda row: row["status"] == "ended",
    )
    if call is None:
        return []
    rows = await fetch(
        database_url,
        "SELECT role, text, interrupted, timings FROM turns WHERE call_id = $1 ORDER BY seq",
        call["id"],
    )
    return [StoredTurn(row["role"], row["text"], row["interrupted"], _object(row["timings"])) for row in rows]


def _object(value: Any) -> dict[str, Any]:
    """A jsonb column as the driver gives it: text."""
    read: dict[str, Any] = json.loads(value) if isinstance(value, str) else dict(value)
    return read
