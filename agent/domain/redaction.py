"""Payment card and social security numbers in a caller's words: found in any spelling, and masked.

The words are masked before anything reads them, so that neither rules nor storage, logs or traces ever have
them. Whatever is too long for a telephone number goes, valid checksum or not: a recogniser that mishears one
digit of a card has still heard the others. Said in two turns, a number is one number all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

#: Stands for what was masked; holds neither letters nor digits, so that no grammar reads it.
MASK = "[****]"
#: More digits than any telephone number that callers here give.
MIN_CARD_DIGITS = 12
#: Most cards have as many; what is said after them begins another number.
WHOLE_CARD_DIGITS = 16
SSN_DIGITS = 9
#: A turn that ends in so many digits may be the first part of a number.
MIN_OPEN_DIGITS = 3
_MOST_E164_DIGITS = 15
_MOST_GARBLED_DIGITS = 14
MOST_TELEPHONE_DIGITS = 11
_TELEPHONE_DIGITS = frozenset({7, 10, MOST_TELEPHONE_DIGITS})
#: The usual cards by how they begin.
_CARDS = re.compile(r"3[47]\d{13}|3[068]\d{12}|(?:4\d|5[1-5]|2[2-7]|6\d)\d{14}")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TOKEN = re.compile(r"[^\W_]+")
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
_GLUE = _words(
    "and then dash hyphen space um uh er ah hmm next so okay ok yes yeah like period point dot comma slash is its the"
    " thats followed by again digit digits ending with i mean sorry no wait plus underscore minus"
) | {*_REPEATS, *_SCALES}


class _Cue(Enum):
    """What the words before some digits say they are."""

    CARD = "card"
    SSN = "ssn"
    CODE = "code"
    PHONE = "phone"
    OTHER = "other"


#: After these words a part of a number is masked too, from so many digits on.
_FEWEST = {_Cue.CARD: 4, _Cue.SSN: 3, _Cue.CODE: 3}
_CUES = (
    dict.fromkeys(_words("cvv cvc cvc2 cvv2 security pin"), _Cue.CODE)
    | dict.fromkeys(_words("card visa mastercard amex discover debit credit"), _Cue.CARD)
    | dict.fromkeys(_words("social ssn itin"), _Cue.SSN)
    | dict.fromkeys(_words("phone cell mobile reach call telephone callback"), _Cue.PHONE)
    | dict.fromkeys(
        _words(
            "zip address street avenue at on birthday born monday tuesday wednesday thursday friday saturday sunday"
            " january february march april june july august september october november december"
        ),
        _Cue.OTHER,
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
#: "My card number is": the digits come in the next turn.
_ANNOUNCED = re.compile(r"\b(?:card|visa|mastercard|amex|social|security|ssn|cvv)\b[^.?!]*\b(?:is|number)\W*$", re.I)
_TOUCHES_BEFORE = re.compile(r"\d[\s,;./-]*$")
_TOUCHES_AFTER = re.compile(r"[\s,;./-]*\d")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word that says digits, and where it stands."""

    digits: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class _Run:
    """Digits with nothing but glue between them, and what the words before say they are."""

    pieces: tuple[_Piece, ...]
    cue: _Cue | None
    is_plus: bool

    @property
    def digits(self) -> str:
        return "".join(piece.digits for piece in self.pieces)


def redact(text: str, *, before: Sequence[str] = (), is_phone_asked: bool = False) -> str:
    """The words with card and social security numbers masked.

    Args:
        before: what the same caller said in the turns just before, when it ended in digits.
        is_phone_asked: nine digits are then a telephone number that lacks one, not a social security number.
    """
    lead = "".join(f"{earlier} " for earlier in before)

    def is_masked(run: _Run) -> bool:
        said_now = tuple(piece for piece in run.pieces if piece.start >= len(lead))
        if not said_now:
            return False
        is_split = len(said_now) < len(run.pieces)
        now = replace(run, pieces=said_now, cue=None if is_split else run.cue)
        return _is_private(now, is_phone_asked) or (is_split and _is_private_in_parts(run, now, is_phone_asked))

    return _masked(lead + text, len(lead), is_masked)


def mask_digits(text: str) -> str:
    """The words without any longer number, for a part of what turned out to be private."""
    return _masked(text, 0, lambda run: len(run.digits) >= MIN_OPEN_DIGITS)


def may_go_on(text: str) -> bool:
    """Whether a number, or the rest of one, may follow in the next turn."""
    if _ANNOUNCED.search(text):
        return True
    return digits_at_end(text) >= MIN_OPEN_DIGITS


def digits_at_end(text: str) -> int:
    """How many digits the number has with which a text ends; 0 when it ends otherwise."""
    *_, last = (None, *_runs(text))
    if last is None or any(word.lower() not in _GLUE for word in _TOKEN.findall(text[last.pieces[-1].stop :])):
        return 0
    return len(last.digits)


