"""Holds: openings reserved for a call until their time runs out, by the server's clock."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import asyncpg

from agent.domain.appointments import Hold
from agent.domain.openings import rest_of
from agent.storage.pool import Connection
from agent.storage.taking import Wish, insert_unless_taken


async def hold(connection: Connection, wish: Wish, *, ttl_s: float) -> Hold | None:
    """Reserve an opening for a call.

    A call that holds this very opening already (its first reply was lost) gets the same hold, prolonged. Of an
    opening that overlaps the appointment it is to replace, only the rest is not reserved yet: that rest is held, and
    where there is none, nothing.

    Args:
        ttl_s: seconds from now, by the server's clock, after which the opening is free again.
    Returns: None when somebody else has it.
    """
    rest = rest_of(wish.opening, wish.replacing)
    if rest is None:
        expires_at = await connection.fetchval("SELECT clock_timestamp() + make_interval(secs => $1)", ttl_s)
        return Hold(uuid4(), wish.opening, expires_at)
    wanted = replace(wish, opening=rest)
    row = await _prolonged(connection, wanted, ttl_s)
    if row is None:
        row = await insert_unless_taken(
            connection,
            wanted,
            """
            INSERT INTO appointments
                (id, tenant_id, call_id, service_id, staff_id, start_at, end_at, busy_from, busy_to,
                 status, hold_expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,
                    'held', clock_timestamp() + make_interval(secs => $10))
            ON CONFLICT ON CONSTRAINT appointments_no_overlap DO NOTHING
            RETURNING id, hold_expires_at
            """,
            ttl_s,
        )
    return None if row is None else Hold(row["id"], wish.opening, row["hold_expires_at"])


async def _prolonged(connection: Connection, wish: Wish, ttl_s: float) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        UPDATE appointments
        SET hold_expires_at = clock_timestamp() + make_interval(secs => $7), service_id = $3,
            updated_at = now()
        WHERE tenant_id = $1 AND call_id = $2 AND status = 'held'
          AND staff_id = $4 AND busy_from = $5 AND busy_to = $6
        RETURNING id, hold_expires_at
        """,
        wish.tenant_id,
        wish.call_id,
        wish.service_id,
        wish.opening.staff_id,
        wish.opening.busy_from,
        wish.opening.busy_to,
        ttl_s,
    )


async def release(connection: Connection, tenant_id: UUID, hold_id: UUID) -> bool:
    """Give a hold back; False when it is none any more (confirmed, expired or released already)."""
    status = await connection.execute(
        """
        UPDATE appointments SET status = 'cancelled', updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND status = 'held'
        """,
        tenant_id,
        hold_id,
    )
    return status == "UPDATE 1"


async def expire_stale(connection: Connection, *, limit: int = 500) -> int:
    """Mark holds past their time as expired; the keeper's daily broom, since openings do not wait for it.

    Args:
        connection: the keeper's role for every tenant.
        limit: rows at most, so that the transaction stays short.
    Returns: how many; `limit` means there may be more.
    """
    status = await connection.execute(
        """
        WITH stale AS (
            SELECT id FROM appointments WHERE status = 'held' AND hold_expires_at <= clock_timestamp()
            ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
        )
        UPDATE appointments a SET status = 'expired', updated_at = now() FROM stale WHERE a.id = stale.id
        """,
        limit,
    )
    return int(status.rpartition(" ")[2])
