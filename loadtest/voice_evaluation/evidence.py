"""What the fleet's own record says of a call: its row, what it heard and said, the messages it stored, the passages
it cited.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from loadtest.soak.store import fetch, settled


@dataclass(frozen=True, slots=True)
class Recorded:
    """One turn as the fleet stored it. `role` is caller or agent; `heard` is what the caller let pass of it."""

    at: datetime
    role: str
    text: str
    heard: str | None
    events: list[Any]


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage behind the reply to the caller's turn of that time, as `loadtest.evaluation.dialogue` has it."""

    at: datetime
    cited: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The record of one call.

    Attributes:
        call_id: None when there is no record of it at all.
        row: status, outcome, disposition, hangup_by.
        messages: as `loadtest.evaluation.judge` reads them.
    """

    call_id: UUID | None = None
    row: dict[str, Any] = field(default_factory=dict)
    turns: tuple[Recorded, ...] = ()
    messages: tuple[dict[str, Any], ...] = ()
    citations: tuple[Citation, ...] = ()


async def gather(database_url: str, sip_call_id: str) -> Evidence:
    """Read it once the call is closed, or when patience is at an end.

    Raises: OSError, TimeoutError, asyncpg.PostgresError: the database cannot be asked.
    """
    call = await settled(
        database_url,
        """
        SELECT c.id, c.status, c.outcome, c.disposition, c.hangup_by, count(a.id) AS held
        FROM calls c LEFT JOIN appointments a ON a.call_id = c.id AND a.status = 'held'
        WHERE c.sip_call_id = $1 GROUP BY c.started_at, c.id ORDER BY c.started_at DESC LIMIT 1
        """,
        sip_call_id,
        is_settled=lambda row: row["status"] == "ended" and not row["held"],
    )
    return Evidence() if call is None else await _of_call(database_url, call)


async def _of_call(database_url: str, row: dict[str, Any]) -> Evidence:
    turns = await fetch(
        database_url, "SELECT at, role, text, heard_text, events FROM turns WHERE call_id = $1 ORDER BY seq", row["id"]
    )
    messages = await fetch(
        database_url,
        """
        SELECT reason, text, name, phone, urgent AS is_urgent, confirmed AS is_confirmed FROM messages
        WHERE call_id = $1 ORDER BY created_at
        """,
        row["id"],
    )
    cited = await fetch(
        database_url,
        """
        SELECT t.at, s.name || '#' || p.key AS passage, c.used, c.score
        FROM citations c
        JOIN turns t ON t.tenant_id = c.tenant_id AND t.started_at = c.started_at AND t.call_id = c.call_id
            AND t.seq = c.seq
        JOIN kb_passages p ON p.tenant_id = c.tenant_id AND p.id = c.passage_id
        JOIN kb_sources s ON s.tenant_id = p.tenant_id AND s.id = p.source_id
        WHERE c.call_id = $1 ORDER BY c.seq, c.place
        """,
        row["id"],
    )
    citations = tuple(Citation(each.pop("at"), each) for each in cited)
    recorded = tuple(Recorded(t["at"], t["role"], t["text"], t["heard_text"], t["events"]) for t in turns)
    return Evidence(row["id"], {key: row[key] for key in row if key != "id"}, recorded, tuple(messages), citations)
