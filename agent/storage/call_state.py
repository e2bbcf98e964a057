"""Calls in progress: the latest committed state, who may write it (the epoch), until when it is believed (the
lease).

Whoever opens or takes over a call gets a higher epoch. An agent that was given up for dead and still lives
holds an older one, and its writes are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from agent.domain.errors import Blame, FleetError, Overloaded
from agent.storage.calls import CallKey, NewCall
from agent.storage.partitions import ensure_partitions, is_missing_partition
from agent.storage.pool import Connection, Pool, tenant_tx

LEASE_S = 2.0


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call this process may write.

    Attributes:
        key: of the record; of the earlier one when `resumed`.
        epoch: goes with every write of state.
        state: as last committed; None when nothing was yet.
        resumed: the room already had a call, whose earlier agent can write no longer.
    """

    key: CallKey
    epoch: int
    state: Mapping[str, Any] | None
    resumed: bool


@dataclass(frozen=True, slots=True)
class ActiveCall:
    """A call in progress as the keeper and `status` see it; `is_leased` by the server's clock."""

    key: CallKey
    room: str
    worker_id: str | None
    status: str
    epoch: int
    lease_until: datetime
    is_leased: bool


async def open_call(
    pool: Pool, call: NewCall, *, seat_cap: int | None = None, lease_s: float = LEASE_S, budget_s: float = 2.0
) -> OpenCall:
    """Begin the record of a call, or take over the one already going on in that room.

    Args:
        pool: with the application's role.
        call: as it came in.
        seat_cap: most calls of this tenant at a time; taking one over needs no seat.
        lease_s: seconds until the keeper may give this agent up, unless it renews.
        budget_s: seconds for each of at most three transactions: the month's partition may have to be made
            first.
    Raises:
        Overloaded: the tenant has `seat_cap` calls already.
        FleetError: see `tenant_tx`.
    """
    try:
        return await _open_or_take_over(pool, call, seat_cap, lease_s, budget_s)
    except _NoPartition:
        async with tenant_tx(pool, call.key.tenant_id, budget_s=budget_s) as connection:
            await ensure_partitions(connection, call.key.started_at, months_ahead=0)
        return await _open_or_take_over(pool, call, seat_cap, lease_s, budget_s)


async def save_state(
    connection: Connection, key: CallKey, epoch: int, state: Mapping[str, Any], *, lease_s: float = LEASE_S
) -> bool:
    """Store the state after a committed turn and renew the lease.

    Returns: False when the call has ended or somebody else has taken it over: stop speaking, write no more.
    """
    status = await connection.execute(
        """
        UPDATE call_state SET state = $4, lease_until = clock_timestamp() + make_interval(secs => $5)
        WHERE tenant_id = $1 AND call_id = $2 AND epoch = $3
        """,
        key.tenant_id,
        key.id,
        epoch,
        dict(state),
        lease_s,
    )
    return status == "UPDATE 1"


async def renew_lease(connection: Connection, key: CallKey, epoch: int, *, lease_s: float = LEASE_S) -> bool:
    """Say that the agent lives; False as for `save_state`."""
    status = await connection.execute(
        """
        UPDATE call_state SET lease_until = clock_timestamp() + make_interval(secs => $4)
        WHERE tenant_id = $1 AND call_id = $2 AND epoch = $3
        """,
        key.tenant_id,
        key.id,
        epoch,
        lease_s,
    )
    return status == "UPDATE 1"


async def state_of(connection: Connection, key: CallKey) -> Mapping[str, Any] | None:
    """The state as last committed; None when nothing was yet, or when the call has ended."""
    state: Mapping[str, Any] | None = await connection.fetchval(
        "SELECT state FROM call_state WHERE tenant_id = $1 AND call_id = $2", key.tenant_id, key.id
    )
    return state


