"""Days and times as people say them on the phone."""

from __future__ import annotations

from datetime import date, datetime

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


def spoken_month(day: date) -> str:
    """'December', whatever the locale."""
    return _MONTHS[day.month - 1]


def ordinal(number: int) -> str:
    """'3rd'."""
    ending = "th" if 10 < number % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def spoken_day(day: date) -> str:
    """'Thursday, December 3rd'."""
    return f"{_WEEKDAYS[day.weekday()]}, {spoken_month(day)} {ordinal(day.day)}"


def spoken_clock(at: datetime) -> str:
    """'2 PM', '10:30 AM'."""
    hour, half = at.hour % 12 or 12, "AM" if at.hour < 12 else "PM"
    return f"{hour}:{at.minute:02d} {half}" if at.minute else f"{hour} {half}"
