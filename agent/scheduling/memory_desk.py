"""The appointment desk in memory: for text calls that are to leave nothing behind.

Answers as `agent.scheduling.desk.Desk` does over PostgreSQL; a test asks the two side by side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from agent.domain.events import Appointment, Hold
from agent.domain.openings import MAX_OFFERS, Interval, Opening, Window, find_openings
from agent.domain.tenant import Tenant
from agent.scheduling.desk import HOLD_TTL_S
from agent.scheduling.memory_book import Entry, MemoryBook, Status, is_same_time


class MemoryDesk:
    """What a call may ask of the diary; each method is atomic, and one desk serves any number of calls and tenants.

    Arguments, results and errors of the methods are those of `Desk`.

    Args:
        clock: now, aware; decides which holds have run out.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._book = MemoryBook(clock)

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
    ) -> tuple[Opening, ...]:
        """Look for openings."""
        if not tenant.has_service(service_id):
            return ()
        busy: dict[UUID, list[Interval]] = {}
        for entry in self._book.entries(tenant):
            is_own = entry.status is Status.HELD and entry.id == ignoring_hold
            if self._book.is_living(entry) and not is_own:
                interval = (entry.opening.busy_from, entry.opening.busy_to)
                busy.setdefault(entry.opening.staff_id, []).append(interval)
        return find_openings(tenant, service_id, window, busy, now=now, limit=limit)

    async def hold(
        self, tenant: Tenant, call_id: UUID, opening: Opening, service_id: str, *, ttl_s: float = HOLD_TTL_S
    ) -> Hold | None:
        """Reserve an opening for `ttl_s` seconds; None when taken, be it by another hold of this call."""
        expires_at = self._clock() + timedelta(seconds=ttl_s)
        for entry in self._book.entries(tenant, Status.HELD):
            if entry.call_id == call_id and is_same_time(entry.opening, opening):
                self._book.put(replace(entry, service_id=service_id, expires_at=expires_at))
                return Hold(entry.id, opening, expires_at)
        wanted = Entry(uuid4(), tenant.id, call_id, service_id, opening, Status.HELD, expires_at)
        return Hold(wanted.id, opening, expires_at) if self._book.insert(tenant, wanted) else None

    async def confirm(
        self, tenant: Tenant, hold: Hold, *, intent_key: str, service_id: str, name: str, phone: str
    ) -> Appointment | None:
        """Book what a hold reserved, exactly once per intent key."""
        for known in self._book.entries(tenant, Status.CONFIRMED):
            if known.intent_key == intent_key:
                if known.id != hold.id:
                    await self.release(tenant, hold.id)
                return Appointment(known.id, known.service_id, known.opening, was_known=True)
        return self._book.book_held(tenant, hold, service_id=service_id, intent_key=intent_key, name=name, phone=phone)

    async def release(self, tenant: Tenant, hold_id: UUID) -> bool:
        """Give a hold back; False when it is none any more."""
        held = self._book.entry(tenant, hold_id, Status.HELD)
        if held is not None:
            self._book.put(replace(held, status=Status.CANCELLED))
        return held is not None
