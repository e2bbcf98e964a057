"""Times counted from now: "in an hour and a half", "twenty minutes from now"."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_DELAY = re.compile(
    r"\b(?P<in>in (?:about |around |maybe )?)?"
    r"(?:(?P<quarters>(?:a|3) quarters?|quarter)(?: of an)? hour|(?P<only_half>half an|a half|half) hour"
    r"|(?P<count>an?|\d{1,3}|(?:a )?couple(?: of)?|a few)(?P<and_half> and a half)? (?P<unit>hours?|minutes?|mins?)"
    r"(?: and (?:(?P<half>a half|half)(?: an hour)?|(?P<quarter>a quarter)|(?P<extra>\d{1,2}) (?:minutes?|mins?)))?)"
    r"(?: or so)?(?: time)?(?P<from> from now)?\b"
)


def read_delay(text: str, now: datetime, step_min: int) -> datetime | None:
    """The moment a delay leads to; None when none was said.

    Args:
        text: numerals already written.
        now: aware, in the tenant's zone.
        step_min: the moment is rounded up to this grid of minutes, on which appointments start.
    """
    for match in _DELAY.finditer(text):
        if match["in"] or match["from"]:
            return _rounded_up(now, _minutes(match), step_min)
    return None


def _minutes(match: re.Match[str]) -> int:
    if match["only_half"]:
        return 30
    if match["quarters"]:
        return 45 if match["quarters"].startswith("3") else 15
    said = match["count"]
    count = int(said) if said.isdecimal() else 2 if "couple" in said else 3 if "few" in said else 1
    scale = 60 if match["unit"].startswith("h") else 1
    part = scale // 2 if match["and_half"] or match["half"] else scale // 4 if match["quarter"] else 0
    return count * scale + part + int(match["extra"] or 0)


def _rounded_up(now: datetime, minutes: int, step_min: int) -> datetime:
    # In UTC, because the wall clock may be set forward or back meanwhile.
    moment = (now.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(now.tzinfo)
    over = timedelta(minutes=moment.minute % step_min, seconds=moment.second, microseconds=moment.microsecond)
    return moment - over + timedelta(minutes=step_min) if over else moment
