"""Days and hours in forms people used: those of the SGD dialogues, meant as they are meant there.

A day's forms are counted from the day of the call. Left out are those that mean one day to one half of the people and
another to the other: "next Wednesday" said on a Monday.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache
from pathlib import Path

_TIMES = Path(__file__).parent / "data" / "sgd_times.jsonl"
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
#: "The 12th" is taken for the next one.
_DAYS_WITHOUT_MONTH = 27
_DAYPARTS = ("morning", "afternoon", "evening")


@dataclass(frozen=True, slots=True)
class TimePhrase:
    """A way to name a quarter of an hour; `is_held_back` when no grammar was tuned on it."""

    text: str
    at: time
    is_held_back: bool


@cache
def time_phrases() -> tuple[TimePhrase, ...]:
    """Every phrase of the data, 09:30 to 18:45."""
    rows = [json.loads(line) for line in _TIMES.read_text(encoding="utf-8").splitlines()]
    return tuple(
        TimePhrase(row["phrase"].replace('"', "'"), time.fromisoformat(row["at"]), row["part"] == "held_back")
        for row in rows
    )


def spoken_time(at: time, rng: random.Random, *, after: str = "") -> str:
    """One of the data's phrases for a time; where it has none, the commonest of its forms.

    Args:
        after: the words before it; only "morning 10" goes after "in the".
    """
    known = [phrase for phrase in time_phrases() if phrase.at == at]
    if after.lower().rstrip().endswith("in the"):
        known = [phrase for phrase in known if phrase.text.lower().startswith(_DAYPARTS)] or known
    if not known:
        return f"{at.hour % 12 or 12}{f':{at.minute:02d}' if at.minute else ''} {'am' if at.hour < 12 else 'pm'}"
    return rng.choice([phrase for phrase in known if phrase.is_held_back] or known).text


def spoken_times() -> frozenset[time]:
    """The times that can be said."""
    return frozenset(phrase.at for phrase in time_phrases())


def spoken_day(day: date, today: date, rng: random.Random, *, after: str = "", instead_of: str = "") -> str:
    """One of the forms for a day ahead.

    Args:
        after: the words before it; "the" is followed by an ordinal.
        instead_of: the phrase it replaces; a date is replaced by a date where that is possible.
    """
    dated, counted = _dated_forms(day, today), _counted_forms(day, today)
    before = after.lower().rstrip()
    if before.endswith(" the") or before == "the":
        return rng.choice([form for form in dated if form[0].isdigit()])
    is_counted = not any(character.isdigit() for character in instead_of)
    return rng.choice(counted if is_counted and counted else dated)


def _dated_forms(day: date, today: date) -> Sequence[str]:
    ordinal, month = ordinal_of(day.day), _MONTHS[day.month - 1]
    forms = [f"{month} {ordinal}", f"{ordinal} of {month}"]
    if (day - today).days <= _DAYS_WITHOUT_MONTH:
        forms.append(f"the {ordinal}")
    if (day.year, day.month) == (today.year, today.month):
        forms.append(f"{ordinal} of this month")
    return forms


def _counted_forms(day: date, today: date) -> Sequence[str]:
    weekday = _WEEKDAYS[day.weekday()]
    monday = today - timedelta(days=today.weekday())
    weeks = (day - monday).days // 7
    forms = {1: ["tomorrow"], 2: ["day after tomorrow"]}.get((day - today).days, [])
    if weeks == 0:
        return [*forms, f"this {weekday}", f"{weekday} this week"]
    if weeks == 1:
        forms = [*forms, f"{weekday} next week"]
        is_next = (day - today).days <= 7
        return [*forms, f"next {weekday}"] if is_next else forms
    return forms


def ordinal_of(number: int) -> str:
    """'3rd'."""
    ending = "th" if 10 < number % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
