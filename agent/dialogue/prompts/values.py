"""A line's arguments as they are spoken, by how their names end: hours, weeks, days, prices, lists and spellings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: Days with the same hours are said together when they are so many in a row.
_LEAST_RUN = 3
#: Only a name's last word is spelled in full when it is longer: twelve seconds hold no more.
_MOST_LETTERS = 8

#: Words that tell letters apart on a telephone line.
EXAMPLES = {
    "A": "apple", "B": "boy", "C": "cat", "D": "David", "E": "Edward", "F": "Frank", "G": "George", "H": "house",
    "I": "island", "J": "John", "K": "king", "L": "lemon", "M": "Mary", "N": "Nancy", "O": "orange", "P": "Peter",
    "Q": "queen", "R": "Robert", "S": "Sam", "T": "Tom", "U": "uncle", "V": "Victor", "W": "William", "X": "x-ray",
    "Y": "yellow", "Z": "zebra",
}  # fmt: skip


def spoken_value(name: str, value: str) -> str | None:
    """An argument in words; None when its name's ending says nothing about it."""
    for ending, spoken in _ENDINGS.items():
        if name.endswith(ending):
            return spoken(value)
    return None


def spoken_clock(at: time) -> str:
    """ "3 PM", "3:30 PM", "noon"."""
    if (at.hour, at.minute) == (12, 0):
        return "noon"
    hour = at.hour % 12 or 12
    minutes = f":{at.minute:02d}" if at.minute else ""
    return f"{hour}{minutes} {'AM' if at.hour < 12 else 'PM'}"


def joined(names: list[str], word: str) -> str:
    """ "a", "a and b", "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"


def _clock(value: str) -> str:
    return spoken_clock(time.fromisoformat(value))


def _hours(value: str) -> str:
    """ "08:00-12:00,13:00-17:00": "from 8 AM to noon and from 1 PM to 5 PM"."""
    spans = [span.split("-") for span in value.split(",")]
    return joined([f"from {_clock(opens)} to {_clock(closes)}" for opens, closes in spans], "and")


def _week(value: str) -> str:
    """Seven days from Monday, separated by "|", empty when closed; days with the same hours are said together."""
    days: dict[str, list[int]] = {}
    for weekday, hours in enumerate(value.split("|")):
        if hours:
            days.setdefault(hours, []).append(weekday)
    if not days:
        return "by appointment only"
    return joined([f"{_days_named(weekdays)} {_hours(hours)}" for hours, weekdays in days.items()], "and")


def _days_named(weekdays: list[int]) -> str:
    names = [WEEKDAYS[weekday] for weekday in weekdays]
    is_run = weekdays == list(range(weekdays[0], weekdays[-1] + 1)) and len(weekdays) >= _LEAST_RUN
    return f"{names[0]} through {names[-1]}" if is_run else joined(names, "and")


def _cents(value: str) -> str:
    dollars, cents = divmod(int(value), 100)
    return f"${dollars:,}.{cents:02d}" if cents else f"${dollars:,}"


def _listed(value: str, verb: str, spoken: Callable[[str], str]) -> str:
    """ "cleaning=12000|checkup=8000": "cleaning is $120 and checkup is $80"."""
    parts = [part.rpartition("=") for part in value.split("|")]
    return joined([f"{name} {verb} {spoken(amount)}" for name, _, amount in parts], "and")


def _minutes(value: str) -> str:
    hours, minutes = divmod(int(value), 60)
    if not hours or (hours == 1 and minutes not in (0, 30)):
        return f"{value} minutes"
    if hours == 1:
        return "an hour and a half" if minutes else "an hour"
    return f"{hours} hours" if not minutes else f"{hours} hours and {minutes} minutes"


def _spelled(value: str) -> str:
    """Letters with an example word each; of a long text the last word only, and a longest one letter by letter."""
    words = [word for word in value.upper().replace("-", " ").split() if any(map(str.isalnum, word))]
    if sum(len(word) for word in words) > _MOST_LETTERS:
        words = words[-1:]
    letters = [letter for word in words for letter in word if letter.isalnum()]
    if len(letters) > _MOST_LETTERS:
        return ", ".join(letters)
    return ". ".join(f"{letter}, like {EXAMPLES[letter]}" if letter in EXAMPLES else letter for letter in letters)


_ENDINGS: dict[str, Callable[[str], str]] = {
    "_time": _clock,
    "_hours": _hours,
    "_week": _week,
    "_cents": _cents,
    "_price": lambda value: _listed(value, "is", _cents),
    "_length": lambda value: _listed(value, "takes", _minutes),
    "_min": _minutes,
    "_spelled": _spelled,
    "and_names": lambda value: joined(value.split("|"), "and"),
    "or_names": lambda value: joined(value.split("|"), "or"),
}
