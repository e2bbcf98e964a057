"""Openings: inside hours, never over busy time, right across daylight saving."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.busy import Interval
from agent.domain.facts import When
from agent.domain.openings import Opening, Window, is_within_hours, rest_of, utc_or_none, window_for
from agent.domain.ranking import OFFER_SPACING_MIN
from agent.domain.search import find_openings as find_offers
from agent.domain.search import search_span
from agent.domain.tenant import Closure, LocalInterval
from tests.unit.domain.desk import NOW, TENANT, local

LEE, ORTIZ = (person.id for person in TENANT.staff)
NIGHT_OWL = replace(
    TENANT,
    opening_rules={day: (LocalInterval(time(0), time(6)),) for day in range(7)},
    start_every_min=30,
)
SPRING = date(2027, 3, 14)
AUTUMN = date(2026, 11, 1)


def find_openings(*args: Any, **named: Any) -> tuple[Opening, ...]:
    return tuple(offer.opening for offer in find_offers(*args, **named))


def wish(day: int, **hours: time) -> Window:
    window = window_for(When(date(2026, 11, day), date(2026, 11, day), **hours), TENANT)
    assert window is not None
    return window


def starts(window: Window, busy: dict[UUID, list[Interval]] | None = None, service: str = "cleaning") -> list[str]:
    return [local(o.start_at) for o in find_openings(TENANT, service, window, busy or {}, now=NOW, limit=2)]


def all_day(day: int) -> list[Interval]:
    return [(datetime(2026, 11, day, 5, tzinfo=UTC), datetime(2026, 11, day + 1, 5, tzinfo=UTC))]


def test_an_exact_wish_that_is_free_comes_back_alone() -> None:
    assert starts(wish(26, at=time(15))) == ["Thu 26 15:00"]


def test_when_one_is_busy_the_other_staff_member_takes_it() -> None:
    (opening,) = find_openings(TENANT, "cleaning", wish(26, at=time(15)), {LEE: all_day(26)}, now=NOW)
    assert opening.staff_id == ORTIZ


def test_only_staff_who_perform_a_service_are_offered_for_it() -> None:
    found = find_openings(TENANT, "whitening", wish(26, at=time(15)), {LEE: all_day(26)}, now=NOW)
    assert found
    assert {opening.staff_id for opening in found} == {LEE}
    assert all(opening.start_at.astimezone(TENANT.zone).date() != date(2026, 11, 26) for opening in found)


def test_a_taken_hour_is_answered_with_the_nearest_on_that_day() -> None:
    at = utc_or_none(date(2026, 11, 26), time(15), TENANT)
    assert at is not None
    taken = [(at, at + timedelta(minutes=45))]
    assert starts(wish(26, at=time(15)), {LEE: taken, ORTIZ: taken}) == ["Thu 26 14:15", "Thu 26 15:45"]


def test_a_full_day_is_answered_with_the_next() -> None:
    busy = {LEE: all_day(26), ORTIZ: all_day(26)}
    assert starts(wish(26, at=time(15)), busy)[0] == "Fri 27 15:00"


def test_nothing_is_offered_on_a_day_left_out_even_when_the_wish_is_full() -> None:
    wished = When(date(2026, 11, 24), date(2026, 11, 26), at=time(15), except_on=(date(2026, 11, 25),))
    window = window_for(wished, TENANT)
    assert window is not None
    assert starts(window)[0] == "Tue 24 15:00"
    taken = [*all_day(24), *all_day(26)]
    instead = starts(window, {LEE: taken, ORTIZ: taken})
    assert instead
    assert all("Wed 25" not in start for start in instead)


def test_an_appointment_must_end_before_closing() -> None:
    assert "Thu 26 18:30" not in starts(wish(26, at=time(18, 30)))
    assert starts(wish(26, at=time(18, 15))) == ["Thu 26 18:15"]


def test_the_buffer_occupies_staff_but_may_run_past_closing() -> None:
    (opening,) = find_openings(TENANT, "filling", wish(26, at=time(18)), {}, now=NOW)
    assert opening.busy_to - opening.end_at == timedelta(minutes=15)


def test_a_closure_closes_and_shortened_hours_shorten() -> None:
    closed = replace(TENANT, closures=(Closure(date(2026, 11, 26), date(2026, 11, 27), "Thanksgiving"),))
    found = find_openings(closed, "cleaning", wish(26, at=time(15)), {}, now=NOW)
    assert all(local(opening.start_at)[4:6] not in ("26", "27") for opening in found)
    short = replace(
        closed, closures=(Closure(date(2026, 11, 26), date(2026, 11, 26), "", (LocalInterval(time(8), time(12)),)),)
    )
    best = find_openings(short, "cleaning", wish(26, at=time(15)), {}, now=NOW)[0]
    assert local(best.start_at) == "Thu 26 11:15"


def test_nothing_starts_before_now_plus_notice() -> None:
    monday_morning = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    (opening, *_) = find_openings(TENANT, "cleaning", wish(23), {}, now=monday_morning)
    assert local(opening.start_at) == "Mon 23 09:30"


@pytest.mark.parametrize("at", [time(2), time(2, 30)])
def test_a_wall_clock_time_skipped_in_spring_does_not_exist(at: time) -> None:
    assert utc_or_none(SPRING, at, NIGHT_OWL) is None
    assert window_for(When(SPRING, SPRING, at=at), NIGHT_OWL) is None


@pytest.mark.parametrize("day", [SPRING, date(2027, 11, 7)])
def test_durations_are_true_minutes_on_daylight_saving_days(day: date) -> None:
    now = datetime.combine(day - timedelta(days=2), time(12), tzinfo=UTC)
    span = (
        datetime.combine(day, time(0), tzinfo=NIGHT_OWL.zone),
        datetime.combine(day, time(5), tzinfo=NIGHT_OWL.zone),
    )
    window = Window(span[0].astimezone(UTC), span[1].astimezone(UTC))
    found = find_openings(NIGHT_OWL, "filling", window, {}, now=now)
    assert len(found) == 3
    for opening in found:
        assert opening.end_at - opening.start_at == timedelta(minutes=60)
        assert opening.start_at.astimezone(NIGHT_OWL.zone).date() == day


minutes = st.integers(0, 14 * 24 * 60)
busy_lists = st.lists(st.tuples(minutes, st.integers(1, 600)), max_size=30)


@pytest.mark.parametrize(
    ("was", "wished", "rest"),
    [
        ((0, 60), (15, 75), (60, 75)),
        ((0, 60), (-15, 45), (-15, 0)),
        ((0, 60), (60, 120), (60, 120)),
        ((0, 60), (0, 60), None),
        ((0, 60), (15, 45), None),
        ((0, 60), (0, 30), None),
        ((0, 60), (45, 75), (60, 75)),
        ((0, 30), (0, 60), (30, 60)),
        ((0, 30), (-15, 75), (30, 75)),
        ((0, 30), (-45, 45), (-45, 0)),
    ],
)
def test_of_a_time_that_overlaps_the_old_one_the_rest_is_held_whatever_their_lengths(
    was: tuple[int, int], wished: tuple[int, int], rest: tuple[int, int] | None
) -> None:
    old, new = _minutes(*was), _minutes(*wished)
    assert rest_of(new, old) == (None if rest is None else _minutes(*rest))


def _minutes(start: int, end: int) -> Opening:
    start_at, end_at = NOW + timedelta(minutes=start), NOW + timedelta(minutes=end)
    return Opening(LEE, start_at, end_at, start_at, end_at)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    busy=st.tuples(busy_lists, busy_lists),
    now=st.datetimes(datetime(2026, 10, 20), datetime(2027, 4, 1)),
    days_ahead=st.integers(0, 9),
    at=st.one_of(st.none(), st.times()),
    service=st.sampled_from([service.id for service in TENANT.services]),
)
def test_openings_never_overlap_busy_time_and_lie_within_hours(
    busy: tuple[list[tuple[int, int]], list[tuple[int, int]]],
    now: datetime,
    days_ahead: int,
    at: time | None,
    service: str,
) -> None:
    moment = now.replace(tzinfo=UTC)
    taken = {
        person: [(moment + timedelta(minutes=m), moment + timedelta(minutes=m + n)) for m, n in intervals]
        for person, intervals in zip((LEE, ORTIZ), busy, strict=True)
    }
    day = moment.astimezone(TENANT.zone).date() + timedelta(days=days_ahead)
    window = window_for(When(day, day, at=at.replace(second=0, microsecond=0, fold=0) if at else None), TENANT)
    if window is None:
        return
    found = find_openings(TENANT, service, window, taken, now=moment)
    start_of_span, end_of_span = search_span(TENANT, window, moment)
    assert len(found) <= 3
    for opening in found:
        assert all(end <= opening.busy_from or opening.busy_to <= start for start, end in taken[opening.staff_id])
        assert is_within_hours(TENANT, opening.start_at, opening.end_at)
        assert opening.end_at - opening.start_at == timedelta(minutes=TENANT.service(service).duration_min)
        assert opening.start_at >= moment + timedelta(minutes=TENANT.notice_min)
        assert start_of_span <= opening.busy_from
        assert opening.busy_to <= end_of_span
    ordered = sorted(opening.start_at for opening in found)
    gaps = [later - earlier for earlier, later in pairwise(ordered)]
    assert all(gap >= timedelta(minutes=OFFER_SPACING_MIN) for gap in gaps)