def passes_luhn(digits: str) -> bool:
    """The checksum of payment card numbers (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    return (sum(map(int, digits[::-2])) + sum(n // 10 + n % 10 for n in doubled)) % 10 == 0


def _masked(text: str, visible_from: int, is_masked: Callable[[_Run], bool]) -> str:
    """The text from an index on, with the runs that are to be masked replaced."""
    out, index = [], visible_from
    for run in _runs(text):
        start, stop = max(run.pieces[0].start, index), run.pieces[-1].stop
        if stop > index and is_masked(run):
            out += [text[index:start], MASK]
            index = stop
    return "".join([*out, text[index:]])


def _is_private(run: _Run, is_phone_asked: bool) -> bool:
    count = len(run.digits)
    if count >= _fewest(run):
        is_garbled = (is_phone_asked or run.cue is _Cue.PHONE) and _is_garbled_telephone(run)
        return not is_garbled and not _is_telephone(run)
    if count != SSN_DIGITS or _is_grouped(run, (5, 4)):  # the latter is a ZIP+4
        return False
    return _is_grouped(run, (3, 2, 4)) or not (is_phone_asked or run.cue is _Cue.PHONE)


def _is_private_in_parts(run: _Run, now: _Run, is_phone_asked: bool) -> bool:
    """A number said in several turns, which may also be a telephone number begun anew."""
    count, count_now = len(run.digits), len(now.digits)
    if count == SSN_DIGITS:
        return not (is_phone_asked or run.cue is _Cue.PHONE)
    if count_now in _TELEPHONE_DIGITS or count - count_now in _TELEPHONE_DIGITS:
        return _CARDS.fullmatch(run.digits) is not None and passes_luhn(run.digits)
    return count >= _fewest(run)


def _is_garbled_telephone(run: _Run) -> bool:
    """A telephone number with digits too many, when one was asked for or announced."""
    is_announced_card = run.cue in _FEWEST
    return not is_announced_card and len(run.digits) <= _MOST_GARBLED_DIGITS and not passes_luhn(run.digits)


def _fewest(run: _Run) -> int:
    return MIN_CARD_DIGITS if run.cue is None else _FEWEST.get(run.cue, MIN_CARD_DIGITS)


def _is_telephone(run: _Run) -> bool:
    """A number with a foreign country code, or two numbers in a row, mostly the same one twice."""
    digits, half = run.digits, len(run.digits) // 2
    if run.is_plus and MIN_CARD_DIGITS <= len(digits) <= _MOST_E164_DIGITS:
        return not passes_luhn(digits)
    is_twice = half in (7, 10, 11) and digits[:half] == digits[half:]
    return is_twice or _is_grouped(run, (3, 3, 4, 3, 3, 4)) or _is_grouped(run, (10, 10))


def _is_grouped(run: _Run, lengths: tuple[int, ...]) -> bool:
    return tuple(len(piece.digits) for piece in run.pieces) == lengths


def _runs(text: str) -> Iterator[_Run]:
    """Every longest row of digits, in order."""
    ordinary = _ordinary_spans(text)
    tokens = [(match[0].lower(), match.start(), match.end()) for match in _TOKEN.finditer(text)]
    words = [word for word, _, _ in tokens]
    pieces: list[_Piece] = []
    cue: _Cue | None = None
    run_cue: _Cue | None = None
    for index, (word, start, stop) in enumerate(tokens):
        is_ordinary = any(first <= start < last for first, last in ordinary)
        digits = "" if is_ordinary else _digits(words, index, is_inside=bool(pieces))
        if digits:
            run_cue = run_cue if pieces else cue
            pieces.append(_Piece(digits, start, stop))
        elif pieces and (is_ordinary or word not in _GLUE):
            yield _run(text, pieces, run_cue)
            pieces = []
        cue = _cue_after(text, tokens, index, cue)
    if pieces:
        yield _run(text, pieces, run_cue)


def _cue_after(text: str, tokens: Sequence[tuple[str, int, int]], index: int, cue: _Cue | None) -> _Cue | None:
    """What the words up to this one say that digits after them are; a new sentence says nothing yet."""
    word, start, _ = tokens[index]
    if index:
        previous, _, stop = tokens[index - 1]
        if word == "number" and previous in ("my", "the"):
            return _Cue.PHONE
        cue = None if _SENTENCE_END.search(text, stop, start) else cue
    return _CUES.get(word, cue)


def _run(text: str, pieces: list[_Piece], cue: _Cue | None) -> _Run:
    return _Run(tuple(pieces), cue, is_plus=text[: pieces[0].start].endswith("+"))


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
        if not _TOUCHES_BEFORE.search(text[:start]) and not _TOUCHES_AFTER.match(text[stop:])
    ]
    return alone + [match.span() for match in _APART.finditer(text)]
