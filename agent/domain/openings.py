"""Which times can be booked: opening hours, closures, durations, buffers, staff and daylight saving.

Rules that keep the arithmetic right:

- Opening hours are wall-clock; a start is turned into UTC once and durations are added in UTC.
- Wall-clock times skipped in spring are not offered; the repeated hour in autumn is offered once, as
  its first pass, because "1:30" could not be told apart when read back.
- Busy intervals are half-open: an appointment may start the moment another's buffer ends.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from agent.domain.facts import When
from agent.domain.tenant import LocalInterval, Service, Tenant

#: Beyond the wished days, look this many days to either side for the next best.
SEARCH_MARGIN_DAYS = 14
#: Nothing is booked further ahead than this.
MAX_AHEAD_DAYS = 180
#: Two offers closer than this are no choice.
OFFER_SPACING_MIN = 60
#: Most openings a caller is ever offered at once.
MAX_OFFERS = 3

Interval = tuple[datetime, datetime]


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
    start = datetime.combine(when.first_on, not_before or time(0), tzinfo=tenant.zone)
    end = datetime.combine(when.last_on, not_after or time(23, 59), tzinfo=tenant.zone)
    return Window(start.astimezone(UTC), end.astimezone(UTC), not_before, not_after, when.except_on)


def day_span(day: date, tenant: Tenant) -> Interval:
    """The UTC instants at which a local day begins and the next one does."""
    return _edge(day, time(0), tenant), _edge(day + timedelta(days=1), time(0), tenant)


def search_span(tenant: Tenant, window: Window, now: datetime) -> Interval:
    """The UTC span whose busy times `find_openings` must be given; empty (equal ends) when it is past."""
    margin = timedelta(days=SEARCH_MARGIN_DAYS + 1)
    start = max(now.astimezone(UTC), window.earliest_at - margin)
    end = min(window.latest_at + margin, now.astimezone(UTC) + timedelta(days=MAX_AHEAD_DAYS + 1))
    return (start, max(start, end))


def find_openings(
    tenant: Tenant,
    service_id: str,
    window: Window,
    busy: Mapping[UUID, Sequence[Interval]],
    *,
    now: datetime,
    limit: int = MAX_OFFERS,
) -> tuple[Opening, ...]:
    """The best openings for a wish, best first.

    An exact wish that is free comes back alone. Otherwise openings inside the window come first, then
    the nearest ones outside it, spaced so that they are a real choice.

    Args:
        busy: per staff id, UTC half-open intervals within `search_span`, in any order, overlaps allowed.
        now: aware; nothing starts before now plus the tenant's notice.
        limit: 1 to MAX_OFFERS.
    """
    service = tenant.service(service_id)
    free = {person.id: _BusyTimes(busy.get(person.id, ())) for person in tenant.staff_for(service_id)}
    soonest = now.astimezone(UTC) + timedelta(minutes=tenant.notice_min)
    found: list[Opening] = []
    for day in _days_nearest_first(tenant, window, now):
        starts = _starts_on(tenant, service, day)
        ranked = sorted((s for s in starts if s >= soonest), key=lambda s: _distance(s, window, tenant))
        for start in ranked:
            if any(abs(start - other.start_at) < timedelta(minutes=OFFER_SPACING_MIN) for other in found):
                continue
            opening = _free_opening(start, service, free)
            if opening is None:
                continue
            if window.is_exact and opening.start_at == window.earliest_at:
                return (opening,)
            found.append(opening)
            if len(found) == min(limit, MAX_OFFERS):
                return tuple(found)
    return tuple(found)


def is_within_hours(tenant: Tenant, start_at: datetime, end_at: datetime) -> bool:
    """Whether an appointment lies inside one opening interval of its local day."""
    day = start_at.astimezone(tenant.zone).date()
    return any(opens <= start_at and end_at <= closes for opens, closes in _utc_hours(tenant, day))


class _BusyTimes:
    """Merged busy intervals of one person, for fast overlap checks."""

    def __init__(self, intervals: Sequence[Interval]) -> None:
        merged: list[Interval] = []
        for start, end in sorted(i for i in intervals if i[0] < i[1]):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], end))
            else:
                merged.append((start, end))
        self._intervals = merged
        self._ends = [end for _, end in merged]

    def is_free(self, start: datetime, end: datetime) -> bool:
        """Whether nothing overlaps the half-open interval."""
        index = bisect_left(self._ends, start)
        while index < len(self._intervals) and self._intervals[index][0] < end:
            if self._intervals[index][1] > start:
                return False
            index += 1
        return True


def _free_opening(start: datetime, service: Service, free: Mapping[UUID, _BusyTimes]) -> Opening | None:
    end = start + timedelta(minutes=service.duration_min)
    busy_to = end + timedelta(minutes=service.buffer_min)
    for person_id, times in free.items():
        if times.is_free(start, busy_to):
            return Opening(person_id, start, end, start, busy_to)
    return None


def _days_nearest_first(tenant: Tenant, window: Window, now: datetime) -> Iterator[date]:
    """The window's days in order, then days after and before it, nearest first and later ones preferred."""
    today = now.astimezone(tenant.zone).date()
    first = window.earliest_at.astimezone(tenant.zone).date()
    last = window.latest_at.astimezone(tenant.zone).date()
    horizon = today + timedelta(days=MAX_AHEAD_DAYS)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    for margin in range(1, SEARCH_MARGIN_DAYS + 1):
        days += [last + timedelta(days=margin), first - timedelta(days=margin)]
    return (day for day in days if today <= day <= horizon and day not in window.except_on)


