"""What callers of the tests ask for: days that are open, as they are said and as they are stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DENTAL_ZONE = ZoneInfo("America/New_York")
BAYVIEW_ZONE = ZoneInfo("America/Los_Angeles")
_CLOSED = {(12, 25), (1, 1)}
_THURSDAY = 3


@dataclass(frozen=True, slots=True)
class Day:
    """A Thursday on which the demo businesses are open."""

    on: date

    @property
    def spoken(self) -> str:
        """'Thursday, December 3rd', as said and as read back."""
        return f"Thursday, {self.on:%B} {self.ordinal}"

    @property
    def ordinal(self) -> str:
        """'3rd'."""
        number = self.on.day
        ending = "th" if 10 < number < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        return f"{number}{ending}"

    def at(self, clock: str, zone: ZoneInfo) -> datetime:
        """An aware time on it; `clock` is '15:30'."""
        return datetime.combine(self.on, time.fromisoformat(clock), zone)


def open_thursday(weeks_ahead: int = 0) -> Day:
    """A Thursday three days off or more.

    Args:
        weeks_ahead: so many open Thursdays later.
    """
    on = datetime.now(DENTAL_ZONE).date() + timedelta(days=3)
    while True:
        if on.weekday() == _THURSDAY and (on.month, on.day) not in _CLOSED:
            if weeks_ahead == 0:
                return Day(on)
            weeks_ahead -= 1
        on += timedelta(days=1)


def spoken_clock(at: datetime) -> str:
    """'3:30 pm' or '3 pm', as the caller's patterns spell a time that was heard."""
    hour, half = at.hour % 12 or 12, "am" if at.hour < 12 else "pm"
    return f"{hour}:{at.minute:02d} {half}" if at.minute else f"{hour} {half}"
