"""The calendar behind spoken days: names of weekdays and months, and which date is meant."""

from __future__ import annotations

from datetime import date, timedelta

WEEKDAYS = {
    "monday": 0, "mondays": 0, "mon": 0, "tuesday": 1, "tuesdays": 1, "tues": 1, "tue": 1,
    "wednesday": 2, "wednesdays": 2, "wed": 2, "weds": 2, "thursday": 3, "thursdays": 3, "thurs": 3,
    "thur": 3, "thu": 3, "friday": 4, "fridays": 4, "fri": 4, "saturday": 5, "saturdays": 5, "sat": 5,
    "sunday": 6, "sundays": 6,
}  # fmt: skip
MONTHS = {
    "january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5,
    "june": 6, "jun": 6, "july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9, "sept": 9, "sep": 9,
    "october": 10, "oct": 10, "november": 11, "nov": 11, "december": 12, "dec": 12,
}  # fmt: skip
#: Days people name instead of their date: month and day. The longer name first.
HOLIDAYS = {
    "christmas eve": (12, 24), "christmas day": (12, 25), "christmas": (12, 25), "boxing day": (12, 26),
    "new years eve": (12, 31), "new years day": (1, 1), "new years": (1, 1), "valentines day": (2, 14),
    "juneteenth": (6, 19), "independence day": (7, 4), "halloween": (10, 31), "veterans day": (11, 11),
}  # fmt: skip

Span = tuple[date, date]


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def coming(weekday: int, today: date, *, may_be_today: bool = False) -> date:
    """The nearest date of this weekday after today, or today itself when that is meant."""
    ahead = (weekday - today.weekday()) % 7
    return today + timedelta(days=ahead if ahead or may_be_today else 7)


def month_of(day: date, ahead: int = 0) -> Span:
    """The first and last date of a day's month, or of one some months later."""
    index = day.month - 1 + ahead
    first = date(day.year + index // 12, index % 12 + 1, 1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def months_later(day: date, count: int) -> date:
    """The same day of a later month, or that month's last when it has no such day."""
    first, last = month_of(day, count)
    return min(first + timedelta(days=day.day - 1), last)


def coming_month(month: int, today: date) -> Span:
    """The next month of this number that is not over; what is left of it when it is the present one."""
    first, last = month_of(today, (month - today.month) % 12)
    return max(first, today), last


def part_of(span: Span, part: str) -> Span:
    """The "early", "middle" or "late" part of a week (by its working days) or of a month."""
    first, last = span
    if (last - first).days < 7:
        monday = monday_of(first)
        low, high = {"early": (0, 1), "middle": (1, 3)}.get(part, (3, 4))
        return monday + timedelta(days=low), monday + timedelta(days=high)
    start = first.replace(day=1)
    low, high = {"early": (1, 7), "middle": (11, 20)}.get(part, (last.day - 6, last.day))
    return start + timedelta(days=low - 1), start + timedelta(days=high - 1)


def nth_weekday(nth: int, weekday: int, month: Span) -> date | None:
    """The nth such weekday of a month, -1 for its last; None when there are fewer."""
    first, last = month[0].replace(day=1), month[1]
    found = [first + timedelta(days=n) for n in range(last.day) if (first + timedelta(days=n)).weekday() == weekday]
    return found[nth] if nth < len(found) else None


def next_date(number: int, month: int | None, year: str | None, today: date) -> date | None:
    """The next date with this day (and month); None when there is no such date.

    Nobody books in a year gone by: "December 1st, 2011" is a misheard "December 1st at 11", of which the day stands.
    """
    if year is not None and int(year) < today.year:
        year = None
    if month is not None:
        first_year = int(year) if year else today.year
        years = range(first_year, first_year + (1 if year else 9))
        candidates = (date_or_none(y, month, number) for y in years)
        found = [day for day in candidates if day is not None]
        return next((day for day in found if day >= today), found[0] if year and found else None)
    for ahead in range(13):
        first, _ = month_of(today, ahead)
        day = date_or_none(first.year, first.month, number)
        if day is not None and day >= today:
            return day
    return None


def date_or_none(year: int, month: int, day: int) -> date | None:
    """The date, or None when the calendar has none such."""
    try:
        return date(year, month, day)
    except ValueError:
        return None
