"""Appointments that exist: found again, moved, called off. Each change wins or loses as a whole.

The row of the appointment is what everybody who wants to change it waits for: of a move and a cancellation at the
same moment one finds it confirmed, and the other finds it gone.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import asyncpg

from agent.domain.appointments import Appointment, Hold, MoveRefusal
from agent.domain.openings import overlaps
from agent.storage.appointments import (
    Customer,
    appointment_of,
    book_anew,
    book_held,
    by_intent_key,
    take_turns,
)
from agent.storage.holds import release
from agent.storage.pool import Connection
from agent.storage.taking import clear_in_turn

#: More of one day or one number than this are not the appointments of one caller.
MOST_FOUND = 200


async def upcoming_by_phone(
    connection: Connection, tenant_id: UUID, phone: str, *, now: datetime
) -> list[tuple[Appointment, str]]:
    """Confirmed appointments booked under a number that start after `now`, each with its name, soonest first."""
    rows = await connection.fetch(
        """
        SELECT id, service_id, staff_id, start_at, end_at, busy_from, busy_to, name FROM appointments
        WHERE tenant_id = $1 AND status = 'confirmed' AND start_at > $2 AND phone = $3
        ORDER BY start_at, id LIMIT $4
        """,
        tenant_id,
        now,
        phone,
        MOST_FOUND,
    )
    return [(appointment_of(row), row["name"]) for row in rows]


async def upcoming_between(
    connection: Connection, tenant_id: UUID, from_at: datetime, to_at: datetime
) -> list[tuple[Appointment, str]]:
    """Confirmed appointments that start from `from_at` up to before `to_at`, each with its name, soonest first."""
    rows = await connection.fetch(
        """
        SELECT id, service_id, staff_id, start_at, end_at, busy_from, busy_to, name FROM appointments
        WHERE tenant_id = $1 AND status = 'confirmed' AND start_at >= $2 AND start_at < $3
        ORDER BY start_at, id LIMIT $4
        """,
        tenant_id,
        from_at,
        to_at,
        MOST_FOUND,
    )
    return [(appointment_of(row), row["name"]) for row in rows]


async def cancel(
    connection: Connection, tenant_id: UUID, appointment: Appointment, *, change_key: str
) -> Appointment | None:
    """Call an appointment off, once.

    Args:
        change_key: whoever comes again with it is told the same, marked as known.
    Returns: None when somebody else has changed it.
    """
    row = await connection.fetchrow(
        """
        UPDATE appointments SET status = 'cancelled', change_key = $3, updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND status = 'confirmed' RETURNING id
        """,
        tenant_id,
        appointment.id,
        change_key,
    )
    if row is not None:
        return appointment
    row = await _locked(connection, tenant_id, appointment.id)
    return replace(appointment, was_known=True) if row is not None and row["change_key"] == change_key else None


async def move(
    connection: Connection, tenant_id: UUID, appointment: Appointment, held: Hold, *, change_key: str, booking_key: str
) -> Appointment | MoveRefusal:
    """Book what a hold reserved and give an appointment up for it: both, or neither.

    Args:
        held: booked anew if it has run out and its opening is still free.
        change_key: whoever comes again with it gets the appointment that the first one made.
        booking_key: of the new appointment; should the caller have another booking under it, `change_key` is used.
    """
    await take_turns(connection, tenant_id, booking_key)
    old = await _locked(connection, tenant_id, appointment.id)
    if old is None or old["status"] != "confirmed":
        is_ours = old is not None and old["change_key"] == change_key
        made = await _confirmed(connection, tenant_id, old["moved_to"]) if old is not None and is_ours else None
        return MoveRefusal.APPOINTMENT_GONE if made is None else made
    is_booked = await by_intent_key(connection, tenant_id, booking_key) is not None
    key, customer = change_key if is_booked else booking_key, Customer(old["name"], old["phone"])
    if overlaps(appointment.opening, held.opening):
        made = await _book_in_place(connection, tenant_id, appointment, held, key, customer)
    else:
        made = await book_held(
            connection, tenant_id, held, service_id=appointment.service_id, intent_key=key, customer=customer
        )
    if made is None:
        return MoveRefusal.OPENING_TAKEN
    await connection.execute(
        """
        UPDATE appointments SET status = 'cancelled', change_key = $3, moved_to = $4, updated_at = now()
        WHERE tenant_id = $1 AND id = $2
        """,
        tenant_id,
        appointment.id,
        change_key,
        made.id,
    )
    return made


class _Undone(Exception):
    """The new opening is somebody else's: what was cleared for it comes back."""


async def _book_in_place(
    connection: Connection, tenant_id: UUID, old: Appointment, held: Hold, intent_key: str, customer: Customer
) -> Appointment | None:
    """Book an opening that overlaps the appointment it replaces, so that both rows must go before it comes."""
    await clear_in_turn(connection, held.opening.staff_id)
    with suppress(_Undone):
        async with connection.transaction():
            await connection.execute(
                "UPDATE appointments SET status = 'cancelled' WHERE tenant_id = $1 AND id = $2", tenant_id, old.id
            )
            await release(connection, tenant_id, held.id)
            row = await book_anew(connection, tenant_id, held, old.service_id, intent_key, customer)
            if row is None:
                raise _Undone
            return Appointment(row["id"], old.service_id, held.opening)
    return None


async def _locked(connection: Connection, tenant_id: UUID, appointment_id: UUID) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        SELECT status, name, phone, change_key, moved_to FROM appointments
        WHERE tenant_id = $1 AND id = $2 FOR UPDATE
        """,
        tenant_id,
        appointment_id,
    )


async def _confirmed(connection: Connection, tenant_id: UUID, appointment_id: UUID) -> Appointment | None:
    row = await connection.fetchrow(
        """
        SELECT id, service_id, staff_id, start_at, end_at, busy_from, busy_to FROM appointments
        WHERE tenant_id = $1 AND id = $2 AND status = 'confirmed'
        """,
        tenant_id,
        appointment_id,
    )
    return None if row is None else appointment_of(row, was_known=True)
