"""What the callers of a soak run want."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations

import pytest

from loadtest.soak.draw import Wish, draw
from loadtest.soak.opening_hours import ZONE
from loadtest.soak.spoken import ordinal, spoken_clock, spoken_day

_NOW = datetime(2026, 12, 20, 15, 0, tzinfo=UTC)  # the drawn days include both closures
_APART = timedelta(minutes=90)


def _draw(count: int = 60, *, seed: int = 1, booked: tuple[datetime, ...] = ()) -> list[Wish]:
    return draw(count, seed=seed, now=_NOW, voices=("hibari", "joe"), booked=booked)


def test_the_same_seed_gives_the_same_wishes_and_another_seed_others() -> None:
    assert _draw() == _draw()
    assert _draw() != _draw(seed=2)


@pytest.mark.parametrize("seed", range(1, 6))
def test_no_two_wishes_can_meet(seed: int) -> None:
    starts = [wish.start_at for wish in _draw(seed=seed)]
    assert len(starts) == 60
    assert all(abs(one - other) >= _APART for one, other in combinations(starts, 2))


def test_what_is_booked_already_is_kept_clear_of() -> None:
    booked = tuple(wish.start_at for wish in _draw(30))
    starts = [wish.start_at for wish in _draw(30, booked=booked)]
    assert all(abs(start - taken) >= _APART for start in starts for taken in booked)


@pytest.mark.parametrize("seed", range(1, 6))
def test_every_wish_lies_in_opening_hours(seed: int) -> None:
    for wish in _draw(seed=seed):
        local = wish.start_at.astimezone(ZONE)
        assert local.weekday() < 5
        assert local.date() not in (date(2026, 12, 25), date(2027, 1, 1))
        assert time(8) <= local.time() <= time(16)
        assert local.date() >= _NOW.date() + timedelta(days=3)


def test_more_wishes_than_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="ask for fewer than 1000"):
        _draw(1000)


@pytest.mark.parametrize(
    ("number", "said"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"),
                         (21, "21st"), (22, "22nd"), (23, "23rd"), (30, "30th"), (31, "31st")],
)  # fmt: skip
def test_ordinals_are_said_as_people_say_them(number: int, said: str) -> None:
    assert ordinal(number) == said


def test_days_and_times_are_said_as_people_say_them() -> None:
    assert spoken_day(date(2026, 12, 3)) == "Thursday, December 3rd"
    clocks = [time(9), time(10, 30), time(12), time(14, 5)]
    said = [spoken_clock(datetime.combine(_NOW.date(), clock)) for clock in clocks]
    assert said == ["9 AM", "10:30 AM", "12 PM", "2:05 PM"]
