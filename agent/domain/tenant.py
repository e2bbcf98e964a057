"""A tenant: the business whose phone we answer, as its document says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import Enum
from functools import cached_property
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from agent.domain.transfers import TransferRule

#: Root of the ids we derive; changing it orphans every stored staff member and tenant.
ID_NAMESPACE = UUID("6f1c0f5e-5b0a-5c1e-9d0b-7f0e5a2c41d7")


def tenant_id(slug: str) -> UUID:
    """The id of a tenant without an explicit one; stable for a slug."""
    return uuid5(ID_NAMESPACE, slug)


def staff_id(tenant_slug: str, staff_slug: str) -> UUID:
    """The id of a staff member; stable as long as both slugs are."""
    return uuid5(ID_NAMESPACE, f"{tenant_slug}/{staff_slug}")


class Recording(Enum):
    """Whether calls are recorded. There is no silent recording: it is off, or announced first."""

    OFF = "off"
    ANNOUNCE = "announce"


@dataclass(frozen=True, slots=True)
class Service:
    """Something a caller can book.

    Attributes:
        duration_min: minutes the customer is there.
        buffer_min: minutes the staff member stays busy afterwards (cleaning up, notes).
        price_cents: None when the business does not quote it.
    """

    id: str
    name: str
    aliases: tuple[str, ...]
    duration_min: int
    buffer_min: int = 0
    price_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Staff:
    """Who performs services; `services` holds Service ids."""

    id: UUID
    slug: str
    name: str
    services: frozenset[str]


@dataclass(frozen=True, slots=True)
class LocalInterval:
    """Open from `opens` up to `closes`, wall-clock time in the tenant's zone; `opens < closes`."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Closure:
    """Dated days, both ends included, on which the weekly opening rules do not hold.

    Attributes:
        hours: what holds instead; empty means closed all day.
    """

    first_on: date
    last_on: date
    reason: str
    hours: tuple[LocalInterval, ...] = ()


@dataclass(frozen=True)
class Tenant:
    """One business: identity, words, services, staff and hours.

    Attributes:
        timezone: IANA name, e.g. "America/New_York".
        language: key of the prompt file, e.g. "en".
        ai_disclosure: spoken after the greeting; empty when the greeting already says it.
        recording_text: spoken before anything is captured; empty unless recording is announced.
        opening_rules: weekday (Monday is 0) to that day's intervals, in order; a missing day is closed.
        numbers: called numbers of this tenant, E.164.
        area_code: completes a seven-digit number a caller says.
        start_every_min: openings start on this grid, counted from each interval's opening.
        notice_min: nothing starts sooner than this after now.
        seat_cap: most simultaneous calls; None means the fleet's limit only.
        transfer: whom callers may be put through to; None when nobody takes calls.
    """

    id: UUID
    slug: str
    name: str
    timezone: str
    language: str
    greeting: str
    ai_disclosure: str
    recording: Recording
    recording_text: str
    services: tuple[Service, ...]
    staff: tuple[Staff, ...]
    opening_rules: Mapping[int, tuple[LocalInterval, ...]]
    closures: tuple[Closure, ...]
    numbers: tuple[str, ...]
    area_code: str
    start_every_min: int = 15
    notice_min: int = 30
    seat_cap: int | None = None
    transfer: TransferRule | None = None

    @cached_property
    def zone(self) -> ZoneInfo:
        """The tenant's time zone."""
        return ZoneInfo(self.timezone)

    def service(self, service_id: str) -> Service:
        """The service with this id. Raises KeyError when the document has none."""
        for service in self.services:
            if service.id == service_id:
                return service
        raise KeyError(service_id)

    def has_service(self, service_id: str) -> bool:
        """Whether this id is still offered (a stored state may name one since removed)."""
        return any(service.id == service_id for service in self.services)

    def staff_for(self, service_id: str) -> tuple[Staff, ...]:
        """Who performs a service, in the document's order (which is the order of preference)."""
        return tuple(person for person in self.staff if service_id in person.services)

    def hours_on(self, day: date) -> tuple[LocalInterval, ...]:
        """Local opening intervals of a date; a closure overrides the weekly rule."""
        for closure in self.closures:
            if closure.first_on <= day <= closure.last_on:
                return closure.hours
        return self.opening_rules.get(day.weekday(), ())
