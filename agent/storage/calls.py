"""Calls and their turns, written as the call goes, so that a killed worker leaves a record that is merely
shorter.

Every write here bears repeating: a reply lost on the way, or a journal replayed, changes nothing the second
time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from agent.domain.errors import Blame
from agent.storage.pool import Connection

Recording = Literal["off", "announced", "consented", "declined"]
Party = Literal["caller", "agent", "fleet"]
Timing = float | str


@dataclass(frozen=True, slots=True)
class CallKey:
    """Which call, of whom, in which month's partition: `started_at` is aware UTC and never changes."""

    tenant_id: UUID
    id: UUID
    started_at: datetime


@dataclass(frozen=True, slots=True)
class NewCall:
    """What is known when a call comes in; numbers are E.164, `caller_e164` is None when withheld."""

    key: CallKey
    room: str
    called_e164: str
    caller_e164: str | None
    sip_call_id: str | None
    worker_id: str


@dataclass(frozen=True, slots=True)
class ClosedCall:
    """How a call ended.

    Attributes:
        outcome: technical blame; `disposition` is the business result ("booked"), never the same thing.
        facts: the call's canonical line: counts and timings that belong to the whole call.
    """

    ended_at: datetime
    outcome: Blame
    disposition: str | None
    hangup_by: Party | None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """One party's floor-holding.

    Attributes:
        seq: counts from 0 within the call.
        role: "caller" or "agent".
        text: what was heard from the caller, or what the agent meant to say.
        heard_text: what the caller heard of it before cutting in; None when all of it.
        events: what was understood or decided, JSON-compatible.
        timings: milliseconds by stage, and facts that tell which turns may be compared.
    """

    seq: int
    role: Literal["caller", "agent"]
    at: datetime
    text: str
    interrupted: bool = False
    heard_text: str | None = None
    events: Sequence[Mapping[str, Any]] = ()
    timings: Mapping[str, Timing] = field(default_factory=dict)


async def mark_answered(connection: Connection, key: CallKey, at: datetime, recording: Recording) -> None:
    """The caller is through, and was told this about recording. The first report stands."""
    await connection.execute(
        """
        UPDATE calls SET status = 'active', answered_at = $4, recording = $5
        WHERE tenant_id = $1 AND started_at = $2 AND id = $3 AND status = 'ringing'
        """,
        key.tenant_id,
        key.started_at,
        key.id,
        at,
        recording,
    )


async def set_recording(connection: Connection, key: CallKey, recording: Recording) -> None:
    """The caller's consent as it is now, after "don't record" for instance."""
    await connection.execute(
        "UPDATE calls SET recording = $4 WHERE tenant_id = $1 AND started_at = $2 AND id = $3",
        key.tenant_id,
        key.started_at,
        key.id,
        recording,
    )


async def close_call(connection: Connection, key: CallKey, end: ClosedCall) -> bool:
    """End the record and forget the call's state.

    Returns: whether this was the report that closed it; the first one stands.
    """
    await connection.execute("DELETE FROM call_state WHERE tenant_id = $1 AND call_id = $2", key.tenant_id, key.id)
    status = await connection.execute(
        """
        UPDATE calls
        SET status = 'ended', ended_at = $4, outcome = $5, disposition = $6, hangup_by = $7, facts = $8
        WHERE tenant_id = $1 AND started_at = $2 AND id = $3 AND status <> 'ended'
        """,
        key.tenant_id,
        key.started_at,
        key.id,
        end.ended_at,
        end.outcome.value,
        end.disposition,
        end.hangup_by,
        dict(end.facts),
    )
    return status == "UPDATE 1"


async def add_turn(connection: Connection, key: CallKey, turn: Turn) -> bool:
    """Append a turn; returns False, changing nothing, when that `seq` is stored already."""
    status = await connection.execute(
        """
        INSERT INTO turns
            (tenant_id, started_at, call_id, seq, role, at, text, interrupted, heard_text, events, timings)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (started_at, call_id, seq) DO NOTHING
        """,
        key.tenant_id,
        key.started_at,
        key.id,
        turn.seq,
        turn.role,
        turn.at,
        turn.text,
        turn.interrupted,
        turn.heard_text,
        [dict(event) for event in turn.events],
        dict(turn.timings),
    )
    return status == "INSERT 0 1"


async def key_by_id(connection: Connection, call_id: UUID) -> CallKey | None:
    """Which call this is, whoever it rang; the keeper's role, as an operator's hand."""
    row = await connection.fetchrow("SELECT tenant_id, id, started_at FROM calls WHERE id = $1", call_id)
    return None if row is None else CallKey(**row)


async def latest(connection: Connection, tenant_id: UUID) -> CallKey | None:
    """The tenant's latest call; None when there was none."""
    row = await connection.fetchrow(
        "SELECT tenant_id, id, started_at FROM calls WHERE tenant_id = $1 ORDER BY started_at DESC LIMIT 1", tenant_id
    )
    return None if row is None else CallKey(**row)


async def turns_of(connection: Connection, key: CallKey) -> tuple[Turn, ...]:
    """The call's turns in order."""
    rows = await connection.fetch(
        """
        SELECT seq, role, at, text, interrupted, heard_text, events, timings FROM turns
        WHERE tenant_id = $1 AND started_at = $2 AND call_id = $3 ORDER BY seq
        """,
        key.tenant_id,
        key.started_at,
        key.id,
    )
    return tuple(Turn(**{**row, "events": tuple(row["events"])}) for row in rows)
