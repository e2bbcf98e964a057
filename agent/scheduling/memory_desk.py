"""The appointment desk in memory: for text calls that are to leave nothing behind.

Answers as `agent.scheduling.desk.Desk` does over PostgreSQL, to the same rules: no overlap, holds that run
out and give way, one booking per intent, one tenant's entries never another's. A test runs both side by side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID, uuid4

from agent.domain.errors import FleetError
from agent.domain.events import Appointment, Hold
from agent.domain.openings import MAX_OFFERS, Interval, Opening, Window, find_openings
from agent.domain.tenant import Tenant
from agent.scheduling.desk import HOLD_TTL_S


class Status(Enum):
    """What became of an entry; the values are those of the appointments table."""

    HELD = "held"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the book.

    Attributes:
        expires_at: of a hold; kept until something else wants its time. None once confirmed.
        intent_key, name, phone: of the booking; None while it is a hold.
    """

    id: UUID
    tenant_id: UUID
    call_id: UUID | None
    service_id: str
    opening: Opening
    status: Status
    expires_at: datetime | None = None
    intent_key: str | None = None
    name: str | None = None
    phone: str | None = None


class MemoryDesk:
    """Openings, holds and bookings of any number of tenants; every method is atomic.

    Args:
        clock: now, aware; decides which holds have run out.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._entries: dict[UUID, Entry] = {}

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything ever written, in order of its making."""
        return tuple(self._entries.values())

    @property
    def holds(self) -> tuple[Entry, ...]:
        """Holds not given back, also those that have run out and were not replaced."""
        return tuple(entry for entry in self.entries if entry.status is Status.HELD)

    @property
    def bookings(self) -> tuple[Entry, ...]:
        """What is booked."""
        return tuple(entry for entry in self.entries if entry.status is Status.CONFIRMED)

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
        """Look for openings; arguments and result as `Desk.find_openings`."""
        if not tenant.has_service(service_id):
            return ()
        busy: dict[UUID, list[Interval]] = {}
        for entry in self._entries.values():
            is_own = entry.status is Status.HELD and entry.id == ignoring_hold
            if entry.tenant_id == tenant.id and self._is_living(entry) and not is_own:
                interval = (entry.opening.busy_from, entry.opening.busy_to)
                busy.setdefault(entry.opening.staff_id, []).append(interval)
        return find_openings(tenant, service_id, window, busy, now=now, limit=limit)

    async def hold(
        self, tenant: Tenant, call_id: UUID, opening: Opening, service_id: str, *, ttl_s: float = HOLD_TTL_S
    ) -> Hold | None:
        """Reserve an opening for `ttl_s` seconds; None when taken, be it by another hold of this call."""
        expires_at = self._clock() + timedelta(seconds=ttl_s)
        for entry in self.holds:
            if (entry.tenant_id, entry.call_id) == (tenant.id, call_id) and _is_same_time(entry.opening, opening):
                self._put(replace(entry, service_id=service_id, expires_at=expires_at))
                return Hold(entry.id, opening, expires_at)
        wanted = Entry(uuid4(), tenant.id, call_id, service_id, opening, Status.HELD, expires_at)
        return Hold(wanted.id, opening, expires_at) if self._insert(tenant, wanted) else None

    async def confirm(
        self, tenant: Tenant, hold: Hold, *, intent_key: str, service_id: str, name: str, phone: str
    ) -> Appointment | None:
        """Book what a hold reserved, exactly once per intent key; arguments and result as `Desk.confirm`."""
        for known in self.bookings:
            if (known.tenant_id, known.intent_key) == (tenant.id, intent_key):
                if known.id != hold.id:
                    await self.release(tenant, hold.id)
                return Appointment(known.id, known.service_id, known.opening, was_known=True)
        return self._book_held(tenant, hold, service_id=service_id, intent_key=intent_key, name=name, phone=phone)

    async def release(self, tenant: Tenant, hold_id: UUID) -> bool:
        """Give a hold back; False when it is none any more."""
        entry = self._entries.get(hold_id)
        if entry is None or entry.tenant_id != tenant.id or entry.status is not Status.HELD:
            return False
        self._put(replace(entry, status=Status.CANCELLED))
        return True

    def _book_held(
        self, tenant: Tenant, hold: Hold, *, service_id: str, intent_key: str, name: str, phone: str
    ) -> Appointment | None:
        """Book under a key that no other booking has; None when somebody else has the opening."""
        entry = self._entries.get(hold.id)
        entry = entry if entry is not None and entry.tenant_id == tenant.id else None
        call_id = entry.call_id if entry is not None else None
        booked = Entry(
            hold.id, tenant.id, call_id, service_id, hold.opening, Status.CONFIRMED,
            intent_key=intent_key, name=name, phone=phone,
        )  # fmt: skip
        if entry is not None and entry.status is Status.HELD and _is_same_time(entry.opening, hold.opening):
            self._put(booked)
        else:  # the hold has run out and was cleared away
            booked = replace(booked, id=uuid4())
            if not self._insert(tenant, booked):
                return None
        return Appointment(booked.id, service_id, hold.opening)

    def _put(self, entry: Entry) -> None:
        self._entries[entry.id] = entry

    def _insert(self, tenant: Tenant, wanted: Entry) -> bool:
        """Insert unless something overlaps; what overlaps but is past its time gives way.

        Raises: FleetError: the opening is of nobody who works for this tenant.
        """
        for entry in self._overlapping(wanted):
            if entry.tenant_id == tenant.id and not self._is_living(entry):
                self._put(replace(entry, status=Status.EXPIRED))
        if self._overlapping(wanted):
            return False
        if all(person.id != wanted.opening.staff_id for person in tenant.staff):
            raise FleetError(f"memory: {wanted.opening.staff_id} is not on the staff of {tenant.slug}")
        self._put(wanted)
        return True

    def _is_living(self, entry: Entry) -> bool:
        if entry.status is Status.HELD:
            return entry.expires_at is not None and entry.expires_at > self._clock()
        return entry.status is Status.CONFIRMED

    def _overlapping(self, wanted: Entry) -> list[Entry]:
        """What occupies the same person at that time, run-out holds included; intervals are half-open."""
        return [
            entry
            for entry in self._entries.values()
            if entry.status in (Status.HELD, Status.CONFIRMED)
            and entry.opening.staff_id == wanted.opening.staff_id
            and entry.opening.busy_from < wanted.opening.busy_to
            and wanted.opening.busy_from < entry.opening.busy_to
        ]


def _is_same_time(one: Opening, other: Opening) -> bool:
    return (one.staff_id, one.busy_from, one.busy_to) == (other.staff_id, other.busy_from, other.busy_to)
