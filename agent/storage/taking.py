"""An opening taken in the table of appointments, by a hold or at once. The database itself refuses an overlap,
whoever writes.

No lock is taken to take a free opening: INSERT … ON CONFLICT DO NOTHING under the exclusion constraint has
one winner, and unlike a bare INSERT it does not deadlock when many want the same opening.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg

from agent.domain.openings import Opening
from agent.storage.pool import Connection

_STALE = """
    FROM appointments
    WHERE tenant_id = $1 AND staff_id = $2 AND busy_to > $3 AND busy_from < $4
      AND status = 'held' AND hold_expires_at <= clock_timestamp()
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a call wants to have reserved.

    Attributes:
        call_id: None when the call is not known any more.
        replacing: of the caller's own appointment that is to be moved there.
    """

    tenant_id: UUID
    call_id: UUID | None
    service_id: str
    opening: Opening
    replacing: Opening | None = None


async def insert_unless_taken(
    connection: Connection, wish: Wish, statement: str, *more: object
) -> asyncpg.Record | None:
    """Insert unless something overlaps; what overlaps but is past its time gives way.

    Args:
        statement: does nothing on a conflict, and takes the wish's nine columns and then `more`.
    """
    row = await connection.fetchrow(statement, *_insertable(wish), *more)
    if row is None and await _expire_overlapping(connection, wish):
        row = await connection.fetchrow(statement, *_insertable(wish), *more)
    return row


async def clear_in_turn(connection: Connection, staff_id: UUID) -> None:
    """Wait for everybody else who clears times of this member of staff, until they commit.

    Whoever clears has rows half gone, for which others' inserts wait. Two who clear overlapping ranges would wait
    for each other.
    """
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"voicefleet.clearing {staff_id}")


async def _expire_overlapping(connection: Connection, wish: Wish) -> bool:
    opening = wish.opening
    where = (wish.tenant_id, opening.staff_id, opening.busy_from, opening.busy_to)
    if not await connection.fetchval(f"SELECT EXISTS (SELECT {_STALE})", *where):
        return False
    await clear_in_turn(connection, opening.staff_id)
    await connection.execute(
        f"UPDATE appointments SET status = 'expired', updated_at = now() WHERE id IN (SELECT id {_STALE})",
        *where,
    )
    return True


def _insertable(wish: Wish) -> tuple[object, ...]:
    return (
        uuid4(),
        wish.tenant_id,
        wish.call_id,
        wish.service_id,
        wish.opening.staff_id,
        wish.opening.start_at,
        wish.opening.end_at,
        wish.opening.busy_from,
        wish.opening.busy_to,
    )
