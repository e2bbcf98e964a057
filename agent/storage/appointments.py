"""Appointments: what is busy, holds, confirmed bookings. The database itself refuses an overlap, whoever
writes.

No lock is taken to hold a free opening: INSERT … ON CONFLICT DO NOTHING under the exclusion constraint has
one winner, and unlike a bare INSERT it does not deadlock when many want the same opening.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from agent.domain.appointments import Appointment, Hold
from agent.domain.busy import Interval
from agent.domain.openings import Opening
from agent.storage.pool import Connection


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


@dataclass(frozen=True, slots=True)
class Customer:
    """Who comes; `phone` is E.164."""

    name: str
    phone: str


async def busy(
    connection: Connection,
    tenant_id: UUID,
    staff_ids: Sequence[UUID],
    *,
    from_at: datetime,
    to_at: datetime,
    ignoring_hold: UUID | None = None,
    ignoring_appointment: UUID | None = None,
) -> Mapping[UUID, Sequence[Interval]]:
    """What staff are occupied for, buffers included, between two times.

    Args:
        staff_ids: whose; each is a key of the result.
        from_at: aware; `to_at`: aware; intervals that reach into this range are given whole.
        ignoring_hold: a hold that is not to count.
        ignoring_appointment: a booking that is not to count.
    Returns: half-open UTC intervals by staff id, in order; holds past their time are not among them.
    """
    rows = await connection.fetch(
        """
        SELECT staff_id, busy_from, busy_to FROM appointments
        WHERE tenant_id = $1 AND staff_id = ANY($2::uuid[]) AND busy_to > $3 AND busy_from < $4
          AND status IN ('held', 'confirmed')
          AND (status = 'confirmed' AND id IS DISTINCT FROM $6
               OR status = 'held' AND hold_expires_at > clock_timestamp() AND id IS DISTINCT FROM $5)
        ORDER BY busy_from
        """,
        tenant_id,
        list(staff_ids),
        from_at,
        to_at,
        ignoring_hold,
        ignoring_appointment,
    )
    found: dict[UUID, list[Interval]] = {staff_id: [] for staff_id in staff_ids}
    for row in rows:
        found[row["staff_id"]].append((row["busy_from"], row["busy_to"]))
    return found


async def hold(connection: Connection, wish: Wish, *, ttl_s: float) -> Hold | None:
    """Reserve an opening for a call.

    A call that holds this very opening already (its first reply was lost) gets the same hold, prolonged. Of an
    opening that overlaps the appointment it is to replace, only the rest is not reserved yet: that rest is held.

    Args:
        ttl_s: seconds from now, by the server's clock, after which the opening is free again.
    Returns: None when somebody else has it.
    """
    wanted = replace(wish, opening=rest_of(wish.opening, wish.replacing))
    row = await connection.fetchrow(
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
        wanted.opening.staff_id,
        wanted.opening.busy_from,
        wanted.opening.busy_to,
        ttl_s,
    )
    if row is None:
        row = await _insert(
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


def overlaps(opening: Opening, other: Opening) -> bool:
    """Whether one member of staff cannot serve both."""
    is_beside = opening.busy_to <= other.busy_from or other.busy_to <= opening.busy_from
    return opening.staff_id == other.staff_id and not is_beside


def rest_of(opening: Opening, replacing: Opening | None) -> Opening:
    """What an opening occupies beyond the appointment it replaces, which is as long as itself."""
    if replacing is None or not overlaps(opening, replacing):
        return opening
    is_later = replacing.busy_from < opening.busy_from
    start = replacing.busy_to if is_later else opening.busy_from
    end = opening.busy_to if is_later else replacing.busy_from
    return Opening(opening.staff_id, start, end, start, end)


async def confirm(
    connection: Connection,
    tenant_id: UUID,
    held: Hold,
    *,
    service_id: str,
    intent_key: str,
    customer: Customer,
) -> Appointment | None:
    """Turn a hold into a booking, once per intent.

    Args:
        held: booked anew if it has run out and its opening is still free; given up when the intent turns out
            to be booked elsewhere.
        intent_key: whoever comes again with it, from whichever call, gets the same appointment.
    Returns: None when the hold has run out and somebody else has the opening.
    """
    await take_turns(connection, tenant_id, intent_key)
    known = await by_intent_key(connection, tenant_id, intent_key)
    if known is not None:
        if known.id != held.id:
            await release(connection, tenant_id, held.id)
        return known
    return await book_held(connection, tenant_id, held, service_id=service_id, intent_key=intent_key, customer=customer)


async def book_held(
    connection: Connection, tenant_id: UUID, held: Hold, *, service_id: str, intent_key: str, customer: Customer
) -> Appointment | None:
    """Turn a hold into a booking under a key that no other booking has; None when somebody else has the opening."""
    row = await connection.fetchrow(
        """
        UPDATE appointments
        SET status = 'confirmed', hold_expires_at = NULL, service_id = $3, intent_key = $4, name = $5,
            phone = $6, updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND status = 'held'
          AND staff_id = $7 AND busy_from = $8 AND busy_to = $9
        RETURNING id
        """,
        tenant_id,
        held.id,
        service_id,
        intent_key,
        customer.name,
        customer.phone,
        held.opening.staff_id,
        held.opening.busy_from,
        held.opening.busy_to,
    )
    if row is None:
        row = await book_anew(connection, tenant_id, held, service_id, intent_key, customer)
    return None if row is None else Appointment(row["id"], service_id, held.opening)


async def take_turns(connection: Connection, tenant_id: UUID, intent_key: str) -> None:
    """All with the same intent wait for each other until they commit: its unique index never has to refuse anybody."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"voicefleet.intent {tenant_id} {intent_key}"
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


