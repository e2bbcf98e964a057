"""The appointment desk: openings found, held, booked and given back, appointments moved and called off, the waiting
list, and what is written down for after the call.

For one tenant at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from agent.domain.appointments import Appointment, Hold, MoveRefusal
from agent.domain.identity import is_same_full_name, is_same_name
from agent.domain.left import Left, settled
from agent.domain.notes import Message, Text
from agent.domain.openings import Opening, Window, day_span
from agent.domain.ranking import MAX_OFFERS, Offer
from agent.domain.search import find_openings, search_span
from agent.domain.staffing import StaffWish
from agent.domain.tenant import Tenant
from agent.domain.waitlist import WaitEntry, WaitWish
from agent.scheduling.matching import match_freed
from agent.storage import appointments, changes, cut_off, holds, messages, texts, waitlist
from agent.storage.appointments import Customer
from agent.storage.pool import Pool, tenant_tx
from agent.storage.taking import Wish
from agent.storage.waitlist import NewPlace

HOLD_TTL_S = 300.0


class Desk:
    """What a call may ask of the diary; each method is one transaction.

    Every method raises FleetError when the database fails. A timeout leaves open whether the write happened,
    and asking again settles it: holds are repeatable per call, bookings and changes per intent.
    """

    def __init__(self, pool: Pool, *, budget_s: float = 2.0) -> None:
        """
        Args:
            pool: with the application's role.
            budget_s: seconds for each method.
        """
        self._pool = pool
        self._budget_s = budget_s

    async def find_openings(
        self,
        tenant: Tenant,
        service_id: str,
        window: Window,
        *,
        now: datetime,
        limit: int = MAX_OFFERS,
        ignoring_hold: UUID | None = None,
        ignoring_appointment: UUID | None = None,
        staff: StaffWish | None = None,
    ) -> tuple[Offer, ...]:
        """Look for openings; a pure read, fit for speculation.

        Args:
            service_id: one the tenant no longer offers has no openings.
            now: aware; openings start after it.
            limit: 1 to MAX_OFFERS.
            ignoring_hold: the call's own hold, whose time may be offered to it again.
            ignoring_appointment: one that is to be moved, and may overlap where it is moved to.
            staff: who is wanted; None is whoever is free.
        Returns: best first; may be empty.
        """
        if not tenant.has_service(service_id):
            return ()
        from_at, to_at = search_span(tenant, window, now)
        async with tenant_tx(self._pool, tenant.id, budget_s=self._budget_s) as connection:
            busy = await appointments.busy(
                connection,
                tenant.id,
                [person.id for person in tenant.staff_for(service_id)],
                from_at=from_at,
                to_at=to_at,
                ignoring_hold=ignoring_hold,
                ignoring_appointment=ignoring_appointment,
            )
        return find_openings(tenant, service_id, window, busy, now=now, limit=limit, staff=staff)

    async def hold(
        self,
        tenant: Tenant,
        call_id: UUID,
        opening: Opening,
        service_id: str,
        *,
        replacing: Opening | None = None,
        ttl_s: float = HOLD_TTL_S,
    ) -> Hold | None:
        """Reserve an opening for `ttl_s` seconds; None when taken, be it by another hold of this call.

        Args:
            replacing: of the appointment that is to be moved there, which may overlap it.
        """
        wish = Wish(tenant.id, call_id, service_id, opening, replacing)
        async with tenant_tx(self._pool, tenant.id, budget_s=self._budget_s) as connection:
            return await holds.hold(connection, wish, ttl_s=ttl_s)

    async def confirm(
        self, tenant: Tenant, hold: Hold, *, intent_key: str, service_id: str, name: str, phone: str
    ) -> Appointment | None:
        """Book what a hold reserved, exactly once per intent key.

        Args:
            hold: may have run out; its opening is booked all the same while it is free.
            intent_key: of the caller's wish; a key already booked returns that appointment with `was_known`.
            name: of the customer; `phone`: E.164.
        Returns: None when the hold has run out and somebody else has the opening. A customer who agreed to texts
            before gets a confirmation with it.
        """
        async with tenant_tx(self._pool, tenant.id, budget_s=self._budget_s) as connection:
            booked = await appointments.confirm(
                connection,
                tenant.id,
                hold,
                service_id=service_id,
                intent_key=intent_key,
                customer=Customer(name, phone),
            )
            if booked is None:
                return None
            return replace(booked, is_texted=await texts.confirm_if_agreed(connection, tenant, booked, phone))

    async def find_appointments(
        self, tenant: Tenant, *, phone: str | None, name: str | None, on: date | None, now: datetime
    ) -> tuple[Appointment, ...]:
        """Look for appointments to come; a pure read, fit for speculation.

        Args:
            phone: E.164; with a `name` only those that agree with it.
            name: without a `phone`, the full name of those on the day `on`.
            on: a local date.
        Returns: soonest first; empty also when too little is told to look for any.
        """
        async with tenant_tx(self._pool, tenant.id, budget_s=self._budget_s) as connection:
            if phone is not None:
                found = await changes.upcoming_by_phone(connection, tenant.id, phone, now=now)
                return tuple(known for known, booked in found if name is None or is_same_name(name, booked))
            if name is None or on is None:
                return ()
            from_at, to_at = day_span(on, tenant)
            found = await changes.upcoming_between(connection, tenant.id, max(now, from_at), to_at)
            return tuple(known for known, booked in found if is_same_full_name(name, booked))

    async def move(
        self, tenant: Tenant, appointment: Appointment, hold: Hold, *, change_key: str, booking_key: str
    ) -> Appointment | MoveRefusal:
        """Move an appointment to what a hold reserved, exactly once per `change_key`; the old one stands until then.

        Args:
            booking_key: of the new appointment, as if it had been booked there at once.
        """
        async with tenant_tx(self._pool, tenant.id, budget_s=self._budget_s) as connection:
            moved = await changes.move(
                connection, tenant.id, appointment, hold, change_key=change_key, booking_key=booking_key
            )
            if isinstance(moved, Appointment) and not moved.was_known:
                await match_freed(connection, tenant, appointment.opening)
            return moved

    async def cancel(self, tenant: Tenant, appointment: Appointment, *, change_key: str) -> Appointment | None:
        """Call an appointment off, exactly once per `change_key`; None when somebody else has changed it."""
        async with tenant_tx(self._pool, tenant.id, budget_s=self._budget_s) as connection:
            off = await changes.cancel(connection, tenant.id, appointment, change_key=change_key)
            if off is not None and not off.was_known:
                await match_freed(connection, tenant, appointment.opening)
            return off

    async def release(self, tenant: Tenant, hold_id: UUID) -> bool:
        """Give a hold back; False when it is none any more."""
        async with tenant_tx(self._pool, tenant.id, budget_s=self._budget_s) as connection:
            return await holds.release(connection, tenant.id, hold_id)

    async def wait(
        self, tenant: Tenant, call_id: UUID, wish: WaitWish, *, waiting_key: str, name: str, phone: str
    ) -> UUID:
        """Put a caller on the waiting list, once per key while they wait; the id of their place.

        Args:
            phone: E.164.
        """
        place = NewPlace(call_id, waiting_key, wish, name, phone)
        async with tenant_tx(self._pool, tenant.id, budget_s=self._budget_s) as connection:
            return await waitlist.join(connection, tenant.id, place)

    async def waiting(self, tenant: Tenant, *, now: datetime) -> Sequence[WaitEntry]:
        """Everybody on the list whose window is not past, first come first."""
        async with tenant_tx(self._pool, tenant.id, budget_s=self._budget_s) as connection:
            return await waitlist.entries(connection, tenant.id, now=now)

    async def take_message(
        self, tenant: Tenant, call_id: UUID, message: Message, *, key: str, caller_number: str | None
    ) -> bool:
        """Store a message for the business and the notice of it, once per key; False when it was stored already."""
        async with tenant_tx(self._pool, tenant.id, budget_s=self._budget_s) as connection:
            return await messages.take(connection, tenant.id, call_id, message, key=key, caller_number=caller_number)

    async def send_text(self, tenant: Tenant, call_id: UUID, text: Text) -> bool:
        """Keep the consent and put the text in the outbox, both or neither; False when it is there already."""
        async with tenant_tx(self._pool, tenant.id, budget_s=self._budget_s) as connection:
            return await texts.send_agreed(connection, tenant, call_id, text)

    async def find_left(self, tenant: Tenant, caller_number: str) -> Left | None:
        """What the last call from this number was cut off in, as it stands by now; a pure read.

        Args:
            caller_number: E.164.
        """
        async with tenant_tx(self._pool, tenant.id, budget_s=self._budget_s) as connection:
            left = await cut_off.find(connection, tenant.id, caller_number)
            return None if left is None else settled(left, await cut_off.became(connection, tenant.id, left))

    async def keep_left(self, tenant: Tenant, left: Left) -> None:
        """Remember for a while what a call was cut off in, in place of what its caller left before."""
        async with tenant_tx(self._pool, tenant.id, budget_s=self._budget_s) as connection:
            await cut_off.keep(connection, tenant.id, left)

    async def forget_left(self, tenant: Tenant, caller_number: str) -> bool:
        """The caller has heard it; False when nothing was kept."""
        async with tenant_tx(self._pool, tenant.id, budget_s=self._budget_s) as connection:
            return await cut_off.forget(connection, tenant.id, caller_number)
