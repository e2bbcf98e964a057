"""The wish to move or cancel an appointment that exists, and which of two times is which.

"Move my Thursday appointment to Friday" names an appointment by one time and wishes for another. What is said
here is only heard as a wish; whether it is one, or a correction of what is being booked, the rules decide.
"""

from __future__ import annotations

import re

from agent.domain.facts import Wish
from agent.understanding.words import Word, joined

_THING = r"(?:appointment|appointments|appt|booking|reservation|visit|session|time|slot|checkup|consultation)"
_MY = r"(?:my|our|the|an|that|this|his|her)"
_MOVE_VERB = r"(?:reschedule|rescheduling|rebook|postpone|push back|push|move|moving|change|changing|switch|shift|bump)"
_CANCEL = re.compile(
    r"\bcancel(?:l?ing|led)?\b|\bcall off\b"
    rf"|\b(?:dont|wont|no longer) need {_MY} (?:\w+ ){{0,2}}{_THING}|\bget rid of {_MY} (?:\w+ ){{0,2}}{_THING}"
)
_NOT_CANCEL = re.compile(
    r"\b(?:dont|do not|not|never|didnt|without)(?: \w+){0,2} cancel|\bcancel\w* (?:policy|fees?|charges?)\b"
    r"|\b(?:fees?|charges?|charged|cost|costs|penalty)\b|\bif i (?:have to |need to |want to )?cancel"
)
_MOVE = re.compile(
    r"\b(?:reschedul(?:e|ing)|rebook|postpone)\b"
    rf"|\b{_MOVE_VERB} (?:up |back )?(?:the (?:time|day|date) (?:of|for|on) )?(?:my|our|his|her)\b"
    rf"|\b{_MOVE_VERB} (?:up |back )?(?:the|an|that|this) (?:\w+ ){{0,2}}{_THING}"
    rf"|\b(?:have|had|got) an? (?:\w+ ){{0,2}}{_THING}\b.*\b(?:{_MOVE_VERB}|different|another|other)\b"
    rf"|\b(?:another|different|new|other|earlier|later) (?:time|day|date) for my\b"
)
_CANNOT_COME = re.compile(
    rf"\b(?:cant|cannot|can not|wont be able to|not able to|unable to|not going to) (?:make|come|keep|attend)"
    rf"(?: it| in)?\b(?! (?:this|that|those|either)\b)|\bwont make (?:it|{_MY})\b"
)
#: What stands between the time an appointment is named by and the time it is wished at.
_TURN = re.compile(
    r"\b(?:can|could|may) (?:we|i|you) (?:do|make|have|come|get)\b|\b(?:how|what) about\b|\binstead\b"
    r"|\bmake it\b|\bis there anything\b|\b(?:id|i would|would) (?:like|prefer|rather)\b"
)


def read_change(text: str) -> Wish | None:
    """The wish to cancel or to move, or None; whoever only cannot come is offered to move.

    Args:
        text: normal forms.
    """
    if _CANCEL.search(text) and not _NOT_CANCEL.search(text) and not _MOVE.search(text):
        return Wish.CANCEL
    if _MOVE.search(text) or _CANNOT_COME.search(text):
        return Wish.MOVE
    return None


def split_times(words: list[Word], wish: Wish) -> tuple[list[Word], list[Word]]:
    """The words that name the appointment, and those that say when it should be instead."""
    if wish is Wish.CANCEL:
        return words, []
    index = _turning_point(words)
    return (words, []) if index is None else (words[:index], words[index:])


def _turning_point(words: list[Word]) -> int | None:
    text = joined(words)
    verb = re.search(rf"\b{_MOVE_VERB}\b", text)
    if verb is not None:
        after = [
            at for at in re.finditer(r"\bto\b(?! (?:my|our|the|a|an|come|be|do)\b)", text) if at.start() > verb.start()
        ]
        if after:
            return _word_at(text, after[-1].start())
    plain = _CANNOT_COME.search(text)
    turns = [at for at in _TURN.finditer(text) if plain is None or at.start() >= plain.end()]
    later = [at for at in turns if verb is None or at.start() > verb.start()]
    return _word_at(text, later[-1].start()) if later else None


def _word_at(text: str, position: int) -> int:
    return text[:position].count(" ")