def _distance(start: datetime, window: Window, tenant: Tenant) -> tuple[bool, timedelta, datetime]:
    """Rank of a start within its day: inside the wish first, then by how far from the wished hours."""
    if window.is_exact:
        wished = window.earliest_at.astimezone(tenant.zone).time()
        off = _wall_distance(start, wished, wished, tenant)
    else:
        off = _wall_distance(start, window.not_before or time(0), window.not_after or time(23, 59), tenant)
    return (off > timedelta(0), off, start)


def _wall_distance(start: datetime, earliest: time, latest: time, tenant: Tenant) -> timedelta:
    """How far a start's local time of day lies outside the bounds."""
    at = start.astimezone(tenant.zone).time()
    minutes = at.hour * 60 + at.minute
    low, high = earliest.hour * 60 + earliest.minute, latest.hour * 60 + latest.minute
    return timedelta(minutes=max(0, low - minutes, minutes - high))


def _utc_hours(tenant: Tenant, day: date) -> Iterator[Interval]:
    for interval in tenant.hours_on(day):
        opens, closes = _edge(day, interval.opens, tenant), _edge(day, interval.closes, tenant)
        if opens < closes:
            yield (opens, closes)


def _edge(day: date, at: time, tenant: Tenant) -> datetime:
    return datetime.combine(day, at, tzinfo=tenant.zone).astimezone(UTC)


def _starts_on(tenant: Tenant, service: Service, day: date) -> Iterator[datetime]:
    """Grid starts of a day whose whole appointment fits the opening interval."""
    duration = timedelta(minutes=service.duration_min)
    bounds = list(_utc_hours(tenant, day))
    for interval in tenant.hours_on(day):
        for at in _grid(interval, tenant.start_every_min):
            start = utc_or_none(day, at, tenant)
            if start is not None and any(o <= start and start + duration <= c for o, c in bounds):
                yield start


def _grid(interval: LocalInterval, step_min: int) -> Iterator[time]:
    first = interval.opens.hour * 60 + interval.opens.minute
    last = interval.closes.hour * 60 + interval.closes.minute
    return (time(minute // 60, minute % 60) for minute in range(first, last, step_min))
