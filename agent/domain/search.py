"""The search for openings: of the staff who will do, on the wished days, then around them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from agent.domain.busy import BusyTimes, Interval
from agent.domain.openings import Opening, Window, opening_of, starts_on, utc_hours
from agent.domain.ranking import MAX_OFFERS, Offer, OfferReason, distance, is_choice, reason_for
from agent.domain.staffing import StaffWish, other_staff, wished_staff
from agent.domain.tenant import Service, Staff, Tenant

#: Beyond the wished days, look this many days to either side for the next best.
SEARCH_MARGIN_DAYS = 14


def search_span(tenant: Tenant, window: Window, now: datetime) -> Interval:
    """The UTC span whose busy times `find_openings` must be given; empty (equal ends) when it is past."""
    margin = timedelta(days=SEARCH_MARGIN_DAYS + 1)
    start = max(now.astimezone(UTC) - timedelta(days=1), window.earliest_at - margin)
    end = min(window.latest_at + margin, now.astimezone(UTC) + timedelta(days=tenant.max_days_ahead + 2))
    return (start, max(start, end))


def find_openings(
    tenant: Tenant,
    service_id: str,
    window: Window,
    busy: Mapping[UUID, Sequence[Interval]],
    *,
    now: datetime,
    limit: int = MAX_OFFERS,
    staff: StaffWish | None = None,
) -> tuple[Offer, ...]:
    """The best openings for a wish, best first, each with its reason.

    An exact wish that is free comes back alone. Otherwise openings inside the window come first, then the nearest
    ones outside it, spaced so that they are a real choice. When those who were asked for have none inside it and
    others have, the last one offered is with one of the others.

    Args:
        busy: per staff id, UTC half-open intervals within `search_span`, in any order, overlaps allowed.
        now: aware; nothing starts before now plus the tenant's notice.
        limit: 1 to MAX_OFFERS.
        staff: whom the caller wants; None is whoever is free.
    """
    limit = min(limit, MAX_OFFERS)
    service = tenant.service(service_id)
    found = _best(Diary.of(tenant, service, wished_staff(tenant, service_id, staff), busy, now), window, limit)
    others = other_staff(tenant, service_id, staff)
    if not others or (found and found[0].reason.is_wished):
        return found
    instead = _best(Diary.of(tenant, service, others, busy, now), window, limit)
    if found:
        instead = tuple(offer for offer in instead if offer.reason.is_wished)[:1]
    kept = found[: max(1, limit - len(instead))]
    return (*kept, *(Offer(offer.opening, OfferReason.OTHER_STAFF) for offer in instead))[:limit]


@dataclass(frozen=True, slots=True)
class Diary:
    """What of some staff's time can be booked for one service.

    Attributes:
        people: in the order in which they are preferred.
        busy: by staff id.
        soonest: UTC; nothing starts before it.
        first_on, last_on: local days within which something may be booked.
    """

    tenant: Tenant
    service: Service
    people: tuple[Staff, ...]
    busy: Mapping[UUID, BusyTimes]
    soonest: datetime
    first_on: date
    last_on: date

    @classmethod
    def of(
        cls,
        tenant: Tenant,
        service: Service,
        people: tuple[Staff, ...],
        busy: Mapping[UUID, Sequence[Interval]],
        now: datetime,
    ) -> Diary:
        """The diary of these people at this time."""
        today = now.astimezone(tenant.zone).date()
        return cls(
            tenant=tenant,
            service=service,
            people=people,
            busy={person.id: BusyTimes(busy.get(person.id, ())) for person in people},
            soonest=now.astimezone(UTC) + timedelta(minutes=tenant.notice_min),
            first_on=today,
            last_on=today + timedelta(days=tenant.max_days_ahead),
        )

    def starts(self, day: date) -> tuple[datetime, ...]:
        """Starts of a day at which the business can be booked at all, in order of the clock."""
        if not self.first_on <= day <= self.last_on:
            return ()
        return tuple(start for start in starts_on(self.tenant, self.service, day) if start >= self.soonest)

    def openings_on(self, day: date) -> Iterator[Opening]:
        """Every opening of a day, each start once, with the first of the staff who is free."""
        hours = self.hours(day)
        found = (self.opening_at(start, hours) for start in self.starts(day))
        return (opening for opening in found if opening is not None)

    def hours(self, day: date) -> Mapping[UUID, tuple[Interval, ...]]:
        """When each of the staff is in on a day, by staff id."""
        return {person.id: utc_hours(self.tenant, day, person) for person in self.people}

    def opening_at(self, start: datetime, hours: Mapping[UUID, tuple[Interval, ...]]) -> Opening | None:
        """The opening at a start with the first of the staff who is in and free; None when nobody is."""
        for person in self.people:
            opening = opening_of(self.service, person.id, start)
            is_in = any(opens <= start and opening.end_at <= closes for opens, closes in hours[person.id])
            if is_in and self.busy[person.id].is_free(opening.busy_from, opening.busy_to):
                return opening
        return None


def _best(diary: Diary, window: Window, limit: int) -> tuple[Offer, ...]:
    tenant = diary.tenant
    found: list[Offer] = []
    for day in _days_nearest_first(tenant, window):
        starts = sorted(diary.starts(day), key=lambda start: distance(start, window, tenant))
        hours = diary.hours(day) if starts and day not in window.except_on else {}
        for start in starts if hours else ():
            reason = reason_for(start, window, found, tenant)
            if not is_choice(start, reason, found, tenant):
                continue
            opening = diary.opening_at(start, hours)
            if opening is None:
                continue
            if reason is OfferReason.EXACT:
                return (Offer(opening, reason),)
            found.append(Offer(opening, reason))
            if len(found) == limit:
                return tuple(found)
    return tuple(found)


def _days_nearest_first(tenant: Tenant, window: Window) -> Iterator[date]:
    """The window's days in order, then days after and before it, nearest first and later ones preferred."""
    first = window.earliest_at.astimezone(tenant.zone).date()
    last = window.latest_at.astimezone(tenant.zone).date()
    yield from (first + timedelta(days=n) for n in range((last - first).days + 1))
    for margin in range(1, SEARCH_MARGIN_DAYS + 1):
        yield last + timedelta(days=margin)
        yield first - timedelta(days=margin)
