"""Times of day as callers say them: exact, after, before, between, and parts of the day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time, timedelta

from agent.domain.tenant import Tenant
from agent.understanding.words import word_set

_CLOCK = (
    r"(?:(?P<{p}rel>half|quarter|\d{{1,2}}) (?P<{p}dir>past|after|to|till|before) (?P<{p}rh>\d{{1,2}})(?! ?\d)"
    r"|(?P<{p}h>\d{{1,2}})(?:(?::| )(?P<{p}m>[0-5]\d))?(?![\d/:]|st|nd|rd|th)|(?P<{p}word>noon|midday|midnight))"
    r"(?: oclock)?(?: (?P<{p}mer>am|pm)|(?: in the| at| this)? (?P<{p}part>morning|afternoon|evening|night))?"
)


def _clock(prefix: str) -> str:
    return _CLOCK.replace("{p}", prefix).replace("{{", "{").replace("}}", "}")


_BETWEEN = re.compile(
    rf"\b(?:between|from) {_clock('a')} (?:and|to|until|till) {_clock('b')}\b"
    rf"|\b{_clock('c')} to {_clock('d')}\b"
)
_AFTER = re.compile(
    rf"\b(?:any ?time |some ?time )?(?:after|past|from|not before|no earlier than|later than) {_clock('a')}\b"
    rf"|\b{_clock('b')} or (?:later|after)\b"
)
_BEFORE = re.compile(
    rf"\b(?:before|by|until|no later than|not after|earlier than) {_clock('a')}\b"
    rf"|\b{_clock('b')} or (?:earlier|before)\b"
)
#: What stands right before an hour and makes a number one; "for" and "to" do only at the end of the words.
_AT = re.compile(r"\b(?:at|around|about|make it|its?|say|like|maybe|be)\s*$")
_AT_END = re.compile(r"\b(?:for|to)\s*$")
_PLAIN = re.compile(rf"\b{_clock('a')}\b")
_PARTS = (
    (re.compile(r"\bfirst thing\b|\b1st thing\b|\bearly (?:in the )?morning\b"), (None, time(9, 30))),
    (re.compile(r"\blate(?:r)? (?:in the )?morning\b"), (time(10), time(11, 59))),
    (re.compile(r"\bmornings?\b"), (None, time(11, 59))),
    (re.compile(r"\bearly (?:in the )?afternoon\b"), (time(12), time(14))),
    (re.compile(r"\blate(?:r)? (?:in the )?afternoon\b|\bend of the day\b"), (time(15), time(17))),
    (re.compile(r"\bafternoons?\b"), (time(12), time(16, 59))),
    (re.compile(r"\bevenings?\b|\btonight\b|\bafter work\b"), (time(17), None)),
    (re.compile(r"\blunch ?time\b|\blunch\b"), (time(11, 30), time(13, 30))),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hours:
    """What an utterance said about the time of day; all None when nothing."""

    at: time | None = None
    not_before: time | None = None
    not_after: time | None = None


def read_hours(text: str, day: date | None, tenant: Tenant, *, takes_bare: bool) -> Hours:
    """The time of day in an utterance whose numerals are written and whose days are cut out.

    Args:
        day: decides morning or afternoon by that day's opening hours; None tries the whole week's.
        takes_bare: "three thirty" alone is a time, because a time was asked for.
    """
    span = _between(text, day, tenant)
    if span is not None:
        return span
    after, before = _bound(_AFTER, text, day, tenant), _bound(_BEFORE, text, day, tenant)
    exact = _exact(text, day, tenant, takes_bare) if after is None and before is None else None
    if exact is not None:
        return Hours(at=exact)
    if after is not None or before is not None:
        return Hours(not_before=after, not_after=before)
    for pattern, (not_before, not_after) in _PARTS:
        if pattern.search(text):
            return Hours(not_before=not_before, not_after=not_after)
    return Hours()


def _between(text: str, day: date | None, tenant: Tenant) -> Hours | None:
    match = _BETWEEN.search(text)
    if match is None:
        return None
    low_prefix, high_prefix = ("a", "b") if _has(match, "b") else ("c", "d")
    high = _time(match, high_prefix, day, tenant)
    meridiem = match.group(f"{high_prefix}mer")
    low = _time(match, low_prefix, day, tenant, meridiem)
    if low is not None and high is not None and low >= high and meridiem:
        low = _time(match, low_prefix, day, tenant)
    if low is None or high is None or low >= high:
        return None
    return Hours(not_before=low, not_after=high)


def _bound(pattern: re.Pattern[str], text: str, day: date | None, tenant: Tenant) -> time | None:
    for match in pattern.finditer(text):
        # "Quarter after three" is an exact time, not "after three".
        if re.search(r"\b(?:half|quarter|\d+)\s*$", text[: match.start()]):
            continue
        return _time(match, "a" if _has(match, "a") else "b", day, tenant)
    return None


def _exact(text: str, day: date | None, tenant: Tenant, takes_bare: bool) -> time | None:
    """The last time that is plainly one: marked by a preposition, minutes, a meridiem, or by being asked for."""
    found = None
    for match in _PLAIN.finditer(text):
        if _is_marked(text, match) or (takes_bare and _stands_alone(text, match)):
            found = _time(match, "a", day, tenant) or found
    return found


def _is_marked(text: str, match: re.Match[str]) -> bool:
    said, before = match.group(), text[: match.start()]
    if ":" in said or "oclock" in said or any(match.group(f"a{part}") for part in ("mer", "part", "word", "rel")):
        return True
    is_last = not text[match.end() :].strip(" |")
    return _AT.search(before) is not None or (is_last and _AT_END.search(before) is not None)


_COMPANY = word_set(
    "i would like id lets do can we you how about what is that works work please the a good great fine sure ok okay yes"
    " yeah no actually then so maybe perfect one on and ill take it its make sounds for have want me wait sorry i mean"
    " meant instead thanks thank hi |"
)


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    rest = (text[: match.start()] + " " + text[match.end() :]).split()
    return all(word in _COMPANY for word in rest)


def _has(match: re.Match[str], prefix: str) -> bool:
    return any(match.group(f"{prefix}{part}") for part in ("h", "rh", "word"))


def _time(
    match: re.Match[str], prefix: str, day: date | None, tenant: Tenant, meridiem: str | None = None
) -> time | None:
    word = match.group(f"{prefix}word")
    if word:
        return time(0) if word == "midnight" else time(12)
    part = match.group(f"{prefix}part")
    said = match.group(f"{prefix}mer") or ({"morning": "am"}.get(part, "pm") if part else None) or meridiem
    relative = match.group(f"{prefix}rel")
    hour = int(match.group(f"{prefix}rh") or match.group(f"{prefix}h"))
    minute = int(match.group(f"{prefix}m") or 0)
    if hour > 23:
        return None
    base = _on_clock(hour, minute, said, day, tenant)
    if relative is None:
        return base
    offset = {"half": 30, "quarter": 15}.get(relative) or int(relative)
    sign = 1 if match.group(f"{prefix}dir") in ("past", "after") else -1
    if offset > 59:
        return None
    if said is None:
        base = _on_clock(hour if sign > 0 else hour - 1 or 12, 30, None, day, tenant).replace(minute=0)
        base = base if sign > 0 else time((base.hour + 1) % 24)
    moved = timedelta(hours=base.hour, minutes=base.minute + sign * offset)
    minutes = int(moved.total_seconds() // 60) % (24 * 60)
    return time(minutes // 60, minutes % 60)


def _on_clock(hour: int, minute: int, meridiem: str | None, day: date | None, tenant: Tenant) -> time:
    """Wall-clock time; without am or pm, the half of the day in which the business is open."""
    if hour > 12 or hour == 0:
        return time(hour, minute)
    morning, evening = time(hour % 12, minute), time(hour % 12 + 12, minute)
    if meridiem:
        return morning if meridiem == "am" else evening
    is_morning_open, is_evening_open = _is_open(morning, day, tenant), _is_open(evening, day, tenant)
    if is_morning_open != is_evening_open:
        return morning if is_morning_open else evening
    return morning if 7 <= hour <= 11 else evening


def _is_open(at: time, day: date | None, tenant: Tenant) -> bool:
    days = [tenant.hours_on(day)] if day is not None else list(tenant.opening_rules.values())
    return any(interval.opens <= at < interval.closes for hours in days for interval in hours)