async def active_calls(connection: Connection) -> tuple[ActiveCall, ...]:
    """Calls in progress, oldest first.

    Args:
        connection: the keeper's role for the whole fleet; under the application's role one tenant's are
            visible.
    """
    rows = await connection.fetch(
        """
        SELECT s.tenant_id, s.call_id, s.started_at, s.room, c.worker_id, c.status, s.epoch, s.lease_until,
               s.lease_until > clock_timestamp() AS is_leased
        FROM call_state s
        JOIN calls c ON c.started_at = s.started_at AND c.id = s.call_id AND c.tenant_id = s.tenant_id
        ORDER BY s.started_at, s.call_id
        """
    )
    return tuple(
        ActiveCall(
            key=CallKey(row["tenant_id"], row["call_id"], row["started_at"]),
            room=row["room"],
            worker_id=row["worker_id"],
            status=row["status"],
            epoch=row["epoch"],
            lease_until=row["lease_until"],
            is_leased=row["is_leased"],
        )
        for row in rows
    )


class _NoPartition(Exception):
    """The month of this call has no partition yet; its transaction is lost."""


async def _open_or_take_over(
    pool: Pool, call: NewCall, seat_cap: int | None, lease_s: float, budget_s: float
) -> OpenCall:
    async with tenant_tx(pool, call.key.tenant_id, budget_s=budget_s) as connection:
        if seat_cap is not None:  # one at a time, or two calls would both find the last seat free
            await connection.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended('voicefleet.seats.' || $1, 0))", str(call.key.tenant_id)
            )
        fresh = await connection.fetchval(
            """
            INSERT INTO call_state (call_id, tenant_id, started_at, room, lease_until)
            VALUES ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5))
            ON CONFLICT (tenant_id, room) DO NOTHING RETURNING true
            """,
            call.key.id,
            call.key.tenant_id,
            call.key.started_at,
            call.room,
            lease_s,
        )
        if fresh is None:
            return await _take_over(connection, call, lease_s)
        if seat_cap is not None:
            await _check_seat(connection, call.key.tenant_id, seat_cap)
        try:
            await _insert_call(connection, call)
        except asyncpg.PostgresError as error:
            if is_missing_partition(error):
                raise _NoPartition from None
            raise
        return OpenCall(call.key, epoch=1, state=None, resumed=False)


async def _check_seat(connection: Connection, tenant_id: UUID, seat_cap: int) -> None:
    """Count after our own row went in; raising takes it out again."""
    calls = await connection.fetchval("SELECT count(*) FROM call_state WHERE tenant_id = $1", tenant_id)
    if calls > seat_cap:
        raise Overloaded(f"The tenant has its {seat_cap} calls already.")


async def _insert_call(connection: Connection, call: NewCall) -> None:
    await connection.execute(
        """
        INSERT INTO calls (id, tenant_id, started_at, room, sip_call_id, caller_e164, called_e164, worker_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        call.key.id,
        call.key.tenant_id,
        call.key.started_at,
        call.room,
        call.sip_call_id,
        call.caller_e164,
        call.called_e164,
        call.worker_id,
    )


async def _take_over(connection: Connection, call: NewCall, lease_s: float) -> OpenCall:
    row = await connection.fetchrow(
        """
        UPDATE call_state
        SET epoch = epoch + 1, lease_until = clock_timestamp() + make_interval(secs => $3)
        WHERE tenant_id = $1 AND room = $2 RETURNING call_id, started_at, epoch, state
        """,
        call.key.tenant_id,
        call.room,
        lease_s,
    )
    if row is None:
        raise FleetError("The call in this room ended as it was opened.", blame=Blame.CLIENT, retryable=False)
    key = CallKey(call.key.tenant_id, row["call_id"], row["started_at"])
    await connection.execute(
        "UPDATE calls SET worker_id = $4 WHERE tenant_id = $1 AND started_at = $2 AND id = $3",
        key.tenant_id,
        key.started_at,
        key.id,
        call.worker_id,
    )
    return OpenCall(key, row["epoch"], row["state"], resumed=True)
