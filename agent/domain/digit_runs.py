"""Rows of digits in a caller's words, in any spelling, and what the words before say they are.

Generous where the grammar of telephone numbers is exact: whatever might be a digit of a number counts as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TOKEN = re.compile(r"[^\W_]+")
_UNITS = {
    "zero": "0", "oh": "0", "o": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "niner": "9", "fore": "4", "ate": "8",
}  # fmt: skip
_TEENS = {
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15",
    "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19",
}  # fmt: skip
_TENS = {
    "twenty": "2", "thirty": "3", "forty": "4", "fourty": "4", "fifty": "5", "sixty": "6", "seventy": "7",
    "eighty": "8", "ninety": "9",
}  # fmt: skip
_SCALES = {"hundred": "00", "thousand": "000"}
_REPEATS = {"double": 2, "triple": 3, "quadruple": 4}
#: Heard for a digit; counted as one only between others.
_SOUND_ALIKE = {"for": "4", "to": "2", "too": "2", "won": "1", "tree": "3"}
#: What people put between the digits of one number.
GLUE = _words(
    "and then dash hyphen space um uh er ah hmm next so okay ok yes yeah like period point dot comma slash is its the"
    " thats followed by again digit digits ending with i mean sorry no wait plus underscore minus"
) | {*_REPEATS, *_SCALES}


class Cue(Enum):
    """What the words before some digits say they are."""

    CARD = "card"
    SSN = "ssn"
    CODE = "code"
    PHONE = "phone"
    OTHER = "other"


_CUES = (
    dict.fromkeys(_words("cvv cvc cvc2 cvv2 security pin"), Cue.CODE)
    | dict.fromkeys(_words("card visa mastercard amex discover debit credit"), Cue.CARD)
    | dict.fromkeys(_words("social ssn itin"), Cue.SSN)
    | dict.fromkeys(_words("phone cell mobile reach call telephone callback"), Cue.PHONE)
    | dict.fromkeys(
        _words(
            "zip address street avenue at on birthday born monday tuesday wednesday thursday friday saturday sunday"
            " january february march april june july august september october november december"
        ),
        Cue.OTHER,
    )
)
#: Written dates and times, which are nobody's number while no other digits touch them.
_ORDINARY = re.compile(
    r"(?<![\w.,/:-])(?:"
    r"(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])(?:/(?:19|20)?\d\d)?"
    r"|(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"|(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?"
    r")(?![\w/:]|[.,-]\d)"
)
#: Prices, and identifiers, which only logs hold: never a part of a number.
_APART = re.compile(
    r"\$\s?(?:\d{1,3}(?:,\d{3}){1,2}|\d{1,7})(?:\.\d\d)?(?![.,]?\d)"
    r"|(?<!\w)(?=[\d-]*[a-fA-F])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?!\w)"
)
_SENTENCE_END = re.compile(r"[.?!]\s")
#: Characters before a date or time in which a digit would touch it.
_NEAR = 8
_TOUCHES_BEFORE = re.compile(r"\d[\s,;./-]*$")
_TOUCHES_AFTER = re.compile(r"[\s,;./-]*\d")


@dataclass(frozen=True, slots=True)
class Piece:
    """A word that says digits, and where it stands."""

    digits: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Run:
    """Digits with nothing but glue between them, and what the words before say they are."""

    pieces: tuple[Piece, ...]
    cue: Cue | None
    is_plus: bool

    @property
    def digits(self) -> str:
        return "".join(piece.digits for piece in self.pieces)


def read_runs(text: str) -> Iterator[Run]:
    """Every longest row of digits, in order."""
    ordinary = {at for first, last in _ordinary_spans(text) for at in range(first, last)}
    tokens = [(match[0].lower(), match.start(), match.end()) for match in TOKEN.finditer(text)]
    words = [word for word, _, _ in tokens]
    pieces: list[Piece] = []
    cue: Cue | None = None
    run_cue: Cue | None = None
    for index, (word, start, stop) in enumerate(tokens):
        is_ordinary = start in ordinary
        digits = "" if is_ordinary else _digits(words, index, is_inside=bool(pieces))
        if digits:
            run_cue = run_cue if pieces else cue
            pieces.append(Piece(digits, start, stop))
        elif pieces and (is_ordinary or word not in GLUE):
            yield _run(text, pieces, run_cue)
            pieces = []
        cue = _cue_after(text, tokens, index, cue)
    if pieces:
        yield _run(text, pieces, run_cue)


def _cue_after(text: str, tokens: Sequence[tuple[str, int, int]], index: int, cue: Cue | None) -> Cue | None:
    """What the words up to this one say that digits after them are; a new sentence says nothing yet."""
    word, start, _ = tokens[index]
    if index:
        previous, _, stop = tokens[index - 1]
        if word == "number" and previous in ("my", "the"):
            return Cue.PHONE
        cue = None if _SENTENCE_END.search(text, stop, start) else cue
    return _CUES.get(word, cue)


def _run(text: str, pieces: list[Piece], cue: Cue | None) -> Run:
    return Run(tuple(pieces), cue, is_plus=text[: pieces[0].start].endswith("+"))


def _digits(words: Sequence[str], index: int, *, is_inside: bool) -> str:
    """What a word adds to a number; empty for a word that adds nothing."""
    word = words[index]
    previous = words[index - 1] if index else ""
    following = words[index + 1] if index + 1 < len(words) else ""
    if word.isdecimal():
        return "".join(str(int(digit)) for digit in word)
    if word in _UNITS:
        return _UNITS[word] * _REPEATS.get(previous, 1)
    if word in _TEENS:
        return _TEENS[word]
    if word in _TENS:
        return _TENS[word] + ("" if following in _UNITS else "0")
    if word in _SCALES and is_inside:
        return _scale(word, following)
    if word in _SOUND_ALIKE and is_inside and (following in _UNITS or following.isdecimal()):
        return _SOUND_ALIKE[word]
    return ""


def _scale(word: str, following: str) -> str:
    """The zeros of "four hundred", of which "four hundred eleven" says none."""
    said = 1 if following in _UNITS else 2 if following in _TEENS or following in _TENS else 0
    return "" if word == "thousand" and said else _SCALES[word][said:]


def _ordinary_spans(text: str) -> list[tuple[int, int]]:
    """Where dates, times, prices and identifiers stand."""
    chains: list[tuple[int, int]] = []
    for match in _ORDINARY.finditer(text):
        if chains and not text[chains[-1][1] : match.start()].strip(" ,;"):
            chains[-1] = (chains[-1][0], match.end())
        else:
            chains.append(match.span())
    alone = [
        (start, stop)
        for start, stop in chains
        if not _TOUCHES_BEFORE.search(text[max(0, start - _NEAR) : start]) and not _TOUCHES_AFTER.match(text, stop)
    ]
    return alone + [match.span() for match in _APART.finditer(text)]
