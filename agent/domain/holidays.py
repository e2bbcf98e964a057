"""Public holidays by name: on which date each falls in any year.

The eleven federal ones are those of 5 U.S.C. 6103(a); the others are days on which many businesses close. A holiday
on a Saturday is kept on the Friday before by offices that follow the federal rule, one on a Sunday on the Monday
after (5 U.S.C. 6103(b), Executive Order 11582); a shop may keep the day itself only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache

_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6


class Holiday(Enum):
    """A day kept every year; the value is how a tenant's document names it."""

    NEW_YEARS_DAY = "new-years-day"
    MARTIN_LUTHER_KING_DAY = "martin-luther-king-day"
    WASHINGTONS_BIRTHDAY = "washingtons-birthday"
    MEMORIAL_DAY = "memorial-day"
    JUNETEENTH = "juneteenth"
    INDEPENDENCE_DAY = "independence-day"
    LABOR_DAY = "labor-day"
    COLUMBUS_DAY = "columbus-day"
    VETERANS_DAY = "veterans-day"
    THANKSGIVING_DAY = "thanksgiving-day"
    CHRISTMAS_DAY = "christmas-day"
    EASTER_SUNDAY = "easter-sunday"
    DAY_AFTER_THANKSGIVING = "day-after-thanksgiving"
    CHRISTMAS_EVE = "christmas-eve"
    NEW_YEARS_EVE = "new-years-eve"


def _fixed(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


def _nth(month: int, weekday: int, n: int) -> Callable[[int], date]:
    """The n-th such weekday of a month, counted from 1."""

    def on(year: int) -> date:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))

    return on


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=(last.weekday() - _MONDAY) % 7)


def _easter(year: int) -> date:
    """Western Easter, by the anonymous Gregorian computus."""
    golden, century, of_century = year % 19, year // 100, year % 100
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


_THANKSGIVING = _nth(11, _THURSDAY, 4)

_DATES: Mapping[Holiday, Callable[[int], date]] = {
    Holiday.NEW_YEARS_DAY: _fixed(1, 1),
    Holiday.MARTIN_LUTHER_KING_DAY: _nth(1, _MONDAY, 3),
    Holiday.WASHINGTONS_BIRTHDAY: _nth(2, _MONDAY, 3),
    Holiday.MEMORIAL_DAY: _last_monday_of_may,
    Holiday.JUNETEENTH: _fixed(6, 19),
    Holiday.INDEPENDENCE_DAY: _fixed(7, 4),
    Holiday.LABOR_DAY: _nth(9, _MONDAY, 1),
    Holiday.COLUMBUS_DAY: _nth(10, _MONDAY, 2),
    Holiday.VETERANS_DAY: _fixed(11, 11),
    Holiday.THANKSGIVING_DAY: _THANKSGIVING,
    Holiday.CHRISTMAS_DAY: _fixed(12, 25),
    Holiday.EASTER_SUNDAY: _easter,
    Holiday.DAY_AFTER_THANKSGIVING: lambda year: _THANKSGIVING(year) + timedelta(days=1),
    Holiday.CHRISTMAS_EVE: _fixed(12, 24),
    Holiday.NEW_YEARS_EVE: _fixed(12, 31),
}

#: In the order of the calendar.
FEDERAL = (
    Holiday.NEW_YEARS_DAY,
    Holiday.MARTIN_LUTHER_KING_DAY,
    Holiday.WASHINGTONS_BIRTHDAY,
    Holiday.MEMORIAL_DAY,
    Holiday.JUNETEENTH,
    Holiday.INDEPENDENCE_DAY,
    Holiday.LABOR_DAY,
    Holiday.COLUMBUS_DAY,
    Holiday.VETERANS_DAY,
    Holiday.THANKSGIVING_DAY,
    Holiday.CHRISTMAS_DAY,
)
_SHIFT_DAYS: Mapping[int, int] = {_SATURDAY: -1, _SUNDAY: 1}


def date_of(holiday: Holiday, year: int) -> date:
    """The day itself, weekend or not."""
    return _DATES[holiday](year)


def weekday_off(holiday: Holiday, year: int) -> date:
    """The working day a federal office closes for it: the day itself, or the nearest weekday to a weekend's.

    New Year's Day of a year may so be kept on the last day of the year before. Other holidays have no such rule.
    """
    day = date_of(holiday, year)
    shift = _SHIFT_DAYS.get(day.weekday(), 0) if holiday in FEDERAL else 0
    return day + timedelta(days=shift)


@lru_cache(maxsize=256)
def holidays_of(year: int, kept: frozenset[Holiday], *, with_weekday_off: bool) -> Mapping[date, Holiday]:
    """The days of a year on which a business is closed for a holiday.

    Args:
        kept: the holidays it observes.
        with_weekday_off: it closes on `weekday_off` as well as on the day itself.
    """
    days = {date_of(holiday, year): holiday for holiday in kept}
    if with_weekday_off:
        for near in (year, year + 1):
            days = {weekday_off(holiday, near): holiday for holiday in kept} | days
    return {day: holiday for day, holiday in days.items() if day.year == year}
