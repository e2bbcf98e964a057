"""The days an utterance mentions, in the forms of `agent.understanding.day_forms`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from agent.understanding.dates import WEEKDAYS, Span
from agent.understanding.day_forms import FORMS
from agent.understanding.day_values import Days, days_named


@dataclass(frozen=True, slots=True)
class Mention:
    """A day, or a span of days, named by text[start:stop].

    Attributes:
        kind: the form it has, see `agent.understanding.day_forms`.
        weekday: the weekday it names, Monday is 0; None when it names none.
        number: the day of the month it names without a month.
    """

    start: int
    stop: int
    kind: str
    days: Days
    weekday: int | None = None
    number: int | None = None

    @property
    def span(self) -> Span | None:
        """First and last day; None for a conflict, a day gone by or no such date."""
        if self.days.first_on is None or self.days.last_on is None:
            return None
        return self.days.first_on, self.days.last_on


def find_mentions(text: str, today: date, *, offers: int = 0) -> list[Mention]:
    """Every mention of days, in the order of the text.

    Args:
        offers: as many are open; "the first" then picks one of them and is not a day of the month.
    """
    return sorted(_mentions(text, today, offers), key=lambda mention: mention.start)


def _mentions(text: str, today: date, offers: int) -> Iterator[Mention]:
    taken: list[tuple[int, int]] = []
    for kind, pattern in FORMS:
        for match in pattern.finditer(text):
            if kind == "ordinal" and int(match["day"]) <= offers:
                continue
            start, stop = match.start("day" if kind == "ordinal" else 0), match.end()
            if any(start < other_stop and other_start < stop for other_start, other_stop in taken):
                continue
            groups = {name: value for name, value in match.groupdict().items() if value}
            days = days_named(kind, groups, today)
            if days is None and kind == "dated":
                days = Days()  # "Monday, December 40th" was misheard: its Monday alone is a guess
            if days is not None:
                taken.append((start, stop))
                number = int(groups["day"]) if kind == "ordinal" else None
                yield Mention(start, stop, kind, days, WEEKDAYS.get(groups.get("weekday", "")), number)


def text_before(mentions: list[Mention], index: int, text: str) -> str:
    """What stands before a mention, up to the mention before it."""
    return text[mentions[index - 1].stop if index else 0 : mentions[index].start]


def text_between(first: Mention, second: Mention, text: str) -> str:
    """What stands between two mentions."""
    return text[first.stop : second.start]
