"""The appointment desk in memory: for text calls that are to leave nothing behind.

Answers as `agent.scheduling.desk.Desk` does over PostgreSQL; a test asks the two side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from agent.domain.appointments import Appointment, Hold, MoveRefusal
from agent.domain.busy import Interval
from agent.domain.identity import is_same_full_name, is_same_name
from agent.domain.left import Left, settled
from agent.domain.notes import Message, Text, TextKind
from agent.domain.openings import Opening, Window, day_span, overlaps, rest_of
from agent.domain.ranking import MAX_OFFERS, Offer
from agent.domain.search import find_openings
from agent.domain.staffing import StaffWish
from agent.domain.tenant import Tenant
from agent.domain.waitlist import WaitEntry, WaitWish
from agent.scheduling.desk import HOLD_TTL_S
from agent.scheduling.memory_book import Entry, MemoryBook, Status, is_same_time
from agent.scheduling.memory_cut_off import MemoryCutOff
from agent.scheduling.memory_notes import MemoryNotes
from agent.scheduling.memory_waitlist import MemoryWaitlist


class MemoryDesk:
    """What a call may ask of the diary; each method is atomic, and one desk serves any number of calls and tenants.

    Arguments, results and errors of the methods are those of `Desk`.

    Args:
        clock: now, aware; decides which holds have run out.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._book = MemoryBook(clock)
        self._waitlist = MemoryWaitlist(clock)
        self.notes = MemoryNotes(clock)
        self._cut_off = MemoryCutOff(clock, self._book)

    @property
    def holds(self) -> tuple[Entry, ...]:
        """Holds not given back, also those that have run out and were not replaced."""
        return self._book.entries(status=Status.HELD)

    @property
    def bookings(self) -> tuple[Entry, ...]:
        """What is booked."""
        return self._book.entries(status=Status.CONFIRMED)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything ever written, in order of its making."""
        return self._book.entries()

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
        """Look for openings."""
        if not tenant.has_service(service_id):
            return ()
        busy = self._busy(tenant, ignoring_hold, ignoring_appointment)
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
        """Reserve an opening for `ttl_s` seconds; None when taken, be it by another hold of this call."""
        expires_at = self._clock() + timedelta(seconds=ttl_s)
        rest = rest_of(opening, replacing)
        if rest is None:
            return Hold(uuid4(), opening, expires_at)
        for entry in self._book.entries(tenant, Status.HELD):
            if entry.call_id == call_id and is_same_time(entry.opening, rest):
                self._book.put(replace(entry, service_id=service_id, expires_at=expires_at))
                return Hold(entry.id, opening, expires_at)
        wanted = Entry(uuid4(), tenant.id, call_id, service_id, rest, Status.HELD, expires_at)
        return Hold(wanted.id, opening, expires_at) if self._book.insert(tenant, wanted) else None

    async def confirm(
        self, tenant: Tenant, hold: Hold, *, intent_key: str, service_id: str, name: str, phone: str
    ) -> Appointment | None:
        """Book what a hold reserved, exactly once per intent key."""
        known = self._booked_under(tenant, intent_key)
        if known is not None:
            if known.id != hold.id:
                await self.release(tenant, hold.id)
            booked: Appointment | None = known.appointment(was_known=True)
        else:
            booked = self._book.book_held(
                tenant, hold, service_id=service_id, intent_key=intent_key, name=name, phone=phone
            )
        if booked is None or not self.notes.has_agreed(tenant, phone):
            return booked
        text = Text(TextKind.CONFIRMATION, phone, "", "", booked)
        self.notes.send(tenant, hold.id, text)
        return replace(booked, is_texted=True)

    async def release(self, tenant: Tenant, hold_id: UUID) -> bool:
        """Give a hold back; False when it is none any more."""
        held = self._book.entry(tenant, hold_id, Status.HELD)
        if held is not None:
            self._book.put(replace(held, status=Status.CANCELLED))
        return held is not None

    async def find_appointments(
        self, tenant: Tenant, *, phone: str | None, name: str | None, on: date | None, now: datetime
    ) -> tuple[Appointment, ...]:
        """Look for appointments to come."""
        if phone is None and (name is None or on is None):
            return ()
        from_at, to_at = (now, None) if phone is not None or on is None else day_span(on, tenant)
        found = [
            entry
            for entry in self._book.entries(tenant, Status.CONFIRMED)
            if _is_meant(entry, phone, name)
            and (entry.opening.start_at > now if to_at is None else max(now, from_at) <= entry.opening.start_at < to_at)
        ]
        found.sort(key=lambda entry: (entry.opening.start_at, entry.id))
        return tuple(entry.appointment() for entry in found)

    async def move(
        self, tenant: Tenant, appointment: Appointment, hold: Hold, *, change_key: str, booking_key: str
    ) -> Appointment | MoveRefusal:
        """Move an appointment to what a hold reserved, exactly once per `change_key`."""
        old = self._book.entry(tenant, appointment.id)
        if old is None or old.status is not Status.CONFIRMED:
            moved_to = old.moved_to if old is not None and old.change_key == change_key else None
            made = self._book.entry(tenant, moved_to, Status.CONFIRMED) if moved_to is not None else None
            return MoveRefusal.APPOINTMENT_GONE if made is None else made.appointment(was_known=True)
        new = self._book.book_held(
            tenant, hold, service_id=old.service_id, name=old.name or "", phone=old.phone or "",
            intent_key=change_key if self._booked_under(tenant, booking_key) else booking_key,
            replacing=old if overlaps(old.opening, hold.opening) else None,
        )  # fmt: skip
        if new is None:
            return MoveRefusal.OPENING_TAKEN
        self._book.put(replace(old, status=Status.CANCELLED, change_key=change_key, moved_to=new.id))
        self._match_freed(tenant, old.opening)
        return new

    async def cancel(self, tenant: Tenant, appointment: Appointment, *, change_key: str) -> Appointment | None:
        """Call an appointment off, exactly once per `change_key`; None when somebody else has changed it."""
        entry = self._book.entry(tenant, appointment.id)
        if entry is not None and entry.status is Status.CONFIRMED:
            self._book.put(replace(entry, status=Status.CANCELLED, change_key=change_key))
            self._match_freed(tenant, entry.opening)
            return appointment
        is_ours = entry is not None and entry.change_key == change_key
        return replace(appointment, was_known=True) if is_ours else None

    async def wait(
        self, tenant: Tenant, call_id: UUID, wish: WaitWish, *, waiting_key: str, name: str, phone: str
    ) -> UUID:
        """Put a caller on the waiting list, once per key while they wait."""
        return self._waitlist.join(tenant, wish, waiting_key=waiting_key, name=name, phone=phone)

    async def waiting(self, tenant: Tenant, *, now: datetime) -> Sequence[WaitEntry]:
        """Everybody on the list whose window is not past, first come first."""
        return self._waitlist.entries(tenant, now=now)

    def _match_freed(self, tenant: Tenant, freed: Opening) -> None:
        self._waitlist.match_freed(tenant, freed, self._busy(tenant).get(freed.staff_id, ()))

    def _busy(
        self, tenant: Tenant, ignoring_hold: UUID | None = None, ignoring_appointment: UUID | None = None
    ) -> dict[UUID, list[Interval]]:
        """What staff are occupied for, buffers included, by staff id."""
        busy: dict[UUID, list[Interval]] = {}
        for entry in self._book.entries(tenant):
            is_own = entry.id == (ignoring_hold if entry.status is Status.HELD else ignoring_appointment)
            if self._book.is_living(entry) and not is_own:
                interval = (entry.opening.busy_from, entry.opening.busy_to)
                busy.setdefault(entry.opening.staff_id, []).append(interval)
        return busy

    async def take_message(
        self, tenant: Tenant, call_id: UUID, message: Message, *, key: str, caller_number: str | None
    ) -> bool:
        """Store a message for the business, once per key; False when it was stored already."""
        return self.notes.take(tenant, call_id, message, key, caller_number)

    async def send_text(self, tenant: Tenant, call_id: UUID, text: Text) -> bool:
        """Keep the consent and the text; False when it is there already."""
        return self.notes.send(tenant, call_id, text)

    async def find_left(self, tenant: Tenant, caller_number: str) -> Left | None:
        """What the last call from this number was cut off in, as it stands by now."""
        left = self._cut_off.find(tenant, caller_number)
        return None if left is None else settled(left, self._cut_off.became(tenant, left))

    async def keep_left(self, tenant: Tenant, left: Left) -> None:
        """Remember for a while what a call was cut off in."""
        self._cut_off.keep(tenant, left)

    async def forget_left(self, tenant: Tenant, caller_number: str) -> bool:
        """The caller has heard it; False when nothing was kept."""
        return self._cut_off.forget(tenant, caller_number)

    def _booked_under(self, tenant: Tenant, intent_key: str) -> Entry | None:
        bookings = self._book.entries(tenant, Status.CONFIRMED)
        return next((entry for entry in bookings if entry.intent_key == intent_key), None)


def _is_meant(entry: Entry, phone: str | None, name: str | None) -> bool:
    """Whether a booking agrees with what a caller told of it: number and name, or the full name alone."""
    booked = entry.name or ""
    if phone is None:
        return name is not None and is_same_full_name(name, booked)
    return entry.phone == phone and (name is None or is_same_name(name, booked))