async def by_intent_key(connection: Connection, tenant_id: UUID, intent_key: str) -> Appointment | None:
    """The booking made for this intent, marked as known already, or None."""
    row = await connection.fetchrow(
        """
        SELECT id, service_id, staff_id, start_at, end_at, busy_from, busy_to FROM appointments
        WHERE tenant_id = $1 AND intent_key = $2 AND status = 'confirmed'
        """,
        tenant_id,
        intent_key,
    )
    if row is None:
        return None
    return appointment_of(row, was_known=True)


def appointment_of(row: asyncpg.Record, *, was_known: bool = False) -> Appointment:
    """A row with the columns of an appointment as one."""
    opening = Opening(row["staff_id"], row["start_at"], row["end_at"], row["busy_from"], row["busy_to"])
    return Appointment(row["id"], row["service_id"], opening, was_known=was_known)


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


async def book_anew(
    connection: Connection, tenant_id: UUID, held: Hold, service_id: str, intent_key: str, customer: Customer
) -> asyncpg.Record | None:
    """Book the opening of a hold that is none any more; None when somebody else has it."""
    call_id = await connection.fetchval(
        "SELECT call_id FROM appointments WHERE tenant_id = $1 AND id = $2", tenant_id, held.id
    )
    return await _insert(
        connection,
        Wish(tenant_id, call_id, service_id, held.opening),
        """
        INSERT INTO appointments
            (id, tenant_id, call_id, service_id, staff_id, start_at, end_at, busy_from, busy_to,
             status, intent_key, name, phone)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'confirmed', $10, $11, $12)
        ON CONFLICT ON CONSTRAINT appointments_no_overlap DO NOTHING
        RETURNING id
        """,
        intent_key,
        customer.name,
        customer.phone,
    )


async def _insert(connection: Connection, wish: Wish, statement: str, *more: object) -> asyncpg.Record | None:
    """Insert unless something overlaps; what overlaps but is past its time gives way."""
    row = await connection.fetchrow(statement, *_insertable(wish), *more)
    if row is None and await _expire_overlapping(connection, wish):
        row = await connection.fetchrow(statement, *_insertable(wish), *more)
    return row


_STALE = """
    FROM appointments
    WHERE tenant_id = $1 AND staff_id = $2 AND busy_to > $3 AND busy_from < $4
      AND status = 'held' AND hold_expires_at <= clock_timestamp()
"""


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
