"""A caller's words on their way into the call: bounded, plain, and without what must not be kept."""

from __future__ import annotations

import unicodedata

from agent.domain.events import INAUDIBLE
from agent.domain.facts import Expect
from agent.domain.redaction import MASK, MOST_TELEPHONE_DIGITS, WHOLE_CARD_DIGITS, digits_at_end, may_go_on, redact

#: Earlier turns that may hold the beginning of a number.
_MOST_PARTS = 6
#: Nobody says as much in one turn (two minutes of speech); what goes beyond is not read, stored or answered.
MOST_CHARACTERS = 2000


class Hearing:
    """Remembers, in this process only, the turns that ended in the middle of a number."""

    def __init__(self) -> None:
        self._parts: tuple[str, ...] = ()

    def words(self, text: str, expects: Expect) -> str:
        """What of a recognised text anything else may read; INAUDIBLE when nothing in it was recognised."""
        text = plain(text)
        told = _recognised(text)
        if told != text and not any(character.isalnum() for character in told):
            return INAUDIBLE
        return redact(told, before=self._parts, is_phone_asked=expects is Expect.PHONE)

    def committed(self, text: str, words: str) -> None:
        """These words count, kept as `words`: the next ones may go on where they end."""
        text = _recognised(plain(text))
        parts = (*self._parts, text)[-_MOST_PARTS:]
        count = digits_at_end(" ".join(parts))
        is_masked = MASK in words
        if not may_go_on(text) or (is_masked and count >= WHOLE_CARD_DIGITS):
            self._parts = ()
        elif not is_masked and count > MOST_TELEPHONE_DIGITS:
            self._parts = (text,)  # neither one telephone number nor a card: a number begun anew
        else:
            self._parts = parts


def plain(text: str) -> str:
    """The beginning of a text as visible characters: controls become spaces, marks that steer a display go."""
    return "".join(_visible(character) for character in text[:MOST_CHARACTERS])


def _recognised(text: str) -> str:
    """A text without the marks of stretches that were not recognised; they stand between the words of one turn."""
    return " ".join(text.replace(INAUDIBLE, " ").split()) if INAUDIBLE in text else text


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if category.startswith("C") else character
