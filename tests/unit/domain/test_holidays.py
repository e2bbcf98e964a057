"""Holidays fall where others say they fall."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest

from agent.domain.holidays import FEDERAL, Holiday, date_of, holidays_of, weekday_off
from agent.domain.tenant import Closure, LocalInterval
from tests.unit.domain.desk import TENANT

KNOWN = Path("tests/data/us-holidays/dates.csv")
MORNING = (LocalInterval(time(9), time(12)),)


def known(kind: str) -> set[tuple[date, Holiday]]:
    with KNOWN.open(encoding="utf-8", newline="") as rows:
        return {
            (date.fromisoformat(row["date"]), Holiday(row["holiday"]))
            for row in csv.DictReader(rows)
            if row["kind"] == kind
        }


YEARS = range(2021, 2051)


def test_every_holiday_of_thirty_years_is_on_its_known_date() -> None:
    kept = (*FEDERAL, Holiday.EASTER_SUNDAY)
    assert {(date_of(holiday, year), holiday) for year in YEARS for holiday in kept} == known("day")


def test_every_weekday_off_of_thirty_years_is_on_its_known_date() -> None:
    shifted = {
        (weekday_off(holiday, year), holiday)
        for year in YEARS
        for holiday in FEDERAL
        if weekday_off(holiday, year) != date_of(holiday, year)
    }
    within = {(day, holiday) for day, holiday in shifted if day.year in YEARS}
    assert within == {(day, holiday) for day, holiday in known("weekday-off") if day.year in YEARS}
    assert len(within) > 30


@pytest.mark.parametrize(
    ("holiday", "day"),
    [
        (Holiday.DAY_AFTER_THANKSGIVING, date(2026, 11, 27)),
        (Holiday.CHRISTMAS_EVE, date(2026, 12, 24)),
        (Holiday.NEW_YEARS_EVE, date(2026, 12, 31)),
        (Holiday.MEMORIAL_DAY, date(2027, 5, 31)),
    ],
)
def test_other_days_many_businesses_keep(holiday: Holiday, day: date) -> None:
    assert date_of(holiday, day.year) == day


def test_new_years_day_on_a_saturday_is_kept_in_the_year_before() -> None:
    kept = frozenset({Holiday.NEW_YEARS_DAY})
    assert holidays_of(2027, kept, with_weekday_off=True)[date(2027, 12, 31)] is Holiday.NEW_YEARS_DAY
    assert date(2027, 12, 31) not in holidays_of(2027, kept, with_weekday_off=False)
    assert date(2028, 1, 1) in holidays_of(2028, kept, with_weekday_off=True)


def test_a_christmas_eve_on_a_weekend_is_made_up_for_by_nobody() -> None:
    sunday = date(2028, 12, 24)
    assert weekday_off(Holiday.CHRISTMAS_EVE, 2028) == sunday
    assert sunday.weekday() == 6


def test_a_holiday_closes_the_business_and_a_closure_with_hours_opens_it_again() -> None:
    independence = date(2027, 7, 5)  # the Monday after the 4th
    tenant = replace(TENANT, holidays=frozenset({Holiday.INDEPENDENCE_DAY}), has_weekday_off=True)
    assert TENANT.hours_on(independence)
    assert tenant.hours_on(independence) == ()
    assert tenant.holiday_on(independence) is Holiday.INDEPENDENCE_DAY
    opened = replace(tenant, closures=(Closure(independence, independence, "open", MORNING),))
    assert opened.hours_on(independence) == MORNING


def test_own_hours_count_as_far_as_the_business_is_open() -> None:
    monday, tuesday = date(2026, 11, 30), date(2026, 12, 1)
    long_day = (LocalInterval(time(6), time(10)), LocalInterval(time(16), time(20)))
    person = replace(TENANT.staff[0], hours={0: long_day})
    assert TENANT.hours_on(monday) == (LocalInterval(time(8), time(17)),)
    assert TENANT.staff_hours_on(person, monday) == (
        LocalInterval(time(8), time(10)),
        LocalInterval(time(16), time(17)),
    )
    assert TENANT.staff_hours_on(person, tuesday) == ()
    assert TENANT.staff_hours_on(TENANT.staff[0], tuesday) == TENANT.hours_on(tuesday)


def test_time_off_goes_before_own_hours() -> None:
    monday = date(2026, 11, 30)
    away = replace(TENANT.staff[0], time_off=(Closure(monday, monday, "leave"),))
    short = replace(TENANT.staff[0], time_off=(Closure(monday, monday, "course", MORNING),))
    assert TENANT.staff_hours_on(away, monday) == ()
    assert TENANT.staff_hours_on(short, monday) == MORNING
