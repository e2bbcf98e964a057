"""The calendar's arithmetic against a count by hand: minute by minute, on either side of every kind of clock change.

Each example is a business of its own. What it can be booked for is worked out by walking the day minute by minute with
a wall clock, and must be exactly what the search finds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.busy import Interval
from agent.domain.facts import When
from agent.domain.openings import window_for
from agent.domain.search import Diary, find_openings, search_span
from agent.domain.staffing import StaffWish
from agent.domain.tenant import Closure, LocalInterval, Service, Staff, Tenant, staff_id
from tests.unit.domain.desk import TENANT

MINUTE = timedelta(minutes=1)
#: Zones and dates of their changes: an hour at 2 AM, one at 1 AM UTC, half an hour, an hour at midnight, none.
CHANGES = [
    ("America/New_York", date(2027, 3, 14)),
    ("America/New_York", date(2026, 11, 1)),
    ("Europe/London", date(2027, 3, 28)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Australia/Lord_Howe", date(2027, 4, 4)),
    ("America/Santiago", date(2026, 9, 6)),
    ("America/Santiago", date(2027, 4, 3)),
    ("America/Phoenix", date(2027, 3, 14)),
]
ANN, BOB = (staff_id("shop", name) for name in ("ann", "bob"))


@dataclass(frozen=True)
class Case:
    """A business, what its staff are busy with, and a day beside a change of the clocks."""

    tenant: Tenant
    busy: dict[UUID, list[Interval]]
    now: datetime
    day: date

    @property
    def service(self) -> Service:
        return self.tenant.services[0]


def on_the_clock(step: int = 15) -> st.SearchStrategy[time]:
    return st.integers(0, 24 * 60 // step - 1).map(lambda n: time(n * step // 60, n * step % 60))


@st.composite
def hours(draw: st.DrawFn) -> tuple[LocalInterval, ...]:
    """Up to two intervals of a day; they begin in the small hours as often as not, where clocks change."""
    small_hours = st.integers(0, 15).map(lambda n: time(n * 15 // 60, n * 15 % 60))
    edges = sorted(draw(st.lists(st.one_of(small_hours, on_the_clock()), min_size=2, max_size=4, unique=True)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return tuple(LocalInterval(opens, closes) for opens, closes in pairs)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    zone, change_on = draw(st.sampled_from(CHANGES))
    day = change_on + timedelta(days=draw(st.sampled_from((0, 0, 0, -1, 1))))
    service = Service(
        "cut", "cut", (), draw(st.sampled_from((5, 30, 45, 60, 95))),
        buffer_min=draw(st.sampled_from((0, 10, 30))), buffer_before_min=draw(st.sampled_from((0, 15))),
    )  # fmt: skip
    own_hours = draw(st.one_of(st.none(), st.dictionaries(st.integers(0, 6), hours(), min_size=4)))
    ann = Staff(ANN, "ann", "Ann", frozenset({"cut"}), hours=own_hours)
    away = (Closure(day, day, "", draw(hours())),) if draw(st.booleans()) else ()
    bob = Staff(BOB, "bob", "Bob", frozenset({"cut"}), time_off=away)
    closures = (Closure(day, day, "", draw(hours())),) if draw(st.integers(0, 3)) == 0 else ()
    tenant = replace(
        TENANT, timezone=zone, services=(service,), staff=(ann, bob), closures=closures,
        opening_rules={weekday: draw(hours()) for weekday in range(7)},
        start_every_min=draw(st.sampled_from((5, 15, 20, 30, 60))), notice_min=draw(st.sampled_from((0, 30, 600))),
    )  # fmt: skip
    midnight = datetime.combine(day, time(0), tzinfo=tenant.zone).astimezone(UTC)
    now = midnight + timedelta(minutes=draw(st.integers(-3000, 600)))
    spans = st.lists(st.tuples(st.integers(-120, 1500), st.integers(1, 400)), max_size=4)
    busy = {
        person: [(midnight + timedelta(minutes=m), midnight + timedelta(minutes=m + n)) for m, n in draw(spans)]
        for person in (ANN, BOB)
    }
    return Case(tenant, busy, now, day)


@cache
def minutes_of(day: date, zone: ZoneInfo) -> tuple[tuple[datetime, datetime], ...]:
    """Every minute that a wall clock shows on a day: UTC, and local with its fold."""
    return tuple(_minutes(day, zone))


def _minutes(day: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    at = datetime.combine(day, time(0), tzinfo=UTC) - timedelta(hours=15)
    for _ in range(54 * 60):
        local = at.astimezone(zone)
        if local.date() == day:
            yield at, local
        at += MINUTE


def open_minutes(intervals: tuple[LocalInterval, ...], case: Case) -> list[tuple[datetime, datetime]]:
    """From when to when the door is open: it opens when the clock first shows the hour, or has jumped past it."""
    spans = []
    shown = minutes_of(case.day, case.tenant.zone)
    for interval in intervals:
        opens = next((at for at, local in shown if local.time() >= interval.opens), None)
        closes = next((at for at, local in shown if local.time() >= interval.closes), shown[-1][0] + MINUTE)
        if opens is not None and opens < closes:
            spans.append((opens, closes))
    return spans


def on_grid(local: datetime, intervals: tuple[LocalInterval, ...], step_min: int) -> bool:
    at = local.time()
    past = (
        at.hour * 60 + at.minute - each.opens.hour * 60 - each.opens.minute for each in intervals if at < each.closes
    )
    return any(minutes >= 0 and minutes % step_min == 0 for minutes in past)


def by_hand(case: Case) -> dict[datetime, set[UUID]]:
    """Every start of the day at which somebody could begin, with all who could."""
    service, tenant = case.service, case.tenant
    intervals = tenant.hours_on(case.day)
    house = open_minutes(intervals, case)
    own = {person.id: open_minutes(tenant.staff_hours_on(person, case.day), case) for person in tenant.staff}
    soonest = case.now + timedelta(minutes=tenant.notice_min)
    found: dict[datetime, set[UUID]] = {}
    for at, local in minutes_of(case.day, tenant.zone):
        end = at + timedelta(minutes=service.duration_min)
        if local.fold or at < soonest or not any(opens <= at and end <= closes for opens, closes in house):
            continue
        if not on_grid(local, intervals, tenant.start_every_min):
            continue
        taken_from = at - timedelta(minutes=service.buffer_before_min)
        taken_to = end + timedelta(minutes=service.buffer_min)
        able = {
            person
            for person, spans in own.items()
            if any(opens <= at and end <= closes for opens, closes in spans)
            and not any(start < taken_to and taken_from < stop for start, stop in case.busy[person])
        }
        if able:
            found[at] = able
    return found


@settings(max_examples=150, deadline=None, derandomize=True)
@given(case=cases())
def test_no_opening_is_missing_and_none_is_invented(case: Case) -> None:
    expected = by_hand(case)
    diary = Diary.of(case.tenant, case.service, case.tenant.staff, case.busy, case.now)
    found = {opening.start_at: opening.staff_id for opening in diary.openings_on(case.day)}
    assert list(found) == sorted(expected)
    for start, person in found.items():
        assert person == (ANN if ANN in expected[start] else BOB)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(case=cases(), at=st.one_of(st.none(), on_the_clock(5)), person=st.sampled_from((None, ANN, BOB)))
def test_what_is_offered_on_the_day_is_free_and_found_again_when_searched_exactly(
    case: Case, at: time | None, person: UUID | None
) -> None:
    window = window_for(When(case.day, case.day, at=at), case.tenant)
    if window is None:  # a time that the clock skips
        return
    wish = StaffWish(only=(person,)) if person else None
    offers = find_openings(case.tenant, "cut", window, case.busy, now=case.now, staff=wish)
    bookable = by_hand(case)
    span = search_span(case.tenant, window, case.now)
    for each in offers:
        opening = each.opening
        assert span[0] <= opening.busy_from
        assert opening.busy_to <= span[1]
        if opening.start_at.astimezone(case.tenant.zone).date() == case.day:
            assert opening.staff_id in bookable[opening.start_at]
        local = opening.start_at.astimezone(case.tenant.zone)
        exactly = window_for(When(local.date(), local.date(), at=local.time()), case.tenant)
        assert exactly is not None
        (again,) = find_openings(
            case.tenant, "cut", exactly, case.busy, now=case.now, staff=StaffWish(only=(opening.staff_id,))
        )
        assert again.opening == opening
    is_wished_there = any(
        window.admits(start, case.tenant) and person in (None, *who) for start, who in bookable.items()
    )
    assert is_wished_there == bool(offers and offers[0].reason.is_wished)
