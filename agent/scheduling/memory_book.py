"""The appointment book in memory: entries, and what may stand beside what.

Keeps to the rules that the appointments table enforces: nobody is occupied twice at a time, a hold past its time
gives way to whoever wants its opening, and nobody books the staff of another tenant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from uuid import UUID, uuid4

from agent.domain.appointments import Appointment, Hold
from agent.domain.errors import FleetError
from agent.domain.openings import Opening
from agent.domain.tenant import Tenant


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
        change_key: of what called the booking off or moved it; `moved_to` is where it went.
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
    change_key: str | None = None
    moved_to: UUID | None = None

    def appointment(self, *, was_known: bool = False) -> Appointment:
        """This entry, which is or was a booking, as an appointment."""
        return Appointment(self.id, self.service_id, self.opening, was_known)


class MemoryBook:
    """Entries of any number of tenants.

    Args:
        clock: now, aware; decides which holds have run out.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._entries: dict[UUID, Entry] = {}

    def entries(self, tenant: Tenant | None = None, status: Status | None = None) -> tuple[Entry, ...]:
        """Everything ever written, or only a tenant's, or only what has this status; in order of its making."""
        return tuple(
            entry
            for entry in self._entries.values()
            if (tenant is None or entry.tenant_id == tenant.id) and (status is None or entry.status is status)
        )

    def entry(self, tenant: Tenant, entry_id: UUID, status: Status | None = None) -> Entry | None:
        """A tenant's entry, if it has this status; None when there is none."""
        entry = self._entries.get(entry_id)
        is_it = entry is not None and entry.tenant_id == tenant.id and status in (None, entry.status)
        return entry if is_it else None

    def put(self, entry: Entry) -> None:
        """Write an entry in place of the one with its id."""
        self._entries[entry.id] = entry

    def insert(self, tenant: Tenant, wanted: Entry) -> bool:
        """Insert unless something overlaps; what overlaps but is past its time gives way.

        Raises: FleetError: the opening is of nobody who works for this tenant, or takes no time.
        """
        if wanted.opening.start_at >= wanted.opening.end_at:
            raise FleetError(f"memory: {wanted.opening} takes no time")
        for entry in self._overlapping(wanted):
            if entry.tenant_id == tenant.id and not self.is_living(entry):
                self.put(replace(entry, status=Status.EXPIRED))
        if self._overlapping(wanted):
            return False
        if all(person.id != wanted.opening.staff_id for person in tenant.staff):
            raise FleetError(f"memory: {wanted.opening.staff_id} is not on the staff of {tenant.slug}")
        self.put(wanted)
        return True

    def book_held(
        self,
        tenant: Tenant,
        hold: Hold,
        *,
        service_id: str,
        intent_key: str,
        name: str,
        phone: str,
        replacing: Entry | None = None,
    ) -> Appointment | None:
        """Book under a key that no other booking has; None when somebody else has the opening.

        Args:
            replacing: a booking that overlaps the opening, and is called off for it unless somebody else has it.
        """
        entry = self.entry(tenant, hold.id)
        call_id = entry.call_id if entry is not None else None
        booked = Entry(
            hold.id, tenant.id, call_id, service_id, hold.opening, Status.CONFIRMED,
            intent_key=intent_key, name=name, phone=phone,
        )  # fmt: skip
        is_held = entry is not None and entry.status is Status.HELD
        if replacing is not None:
            booked = replace(booked, id=uuid4())
            given_up = (replacing, entry) if entry is not None and is_held else (replacing,)
            if not self._exchange(tenant, given_up, booked):
                return None
        elif entry is not None and is_held and is_same_time(entry.opening, hold.opening):
            self.put(booked)
        else:  # the hold has run out and was cleared away
            booked = replace(booked, id=uuid4())
            if not self.insert(tenant, booked):
                return None
        return Appointment(booked.id, service_id, hold.opening)

    def _exchange(self, tenant: Tenant, given_up: tuple[Entry, ...], booked: Entry) -> bool:
        """Cancel entries and book what they stood in the way of; when that is somebody else's, all stays as it was."""
        before = dict(self._entries)
        for entry in given_up:
            self.put(replace(entry, status=Status.CANCELLED))
        is_booked = self.insert(tenant, booked)
        if not is_booked:
            self._entries = before
        return is_booked

    def is_living(self, entry: Entry) -> bool:
        """Whether it occupies anybody: booked, or held and not past its time."""
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


def is_same_time(one: Opening, other: Opening) -> bool:
    """Whether both occupy the same person for the same time."""
    return (one.staff_id, one.busy_from, one.busy_to) == (other.staff_id, other.busy_from, other.busy_to)
