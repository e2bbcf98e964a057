"""Appointments: what is busy, and bookings confirmed once per intent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from agent.domain.appointments import Appointment, Hold
from agent.domain.busy import Interval
from agent.domain.openings import Opening
from agent.storage.holds import release
from agent.storage.pool import Connection
from agent.storage.taking import Wish, insert_unless_taken


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


async def book_anew(
    connection: Connection, tenant_id: UUID, held: Hold, service_id: str, intent_key: str, customer: Customer
) -> asyncpg.Record | None:
    """Book the opening of a hold that is none any more; None when somebody else has it."""
    call_id = await connection.fetchval(
        "SELECT call_id FROM appointments WHERE tenant_id = $1 AND id = $2", tenant_id, held.id
    )
    return await insert_unless_taken(
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
