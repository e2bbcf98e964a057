"""Spoken and written numbers: digits of a telephone number, and numbers inside dates and times."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.understanding.dates import WEEKDAYS
from agent.understanding.words import Word

UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
}  # fmt: skip
TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14,
    "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19,
    "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
#: "three p m", written apart; without a number before it, it may be a spelled name.
_SPACED_MERIDIEM = re.compile(r"\b(\d[\d: ]*) ([ap]) m\b")
OH = frozenset({"oh", "o"})
REPEATS = {"double": 2, "triple": 3}
#: "one" after these counts nothing: "the second one".
_PRONOUN_BEFORE = frozenset(
    {"first", "second", "third", "last", "that", "this", "which", "either", "another", "other", "earlier", "later",
     "no", "any", "next", "1st", "2nd", "3rd", "latter", "former", "the", "good", "some", "new", "change", "cancel"}
)  # fmt: skip


_AFTER_HOUR = frozenset({*TENS, *TEENS, *OH, "oclock", "am", "pm"})


@dataclass(frozen=True, slots=True)
class DigitRun:
    """Consecutive words that spell digits.

    Attributes:
        start, stop: word indices, half-open.
    """

    digits: str
    start: int
    stop: int


def digit_runs(words: list[Word]) -> list[DigitRun]:
    """Every maximal run of words that can be read as digits of a telephone number."""
    runs = []
    index = 0
    while index < len(words):
        digits, stop = _read_run(words, index)
        if digits:
            runs.append(DigitRun(digits, index, stop))
        index = max(stop, index + 1)
    return runs


def _read_run(words: list[Word], start: int) -> tuple[str, int]:
    digits, index = "", start
    while index < len(words):
        piece, stop = _read_piece(words, index)
        if not piece and digits and words[index].norm in ("dash", "area", "code", "then"):
            stop = index + 1
        elif not piece or (stop < len(words) and words[stop].norm in ("am", "pm", "oclock")):
            break
        digits, index = digits + piece, stop
    return digits, index


def _read_piece(words: list[Word], index: int) -> tuple[str, int]:
    """The digits one spoken number contributes, and the index after it."""
    word = words[index].norm
    following = words[index + 1].norm if index + 1 < len(words) else ""
    if word.isdecimal():
        return word, index + 1
    if word in REPEATS and (digit := _unit(following)) is not None:
        return digit * REPEATS[word], index + 2
    if (digit := _unit(word)) is not None:
        if following == "hundred":
            rest, stop = _below_hundred(words, index + 2)
            return (digit + rest, stop) if rest else (digit + "00", index + 2)
        return (digit + "000", index + 2) if following == "thousand" else (digit, index + 1)
    return _below_hundred(words, index)


def _below_hundred(words: list[Word], index: int) -> tuple[str, int]:
    word = words[index].norm if index < len(words) else ""
    if word in TEENS:
        return str(TEENS[word]), index + 1
    if word not in TENS:
        return "", index
    following = words[index + 1].norm if index + 1 < len(words) else ""
    if UNITS.get(following):
        return str(TENS[word] + UNITS[following]), index + 2
    return str(TENS[word]), index + 1


def _unit(word: str) -> str | None:
    if word in OH:
        return "0"
    return str(UNITS[word]) if word in UNITS else None


def with_numerals(words: list[Word]) -> str:
    """The utterance with number words as numerals, for the grammars of dates and times.

    "three thirty" becomes "3 30", "ten oh five" "10 05", "twenty sixth" "26th".
    """
    out: list[str] = []
    index = 0
    while index < len(words):
        text, index = _numeral(words, index)
        out.append(text)
    return _SPACED_MERIDIEM.sub(r"\1 \2m", " ".join(out))


def _numeral(words: list[Word], index: int) -> tuple[str, int]:
    word = words[index].norm
    following = words[index + 1].norm if index + 1 < len(words) else ""
    previous = words[index - 1].norm if index else ""
    if word == "one" and (previous in _PRONOUN_BEFORE or (previous in WEEKDAYS and following not in _AFTER_HOUR)):
        return word, index + 1
    if word in ORDINALS:
        return _ordinal(ORDINALS[word]), index + 1
    if word in OH and following in UNITS:
        return f"0{UNITS[following]}", index + 2
    if word in TENS:
        if UNITS.get(following):
            return str(TENS[word] + UNITS[following]), index + 2
        if 1 <= ORDINALS.get(following, 0) <= 9:
            return _ordinal(TENS[word] + ORDINALS[following]), index + 2
        return str(TENS[word]), index + 1
    if word in TEENS:
        return str(TEENS[word]), index + 1
    return (str(UNITS[word]) if word in UNITS else word), index + 1


def _ordinal(number: int) -> str:
    suffix = "th" if 11 <= number <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"
