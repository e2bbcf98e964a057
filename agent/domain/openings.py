"""The calendar's arithmetic: wished windows, opening hours and the grid of starts, across daylight saving.

Rules that keep it right:

- Opening hours are wall-clock; a start is turned into UTC once and durations are added in UTC.
- Wall-clock times skipped in spring are not offered, and hours that begin or end in the gap do so at the jump; the
  repeated hour in autumn is offered once, as its first pass, because "1:30" could not be told apart when read back.
- Busy intervals are half-open: an appointment may start the moment another's buffer ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from agent.domain.busy import Interval
from agent.domain.facts import When
from agent.domain.tenant import LocalInterval, Service, Staff, Tenant

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Window:
    """When an appointment may start, in UTC, both ends included.

    Attributes:
        not_before, not_after: local time of day that each day's start must also keep to ("mornings next
            week"); None when unbounded.
        except_on: local days on which nothing is offered.
    """

    earliest_at: datetime
    latest_at: datetime
    not_before: time | None = None
    not_after: time | None = None
    except_on: tuple[date, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether one particular start is wished."""
        return self.earliest_at == self.latest_at

    def admits(self, start_at: datetime, tenant: Tenant) -> bool:
        """Whether a start meets the wish."""
        if not self.earliest_at <= start_at <= self.latest_at:
            return False
        local = start_at.astimezone(tenant.zone)
        return (
            local.date() not in self.except_on
            and (self.not_before is None or self.not_before <= local.time())
            and (self.not_after is None or local.time() <= self.not_after)
        )


@dataclass(frozen=True, slots=True)
class Opening:
    """A bookable time of one staff member, aware UTC.

    Attributes:
        busy_from, busy_to: what the staff member is occupied for, buffers included; this is the range
            that may not overlap another booking.
    """

    staff_id: UUID
    start_at: datetime
    end_at: datetime
    busy_from: datetime
    busy_to: datetime


def opening_of(service: Service, staff_id: UUID, start_at: datetime) -> Opening:
    """What performing a service from this start on occupies."""
    end_at = start_at + timedelta(minutes=service.duration_min)
    busy_from = start_at - timedelta(minutes=service.buffer_before_min)
    return Opening(staff_id, start_at, end_at, busy_from, end_at + timedelta(minutes=service.buffer_min))


def overlaps(opening: Opening, other: Opening) -> bool:
    """Whether one member of staff cannot serve both."""
    is_beside = opening.busy_to <= other.busy_from or other.busy_to <= opening.busy_from
    return opening.staff_id == other.staff_id and not is_beside


def rest_of(opening: Opening, replacing: Opening | None) -> Opening | None:
    """What an opening occupies beyond the appointment it replaces; None where that covers it, as nobody else can.

    Of an opening that is longer at both ends this is the longer end: the exchange itself refuses what has since been
    taken of the other.
    """
    if replacing is None or not overlaps(opening, replacing):
        return opening
    before = replacing.busy_from - opening.busy_from
    after = opening.busy_to - replacing.busy_to
    if max(before, after) <= timedelta():
        return None
    start, end = (replacing.busy_to, opening.busy_to) if after > before else (opening.busy_from, replacing.busy_from)
    return Opening(opening.staff_id, start, end, start, end)


def utc_or_none(day: date, at: time, tenant: Tenant) -> datetime | None:
    """The UTC instant of a wall-clock time, or None when that time is skipped on that day."""
    local = datetime.combine(day, at, tzinfo=tenant.zone)
    instant = local.astimezone(UTC)
    is_skipped = instant.astimezone(tenant.zone).replace(tzinfo=None) != local.replace(tzinfo=None)
    return None if is_skipped else instant


def window_for(when: When, tenant: Tenant) -> Window | None:
    """The window a spoken wish means; None while its day is unsaid or its time does not exist."""
    if when.first_on is None or when.last_on is None:
        return None
    if when.at is not None and when.first_on == when.last_on:
        instant = utc_or_none(when.first_on, when.at, tenant)
        return None if instant is None else Window(instant, instant)
    not_before = when.at or when.not_before
    not_after = when.at or when.not_after
    earliest_at = _edge(when.first_on, not_before or time(0), tenant)
    latest_at = _edge(when.last_on, not_after or time(23, 59), tenant)
    return Window(earliest_at, latest_at, not_before, not_after, when.except_on)


def day_span(day: date, tenant: Tenant) -> Interval:
    """The UTC instants at which a local day begins and the next one does."""
    return _edge(day, time(0), tenant), _edge(day + timedelta(days=1), time(0), tenant)


def is_within_hours(tenant: Tenant, start_at: datetime, end_at: datetime, person: Staff | None = None) -> bool:
    """Whether an appointment lies inside one opening interval of its local day, and of the person's own hours."""
    day = start_at.astimezone(tenant.zone).date()
    bounds = utc_hours(tenant, day, person)
    return any(opens <= start_at and end_at <= closes for opens, closes in bounds)


def utc_hours(tenant: Tenant, day: date, person: Staff | None = None) -> tuple[Interval, ...]:
    """When the business, or a member of its staff, can be booked on a local day."""
    hours = tenant.hours_on(day) if person is None else tenant.staff_hours_on(person, day)
    bounds = ((_edge(day, each.opens, tenant), _edge(day, each.closes, tenant)) for each in hours)
    return tuple((opens, closes) for opens, closes in bounds if opens < closes)


def starts_on(tenant: Tenant, service: Service, day: date) -> Iterator[datetime]:
    """Grid starts of a day whose whole appointment fits the business's hours."""
    duration = timedelta(minutes=service.duration_min)
    bounds = utc_hours(tenant, day)
    for interval in tenant.hours_on(day):
        for at in _grid(interval, tenant.start_every_min):
            start = utc_or_none(day, at, tenant)
            if start is not None and any(o <= start and start + duration <= c for o, c in bounds):
                yield start


def _grid(interval: LocalInterval, step_min: int) -> Iterator[time]:
    first = interval.opens.hour * 60 + interval.opens.minute
    last = interval.closes.hour * 60 + interval.closes.minute
    return (time(minute // 60, minute % 60) for minute in range(first, last, step_min))


def _edge(day: date, at: time, tenant: Tenant) -> datetime:
    """The first instant at which that day's wall clock shows this time, or is past it."""
    instant = utc_or_none(day, at, tenant)
    if instant is not None:
        return instant
    # Of a skipped time the two folds lie on either side of the jump.
    early, late = (datetime.combine(day, at.replace(fold=fold), tzinfo=tenant.zone).astimezone(UTC) for fold in (1, 0))
    before = early.astimezone(tenant.zone).utcoffset()
    while late - early > _MINUTE:
        middle = early + (late - early) // 2 // _MINUTE * _MINUTE
        early, late = (middle, late) if middle.astimezone(tenant.zone).utcoffset() == before else (early, middle)
    return late
