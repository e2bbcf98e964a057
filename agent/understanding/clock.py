"""One time on the clock as callers say it: "half past two", "3 30 pm", "noon", "evening 5", "quarter to nine"."""

from __future__ import annotations

import re
from datetime import date, time

from agent.domain.tenant import Tenant

_PART = "morning|afternoon|evening|night"
#: "Three people", "two weeks": a number that counts these is no hour.
_COUNTED = (
    "people|persons?|of us|kids?|children|adults|days?|weeks?|months?|years?|hours?|minutes?|mins?|teeth|tooth|times"
    "|things|appointments|patients|families|dollars|pounds|euros|percent|other|more"
    "|of (?:the|my|your|our|his|her|their|these|those|them)"
)
_CLOCK = (
    rf"(?:(?P<{{p}}pre>{_PART})(?:(?: on)? \|)?(?: at| around| about)? )?"
    r"(?:(?:a )?(?P<{p}rel>half|quarter|\d{1,2})(?: minutes?)? (?P<{p}dir>past|after|to|till|til|before|of)"
    r" (?:(?P<{p}rh>\d{1,2})(?! ?\d)|(?P<{p}rword>noon|midnight))"
    r"|(?P<{p}half>half) (?P<{p}hh>\d{1,2})(?! ?\d)"
    r"|(?P<{p}h>\d{1,2})(?:(?::| )(?P<{p}m>[0-5]\d)(?!\d))?(?![\d/:]|st|nd|rd|th)"
    r"|(?P<{p}word>noon|midday|midnight))"
    rf"(?! (?:(?:or|to|and) \d{{1,2}} )?(?:{_COUNTED})\b)(?: oclock)?(?: (?P<{{p}}mer>am|pm)\b)?"
    rf"(?:(?: \|)?(?: in the| at| this)? (?P<{{p}}part>{_PART})\b)?"
)
_OFFSETS = {"half": 30, "quarter": 15}
#: "Quarter of three" is before it; "one of three" is a choice.
_BEFORE_OF = frozenset({"quarter", "5", "10", "20", "25"})
_WORDS = {"noon": 12 * 60, "midday": 12 * 60, "midnight": 0}
DAY_MIN = 24 * 60


def clock(prefix: str) -> str:
    """A pattern for one time of day, its groups named with this prefix."""
    return _CLOCK.replace("{p}", prefix)


def has_clock(match: re.Match[str], prefix: str) -> bool:
    """Whether the time with this prefix took part in the match."""
    return any(match.group(f"{prefix}{part}") for part in ("h", "rh", "rword", "hh", "word"))


def half_of_day(match: re.Match[str], prefix: str) -> set[str]:
    """ "am", "pm", or neither, as said; both when the words contradict each other ("3 pm in the morning")."""
    said = {match.group(f"{prefix}mer")}
    for name in ("pre", "part"):
        part = match.group(f"{prefix}{name}")
        said.add(("am" if part == "morning" else "pm") if part else None)
    return {half for half in said if half}


def time_of(
    match: re.Match[str], prefix: str, day: date | None, tenant: Tenant, meridiem: str | None = None
) -> time | None:
    """The time of day a match of `clock` means; None when there is none such or it contradicts itself.

    Args:
        day: without am or pm, its opening hours tell morning from afternoon; None tries the whole week's.
        meridiem: "am" or "pm" for a time that says neither.
    """
    halves = half_of_day(match, prefix)
    if len(halves) > 1:
        return None
    half = next(iter(halves), meridiem)
    word = match.group(f"{prefix}word")
    if word:
        return _time(_WORDS[word])
    if match.group(f"{prefix}half"):  # "half three" is half past
        return _after(30, int(match.group(f"{prefix}hh")), half, day, tenant)
    relative = match.group(f"{prefix}rel")
    if relative is None:
        hour, minute = int(match.group(f"{prefix}h")), int(match.group(f"{prefix}m") or 0)
        is_night = "night" in (match.group(f"{prefix}part"), match.group(f"{prefix}pre"))
        return time(0, minute) if hour == 12 and is_night else _on_clock(hour, minute, half, day, tenant)
    offset = _OFFSETS.get(relative) or int(relative)
    is_past = match.group(f"{prefix}dir") in ("past", "after")
    if offset > 59 or (match.group(f"{prefix}dir") == "of" and relative not in _BEFORE_OF):
        return None
    word = match.group(f"{prefix}rword")
    if word:
        return _time(_WORDS[word] + (offset if is_past else -offset))
    hour = int(match.group(f"{prefix}rh"))
    if not is_past and hour == 12 and match.group(f"{prefix}mer"):
        half = "pm" if half == "am" else "am"  # what comes before noon is the morning
    return _after(offset, hour, half, day, tenant) if is_past else _before(offset, hour, half, day, tenant)


def _after(offset: int, hour: int, half: str | None, day: date | None, tenant: Tenant) -> time | None:
    return _on_clock(hour, offset, half, day, tenant)


def _before(offset: int, hour: int, half: str | None, day: date | None, tenant: Tenant) -> time | None:
    """So many minutes before an hour; the half of the day is that of the time itself."""
    if not 1 <= hour <= 12 or offset == 0:
        base = _on_clock(hour, 0, half, day, tenant)
        return None if base is None else _time(base.hour * 60 - offset)
    return _on_clock(hour - 1 or 12, 60 - offset, half, day, tenant)


def _time(minutes: int) -> time:
    minutes %= DAY_MIN
    return time(minutes // 60, minutes % 60)


def _on_clock(hour: int, minute: int, half: str | None, day: date | None, tenant: Tenant) -> time | None:
    """Wall-clock time; without am or pm, the half of the day in which the business is open."""
    if hour > 23 or (hour > 12 and half == "am"):
        return None
    if hour > 12 or hour == 0:
        return time(hour, minute)
    morning, evening = time(hour % 12, minute), time(hour % 12 + 12, minute)
    if half:
        return morning if half == "am" else evening
    is_morning_open, is_evening_open = _is_open(morning, day, tenant), _is_open(evening, day, tenant)
    if is_morning_open != is_evening_open:
        return morning if is_morning_open else evening
    return morning if 7 <= hour <= 11 else evening


def _is_open(at: time, day: date | None, tenant: Tenant) -> bool:
    days = [tenant.hours_on(day)] if day is not None else list(tenant.opening_rules.values())
    return any(interval.opens <= at < interval.closes for hours in days for interval in hours)
