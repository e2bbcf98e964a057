"""A tenant: the business whose phone we answer, as its document says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from enum import Enum
from functools import cached_property
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from agent.domain.budgets import Budgets
from agent.domain.holidays import Holiday, holidays_of
from agent.domain.knowledge import Knowledge
from agent.domain.providers import Provider, TenantProviders
from agent.domain.transfers import TransferRule

#: Root of the ids we derive; changing it orphans every stored staff member and tenant.
ID_NAMESPACE = UUID("6f1c0f5e-5b0a-5c1e-9d0b-7f0e5a2c41d7")


def tenant_id(slug: str) -> UUID:
    """The id of a tenant without an explicit one; stable for a slug."""
    return uuid5(ID_NAMESPACE, slug)


def staff_id(tenant_slug: str, staff_slug: str, place: int = 1) -> UUID:
    """The id of a staff member, or of one of its places; stable as long as both slugs are."""
    return uuid5(ID_NAMESPACE, f"{tenant_slug}/{staff_slug}" + (f"/{place}" if place > 1 else ""))


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
        buffer_before_min: minutes the staff member is busy before (driving there, setting up).
    """

    id: str
    name: str
    aliases: tuple[str, ...]
    duration_min: int
    buffer_min: int = 0
    price_cents: int | None = None
    buffer_before_min: int = 0


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


@dataclass(frozen=True, slots=True)
class Staff:
    """Who, or which of several equal places, performs services.

    Attributes:
        services: Service ids.
        hours: own weekly hours, weekday (Monday is 0) to intervals in order; None means the business's.
        time_off: dated exceptions to them.
        aliases: other names callers use, or a recogniser writes.
    """

    id: UUID
    slug: str
    name: str
    services: frozenset[str]
    hours: Mapping[int, tuple[LocalInterval, ...]] | None = None
    time_off: tuple[Closure, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EmergencyPolicy:
    """What this business's trade makes an emergency of, and what it does not; in callers' words.

    Attributes:
        ours: what callers call an emergency and the business comes for; it is booked, not sent to 911.
        danger: what is a danger in this trade beside what is one everywhere.
        gas: what must be answered with "leave the building".
    """

    ours: tuple[str, ...] = ()
    danger: tuple[str, ...] = ()
    gas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageRules:
    """How messages are taken.

    Attributes:
        is_taken: whether callers may leave one.
        asks_urgency: whether a caller who does not say so is asked if it is urgent.
        urgent_words: what makes a message urgent in this trade ("swelling", "no heat"), in small letters.
    """

    is_taken: bool = True
    asks_urgency: bool = True
    urgent_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextRules:
    """What may be texted to a caller who agrees.

    Attributes:
        is_enabled: the business is registered to send texts.
        booking_link: URL at which a caller can book; empty when there is none.
    """

    is_enabled: bool = False
    booking_link: str = ""


@dataclass(frozen=True, slots=True)
class PremiumVoice:
    """A dearer voice, for callers whose lead score has reached `from_score`, 0 to 100."""

    provider: Provider
    from_score: int


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
        max_days_ahead: nothing is booked on a later day than this many after today.
        holidays: kept every year: closed, unless a closure gives hours for the day.
        has_weekday_off: a holiday on a weekend closes the nearest weekday too.
        state: of the USA, two letters; empty when unknown.
        is_recording_by_default: nobody asked for the recording; callers whose law is stricter are not recorded.
        is_private: what an appointment is for is never said to somebody who asks for it, and what is said in a
            call is not kept.
        emergencies: what the trade makes one.
        overflow_number: E.164, told to callers whom nothing else helps; None when there is none.
        knowledge: what is answered beside hours, prices and services.
        providers: who hears, thinks and speaks, where it is not whom the fleet uses.
        budgets: what its calls may cost, where it is not what the fleet's defaults say.
        premium_voice: None when all callers hear the same.
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
    max_days_ahead: int = 180
    holidays: frozenset[Holiday] = frozenset()
    has_weekday_off: bool = False
    state: str = ""
    is_recording_by_default: bool = False
    is_private: bool = False
    emergencies: EmergencyPolicy = EmergencyPolicy()
    messages: MessageRules = MessageRules()
    texts: TextRules = TextRules()
    overflow_number: str | None = None
    knowledge: Knowledge = field(default_factory=Knowledge)
    providers: TenantProviders = field(default_factory=TenantProviders)
    budgets: Budgets = field(default_factory=Budgets)
    premium_voice: PremiumVoice | None = None

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
        """Local opening intervals of a date: a closure goes before a holiday, a holiday before the weekly rule."""
        closure = _on(self.closures, day)
        if closure is not None:
            return closure.hours
        if self.holiday_on(day) is not None:
            return ()
        return self.opening_rules.get(day.weekday(), ())

    def holiday_on(self, day: date) -> Holiday | None:
        """The holiday this business keeps on a date, the weekday off for one included."""
        return holidays_of(day.year, self.holidays, with_weekday_off=self.has_weekday_off).get(day)

    def staff_hours_on(self, person: Staff, day: date) -> tuple[LocalInterval, ...]:
        """When a member of staff can be booked on a date: own hours, as far as the business is open."""
        open_hours = self.hours_on(day)
        away = _on(person.time_off, day)
        if away is not None:
            return _common(open_hours, away.hours)
        if person.hours is None:
            return open_hours
        return _common(open_hours, person.hours.get(day.weekday(), ()))


def _on(closures: Sequence[Closure], day: date) -> Closure | None:
    return next((closure for closure in closures if closure.first_on <= day <= closure.last_on), None)


def _common(some: Sequence[LocalInterval], others: Sequence[LocalInterval]) -> tuple[LocalInterval, ...]:
    """The time two lists of intervals share, in order."""
    shared = (
        LocalInterval(max(one.opens, other.opens), min(one.closes, other.closes))
        for one in some
        for other in others
        if max(one.opens, other.opens) < min(one.closes, other.closes)
    )
    return tuple(sorted(shared, key=lambda interval: interval.opens))
