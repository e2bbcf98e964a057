"""Days as callers say them: "next Thursday", "the 26th", "Monday the 1st", "tomorrow", "next week"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from agent.domain.facts import DayConflict

WEEKDAYS = {
    "monday": 0, "mondays": 0, "mon": 0, "tuesday": 1, "tuesdays": 1, "tues": 1, "tue": 1,
    "wednesday": 2, "wednesdays": 2, "wed": 2, "weds": 2, "thursday": 3, "thursdays": 3, "thurs": 3,
    "thur": 3, "thu": 3, "friday": 4, "fridays": 4, "fri": 4, "saturday": 5, "sat": 5, "sunday": 6,
}  # fmt: skip
MONTHS = {
    "january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "april": 4, "apr": 4, "may": 5, "june": 6,
    "july": 7, "august": 8, "aug": 8, "september": 9, "sept": 9, "sep": 9, "october": 10, "oct": 10,
    "november": 11, "nov": 11, "december": 12, "dec": 12,
}  # fmt: skip

_DAY_NAMES = "|".join(WEEKDAYS)
_WD = rf"(?P<weekday>{_DAY_NAMES})"
_MONTH = rf"(?P<month>{'|'.join(MONTHS)})"
#: "The first available" and "first thing" are no days of the month.
_ORD = r"(?P<day>\d{1,2})(?:st|nd|rd|th)(?! (?:available|thing|opening|appointment|possible|one)\b)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?![:\d])"
_YEAR = r"(?: (?P<year>20\d\d))?"
_AMOUNT = r"(?P<n>an?|\d{1,2}) (?P<unit>days?|weeks?)"
#: In order of preference: what an earlier form has taken, a later one does not see.
_FORMS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("dated", rf"\b(?:{_WD} )?(?:the )?{_MONTH} (?:the )?{_DAY}{_YEAR}\b"),
        ("dated", rf"\b(?:{_WD} )?(?:the )?{_DAY} of {_MONTH}{_YEAR}\b"),
        ("slashed", r"\b(?P<month>\d{1,2})/(?P<day>\d{1,2})(?:/(?P<year>20\d\d))?\b"),
        ("weekday_dated", rf"\b{_WD} (?:the )?{_ORD}\b"),
        ("after_next", rf"\b(?:the )?{_WD} after next\b"),
        ("after_next", rf"\b(?:a|1) week from (?:this )?{_WD}\b"),
        ("past", rf"\byesterday\b|\blast (?:week|month|night|{_DAY_NAMES})\b"),
        ("next_week_day", rf"\bnext week (?:on )?{_WD}\b"),
        ("next_week_day", rf"\b{_WD} (?:of )?next week\b"),
        ("next", rf"\bnext {_WD}\b"),
        ("coming", rf"\b(?P<this>this (?:coming )?|coming )?{_WD}\b"),
        ("shift", r"\b(?:the )?day after tomorrow\b|\btomorrow\b"),
        ("in", rf"\bin {_AMOUNT}\b"),
        ("in", rf"\b{_AMOUNT} from (?:now|today)\b"),
        ("shift", r"\btoday\b|\btonight\b|\bthis (?:morning|afternoon|evening)\b"),
        ("week", r"\b(?:the )?(?P<span>week) (?P<which>after next)\b"),
        ("week", r"\b(?P<which>this|next|the following) (?P<span>week|weekend|month)\b|\bthe weekend\b"),
        ("ordinal", rf"(?:\bthe |\bon |^){_ORD}\b"),
    )
)
_SOON = re.compile(
    r"\b(as soon as (?:possible|you can)|soonest|asap|right away|soon as possible|earliest you have"
    r"|(?:first|1st|next|earliest) (?:available|opening|appointment|possible))\b"
)
_ANY_DAY = re.compile(r"\b(any ?time|any day|whenever)\b")
_REFUSED = rf"(?:{_DAY_NAMES}|tomorrow|today)"
_NEGATED = re.compile(
    r"\b(?:not|except|cant do|cant make|cannot do|anything but|other than)(?: it)?(?: on| for| this| next)*"
    rf" {_REFUSED}\b"
    rf"|\b{_REFUSED} (?:doesnt work|does not work|wont work|is no good|isnt good|is bad|is out)\b"
)
#: "As soon as possible" looks this far.
SOON_DAYS = 14


@dataclass(frozen=True, slots=True)
class Days:
    """What an utterance said about days; all empty when nothing."""

    first_on: date | None = None
    last_on: date | None = None
    conflict: DayConflict | None = None
    is_past: bool = False
    was_negated: bool = False


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    stop: int
    days: Days


def read_days(text: str, today: date, *, is_choice: bool = False) -> tuple[Days, str]:
    """The days of an utterance (numerals already written), and the text without them.

    Args:
        is_choice: "the first" then picks an offer and is not a day of the month.
    """
    kept = _NEGATED.sub(" ", text)
    was_negated = kept != text
    mentions = sorted(_mentions(kept, today, is_choice), key=lambda mention: mention.start)
    rest = kept
    for mention in reversed(mentions):
        rest = f"{rest[: mention.start]} | {rest[mention.stop :]}"
    if not mentions:
        if _SOON.search(kept):
            return Days(today, today + timedelta(days=SOON_DAYS)), _SOON.sub(" ", kept)
        return Days(was_negated=was_negated), rest
    return _settled(mentions, kept), rest


def reads_any_day(text: str) -> bool:
    """Whether the caller leaves the day to us."""
    return _ANY_DAY.search(text) is not None


def _settled(mentions: list[_Mention], text: str) -> Days:
    """One wish out of several mentions: adjacent days joined by "or", else the last one said."""
    if len(mentions) >= 2:
        first, last = mentions[-2], mentions[-1]
        between = text[first.stop : last.start].split()
        is_next_day = first.days.last_on is not None and last.days.first_on == first.days.last_on + timedelta(days=1)
        if between in (["to"], ["through"]) and first.days.first_on and last.days.last_on:
            is_forward = first.days.first_on <= last.days.last_on
            return Days(first.days.first_on, last.days.last_on) if is_forward else last.days
        if between and between[-1] in ("or", "and", "the") and "or" in between:
            return Days(first.days.first_on, last.days.last_on) if is_next_day else first.days
    return mentions[-1].days


def _mentions(text: str, today: date, is_choice: bool) -> Iterator[_Mention]:
    taken: list[tuple[int, int]] = []
    for kind, pattern in _FORMS:
        if kind == "ordinal" and is_choice:
            continue
        for match in pattern.finditer(text):
            start, stop = match.span()
            if any(start < other_stop and other_start < stop for other_start, other_stop in taken):
                continue
            days = _resolve(kind, match, today)
            if days is None and kind == "dated":
                days = Days()  # "Monday, December 40th" was misheard: its Monday alone is a guess
            if days is not None:
                taken.append((start, stop))
                yield _Mention(start, stop, days)


def _resolve(kind: str, match: re.Match[str], today: date) -> Days | None:
    groups = {name: value for name, value in match.groupdict().items() if value}
    if kind in ("dated", "slashed", "weekday_dated", "ordinal"):
        return _calendar_day(groups, today)
    if kind == "past":
        return Days(is_past=True)
    if kind == "week":
        return _span(groups.get("which", "this"), groups.get("span", "weekend"), today)
    return _single(_relative_day(kind, match.group(), groups, today))


def _relative_day(kind: str, said: str, groups: dict[str, str], today: date) -> date:
    if kind == "shift":
        return today + timedelta(days=2 if "after" in said.split() else 1 if said == "tomorrow" else 0)
    if kind == "in":
        count = 1 if groups["n"] in ("a", "an") else int(groups["n"])
        return today + timedelta(days=count * (7 if groups["unit"].startswith("week") else 1))
    weekday = WEEKDAYS[groups["weekday"]]
    monday = today - timedelta(days=today.weekday())
    if kind in ("next", "next_week_day"):
        return monday + timedelta(days=7 + weekday)
    ahead = (weekday - today.weekday()) % 7
    if kind == "after_next":
        return today + timedelta(days=(ahead or 7) + 7)
    # Said bare on the very day, a weekday means the coming week's; "this Friday" means today.
    return today + timedelta(days=ahead if ahead or groups.get("this") else 7)


def _single(day: date) -> Days:
    return Days(day, day)


def _span(which: str, span: str, today: date) -> Days:
    monday = today - timedelta(days=today.weekday())
    weeks = timedelta(days={"this": 0, "after next": 14}.get(which, 7))
    if span == "month":
        first = (today.replace(day=1) + timedelta(days=32)).replace(day=1) if weeks else today
        return Days(first, (first.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1))
    first = monday + weeks + timedelta(days=5 if span == "weekend" else 0)
    return Days(max(first, today), monday + weeks + timedelta(days=6))


def _calendar_day(groups: dict[str, str], today: date) -> Days | None:
    number = int(groups["day"])
    named = groups.get("month", "")
    month = int(named) if named.isdecimal() else MONTHS.get(named)
    day = _next_date(number, month, groups.get("year"), today)
    if day is None:
        return None
    if day < today:
        return Days(is_past=True)
    weekday = groups.get("weekday")
    if weekday is not None and WEEKDAYS[weekday] != day.weekday():
        return Days(conflict=DayConflict(WEEKDAYS[weekday], day))
    return _single(day)


def _next_date(number: int, month: int | None, year: str | None, today: date) -> date | None:
    """The next date with this day (and month); None when there is no such date.

    Nobody books in a year gone by: "December 1st, 2011" is a misheard "December 1st at 11", of which the day stands.
    """
    if year is not None and int(year) < today.year:
        year = None
    if month is not None:
        first_year = int(year) if year else today.year
        years = range(first_year, first_year + (1 if year else 9))
        candidates = (_date_or_none(y, month, number) for y in years)
        found = [day for day in candidates if day is not None]
        return next((day for day in found if day >= today), found[0] if year and found else None)
    for ahead in range(13):
        index = today.month - 1 + ahead
        day = _date_or_none(today.year + index // 12, index % 12 + 1, number)
        if day is not None and day >= today:
            return day
    return None


def _date_or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
