"""A caller's next words: a real turn where the data has one that fits, filled with his own wish; else our own."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import yaml

from loadtest.evaluation.corpus import DATA, Corpus, Turn
from loadtest.evaluation.spoken_when import spoken_day, spoken_time

_DIGIT_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Utterance:
    """Words to say.

    Attributes:
        real: the turn of the data they are made from; None when they are our own.
        is_side_question: they ask the business's knowledge base something.
    """

    text: str
    real: str | None = None
    is_side_question: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What a caller may put into his words; what is None is not to be said.

    Attributes:
        service: as callers call it.
        start: wall clock.
        phone: ten digits.
        day: of which a question is asked, or by which an appointment is named.
    """

    service: str | None = None
    start: datetime | None = None
    name: str | None = None
    phone: str | None = None
    day: date | None = None


class Phrasebook:
    """Finds words.

    Args:
        today: days are counted from it.
    """

    def __init__(self, corpus: Corpus, today: date, rng: random.Random) -> None:
        self._corpus = corpus
        self._today = today
        self._rng = rng

    def say(self, kind: str, facts: Facts | None = None, slots: Iterable[str] = ()) -> Utterance:
        """Words of a kind that name exactly these slots. Raises KeyError: there are none, not even our own."""
        facts, wanted = facts or Facts(), frozenset(slots)
        turn = self._corpus.pick(self._rng, kind, wanted)
        if turn is not None:
            return Utterance(self._filled(turn, facts), real=turn.text)
        key = "_".join([kind, *sorted(wanted)])
        known = own_words()
        return Utterance(self._own(known[key if key in known else kind], facts))

    def ours(self, kind: str, facts: Facts | None = None) -> Utterance:
        """Our own words of a kind. Raises KeyError: there are none."""
        return Utterance(self._own(own_words()[kind], facts or Facts()))

    def _own(self, texts: list[str], facts: Facts) -> str:
        values: dict[str, Any] = {"name": facts.name, "service": facts.service}
        if facts.service is not None:
            values["a_service"] = with_article(facts.service)
        if facts.phone is not None:
            values["phone"] = spoken_digits(facts.phone, self._rng)
        if facts.start is not None:
            values["time"] = spoken_time(facts.start.time(), self._rng)
        day = facts.day or (facts.start.date() if facts.start else None)
        if day is not None:
            values["day"] = spoken_day(day, self._today, self._rng)
            values["weekday"] = _WEEKDAYS[day.weekday()]
        usable = [text for text in texts if all(values.get(name) for name in re.findall(r"{(\w+)}", text))]
        text = self._rng.choice(usable).format_map(values)
        return text[0].upper() + text[1:]

    def _filled(self, turn: Turn, facts: Facts) -> str:
        text = turn.text
        for gap in sorted(turn.gaps, key=lambda gap: -gap.start):
            before, phrase, rest = text[: gap.start], text[gap.start : gap.stop], text[gap.stop :]
            said = self._filling(gap.slot, before, phrase, facts)
            if gap.slot in ("service", "thing"):
                before = re.sub(r"\b([Aa])n $", r"\1 ", before)
            text = before + said + rest
        return text.replace('o"clock', "o'clock")

    def _filling(self, slot: str, before: str, phrase: str, facts: Facts) -> str:
        start = facts.start
        match slot:
            case "date":
                day = facts.day or (start.date() if start else self._today)
                return spoken_day(day, self._today, self._rng, after=before, instead_of=phrase)
            case "time" if start is not None:
                return spoken_time(start.time(), self._rng, after=before)
            case "name":
                return facts.name or phrase
            case "service":
                service = facts.service or phrase
                return service if f" {before}".lower().rstrip().endswith((" a", " an")) else with_article(service)
            case "thing":
                return f"{facts.service} appointment" if facts.service else "appointment"
            case _:
                return phrase


def with_article(service: str) -> str:
    """'a cleaning', 'an oil change'."""
    return f"{'an' if service[0] in 'aeiou' else 'a'} {service}"


def spoken_digits(number: str, rng: random.Random) -> str:
    """A number of ten digits, or the end of one, as people say them and recognisers write them."""
    groups = [part for part in (number[-10:-7], number[-7:-4], number[-4:]) if part]
    form = rng.choice(("hyphens", "blanks", "single", "words"))
    if form == "words":
        return ", ".join(" ".join(_DIGIT_WORDS[int(digit)] for digit in group) for group in groups)
    if form == "single":
        return " ".join(" ".join(group) for group in groups)
    return ("-" if form == "hyphens" else " ").join(groups)


@cache
def own_words() -> dict[str, list[str]]:
    """Our own words, by kind."""
    words: dict[str, list[str]] = yaml.safe_load((DATA / "own_words.yaml").read_text(encoding="utf-8"))
    return words
