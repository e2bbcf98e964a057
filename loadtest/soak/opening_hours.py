"""When the demo tenant's doors are open: what a caller may wish for there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/New_York")
#: Month and day of its closures.
_CLOSED = {(12, 25), (1, 1)}


def half_hours(days: Iterable[date], hours: Iterable[int]) -> list[datetime]:
    """Every full and half hour of these hours, on those of the days on which it is open; in its zone."""
    return [
        datetime.combine(day, time(hour, minute), ZONE)
        for day in days
        if day.weekday() < 5 and (day.month, day.day) not in _CLOSED
        for hour in hours
        for minute in (0, 30)
    ]
