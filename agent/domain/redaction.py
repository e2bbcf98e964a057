"""Payment card and social security numbers in a caller's words: found in any spelling, and masked.

The words are masked before anything reads them, so that neither rules nor storage, logs or traces ever have
them. Whatever is too long for a telephone number goes, valid checksum or not: a recogniser that mishears one
digit of a card has still heard the others. Said in two turns, a number is one number all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from agent.domain.digit_runs import GLUE, TOKEN, Cue, Run, read_runs

#: Stands for what was masked; holds neither letters nor digits, so that no grammar reads it.
MASK = "[****]"
#: Stands for nine digits that are a telephone number short of one, or a social security number: as a recogniser
#: groups them nobody can tell. Not kept either, but the caller is asked for the number again, not told off.
SHORT_MASK = "[***]"
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
#: After these words a part of a number is masked too, from so many digits on.
_FEWEST = {Cue.CARD: 4, Cue.SSN: 3, Cue.CODE: 3}
#: "My card number is": the digits come in the next turn.
_ANNOUNCED = re.compile(r"\b(?:card|visa|mastercard|amex|social|security|ssn|cvv)\b[^.?!]*\b(?:is|number)\W*$", re.I)


def redact(text: str, *, before: Sequence[str] = (), is_phone_asked: bool = False) -> str:
    """The words with card and social security numbers masked.

    Args:
        before: what the same caller said in the turns just before, when it ended in digits.
        is_phone_asked: nine digits are then a telephone number that lacks one, not a social security number.
    """
    lead = "".join(f"{earlier} " for earlier in before)

    def mask(run: Run) -> str | None:
        said_now = tuple(piece for piece in run.pieces if piece.start >= len(lead))
        if not said_now:
            return None
        is_split = len(said_now) < len(run.pieces)
        now = replace(run, pieces=said_now, cue=None if is_split else run.cue)
        if is_split and _is_private_in_parts(run, now, is_phone_asked):
            return MASK
        if not _is_private(now, is_phone_asked):
            return None
        is_short = is_phone_asked and len(now.digits) == SSN_DIGITS and run.cue not in _FEWEST
        return SHORT_MASK if is_short else MASK

    return _masked(lead + text, len(lead), mask)


def mask_digits(text: str) -> str:
    """The words without any longer number, for a part of what turned out to be private."""
    return _masked(text, 0, lambda run: MASK if len(run.digits) >= MIN_OPEN_DIGITS else None)


def may_go_on(text: str) -> bool:
    """Whether a number, or the rest of one, may follow in the next turn."""
    if _ANNOUNCED.search(text):
        return True
    return digits_at_end(text) >= MIN_OPEN_DIGITS


def digits_at_end(text: str) -> int:
    """How many digits the number has with which a text ends; 0 when it ends otherwise."""
    *_, last = (None, *read_runs(text))
    if last is None or any(word.lower() not in GLUE for word in TOKEN.findall(text[last.pieces[-1].stop :])):
        return 0
    return len(last.digits)


def passes_luhn(digits: str) -> bool:
    """The checksum of payment card numbers (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    return (sum(map(int, digits[::-2])) + sum(n // 10 + n % 10 for n in doubled)) % 10 == 0


def _masked(text: str, visible_from: int, mask_of: Callable[[Run], str | None]) -> str:
    """The text from an index on, with the runs for which there is a mask replaced by it."""
    out, index = [], visible_from
    for run in read_runs(text):
        start, stop = max(run.pieces[0].start, index), run.pieces[-1].stop
        if stop > index and (mask := mask_of(run)) is not None:
            out += [text[index:start], mask]
            index = stop
    return "".join([*out, text[index:]])


def _is_private(run: Run, is_phone_asked: bool) -> bool:
    count = len(run.digits)
    if count >= _fewest(run):
        is_garbled = (is_phone_asked or run.cue is Cue.PHONE) and _is_garbled_telephone(run)
        return not is_garbled and not _is_telephone(run)
    if count != SSN_DIGITS or _is_grouped(run, (5, 4)):  # the latter is a ZIP+4
        return False
    return _is_grouped(run, (3, 2, 4)) or not (is_phone_asked or run.cue is Cue.PHONE)


def _is_private_in_parts(run: Run, now: Run, is_phone_asked: bool) -> bool:
    """A number said in several turns, which may also be a telephone number begun anew."""
    count, count_now = len(run.digits), len(now.digits)
    if count == SSN_DIGITS:
        return not (is_phone_asked or run.cue is Cue.PHONE)
    if count_now in _TELEPHONE_DIGITS or count - count_now in _TELEPHONE_DIGITS:
        return _CARDS.fullmatch(run.digits) is not None and passes_luhn(run.digits)
    return count >= _fewest(run)


def _is_garbled_telephone(run: Run) -> bool:
    """A telephone number with digits too many, when one was asked for or announced."""
    is_announced_card = run.cue in _FEWEST
    return not is_announced_card and len(run.digits) <= _MOST_GARBLED_DIGITS and not passes_luhn(run.digits)


def _fewest(run: Run) -> int:
    return MIN_CARD_DIGITS if run.cue is None else _FEWEST.get(run.cue, MIN_CARD_DIGITS)


def _is_telephone(run: Run) -> bool:
    """A number with a foreign country code, or two numbers in a row, mostly the same one twice."""
    digits, half = run.digits, len(run.digits) // 2
    if run.is_plus and MIN_CARD_DIGITS <= len(digits) <= _MOST_E164_DIGITS:
        return not passes_luhn(digits)
    is_twice = half in (7, 10, 11) and digits[:half] == digits[half:]
    return is_twice or _is_grouped(run, (3, 3, 4, 3, 3, 4)) or _is_grouped(run, (10, 10))


def _is_grouped(run: Run, lengths: tuple[int, ...]) -> bool:
    return tuple(len(piece.digits) for piece in run.pieces) == lengths
