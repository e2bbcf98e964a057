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
_MOVE_VERB = (
    r"(?:reschedule|rescheduling|rebook|postpone|push back|push|move|moving|change|changing|switch|shift|bump"
    r"|modify|modifying|amend|alter|adjust)"
)
_MOMENT = r"(?:times?|days?|dates?|hours?) (?:of|for|on)"
_CANCEL = re.compile(
    r"\bcancel(?:l?ing|led)?\b|\bcall off\b"
    rf"|\b(?:dont|wont|no longer) need {_MY} (?:\w+ ){{0,2}}{_THING}|\bget rid of {_MY} (?:\w+ ){{0,2}}{_THING}"
)
_NOT_CANCEL = re.compile(
    r"\b(?:dont|do not|not|never|didnt|without)(?: \w+){0,2} cancel|\bcancel\w* (?:policy|fees?|charges?)\b"
    r"|\b(?:fees?|charges?|charged?|cost|costs|penalty)\b|\bif i (?:have to |need to |want to )?cancel"
    r"|\bcancel (?:it|that)\b.*\b(?:i meant?|make (?:it|that))\b"
)
_ABOUT_IT = r"it|that|this|that one|this one|(?:my|the|that|this) appointment"
#: Nothing but the order; a question or a condition has other words.
_ORDER = re.compile(
    r"^(?:(?:yes|yeah|ok|okay|so|well|then|just|please|go ahead|and|do|can you|could you|you can"
    r"|i (?:want|need)(?: you)? to|id like(?: you)? to|i would like(?: you)? to) )*"
    rf"cancel (?:{_ABOUT_IT})(?: (?:please|then|now|for me|thanks|thank you))*$"
)
_MOVE = re.compile(
    r"\b(?:reschedul(?:e|ing)|rebook|postpone)\b"
    rf"|\b{_MOVE_VERB} (?:up |back )?(?:the )?(?:{_MOMENT} )?(?:my|our|his|her)\b"
    rf"|\b{_MOVE_VERB} (?:up |back )?(?:the )?(?:{_MOMENT} )?(?:(?:the|an?|that|this) )?(?:\w+ ){{0,2}}{_THING}"
    rf"|\b(?:have|had|got|booked|made|scheduled) (?:an?|my) .*\b{_MOVE_VERB} (?:it|that)\b"
    rf"|\b(?:have|had|got) an? (?:\w+ ){{0,2}}{_THING}\b.*\b(?:different|another|other) (?:time|day|date)\b"
    rf"|\b(?:another|different|new|other|earlier|later) (?:time|day|date) for my\b"
)
_CANNOT_COME = re.compile(
    rf"\b(?:cant|cannot|can not|wont be able to|not able to|unable to|not going to) (?:make|come|keep|attend)"
    r"(?!(?: it| in)? (?:after(?! all)|before|until|till)\b)"
    rf"(?: it| in)?\b(?! (?:this|that|those|either)\b)|\bwont make (?:it|{_MY})\b|\bwont be coming\b"
)
#: "Do I get it back if I can't make it?" supposes it; "is it okay if I move it?" and "do you mind if" ask for it.
_ASKED_LEAVE = "".join(
    rf"(?<!\b{word} )" for word in ("okay", "ok", "alright", "right", "fine", "mind", "problem", "possible", "see")
)
_SUPPOSED = re.compile(
    rf"{_ASKED_LEAVE}\b(?:if|in case) (?:i|we) "
    r"(?:(?:(?:have|had|need|needed|want|wanted|decide|decided) to|must|cant|cannot|can not|dont|ever|end up) )*"
    r"(?:cancel\w*|reschedul\w*|move|moving|change|changing|make|come|keep|show|miss)\b"
)
#: An appointment made before this call, not the one being talked about.
_EXISTING = re.compile(
    rf"\b(?:already (?:have|had|made|booked|got)|i (?:have|had|got|made|booked) an? (?:\w+ ){{0,2}}{_THING}"
    rf"|{_THING} (?:that )?(?:i|we) (?:have|made|booked|had)|(?:existing|current) (?:\w+ )?{_THING})\b"
)
_YES_FIRST = re.compile(r"^(?:yes|yeah|yep|yup|sure|please)\b")
#: What stands between the time an appointment is named by and the time it is wished at.
_TURN = re.compile(
    r"\b(?:can|could|may) (?:we|i|you) (?:do|make|have|come|get)\b|\b(?:how|what) about\b|\bmake it\b"
    r"|\bis there anything\b|\b(?:id|i would|would) (?:like|prefer|rather)\b"
)
#: "To" before a time, and not before what is done or where one goes.
_TO = re.compile(rf"\bto\b(?! (?:(?:my|our|a|an|come|be|do|make|keep|see)\b|the (?:\w+ ){{0,2}}{_THING}))")
_NEGATIONS = frozenset({"cant", "cannot", "not", "wont", "dont", "unable", "longer"})
#: "From Thursday to Friday" moves away from that day; it is no day to count from.
_NOT_OF_THE_DAY = {Wish.MOVE: _NEGATIONS | {"from"}, Wish.CANCEL: _NEGATIONS}


def read_change(text: str) -> Wish | None:
    """The wish to cancel or to move, or None; whoever only cannot come is offered to move.

    Args:
        text: normal forms.
    """
    text = _SUPPOSED.sub(" ", text)
    if _CANCEL.search(text) and not _NOT_CANCEL.search(text) and not _MOVE.search(text):
        return Wish.CANCEL
    if _MOVE.search(text) or _CANNOT_COME.search(text):
        return Wish.MOVE
    return None


def reads_existing(text: str) -> bool:
    """Whether the words speak of an appointment that was made before this call."""
    return _EXISTING.search(text) is not None


def is_cancel_order(text: str) -> bool:
    """ "Please cancel it", and nothing else: to "shall I cancel it?" a yes."""
    return _ORDER.search(text) is not None


def is_yes_with_a_reason(text: str) -> bool:
    """ "Yes, I can't make it on Thursday": to "shall I cancel it?" no refusal."""
    return _YES_FIRST.search(text) is not None and _CANNOT_COME.search(text) is not None


def split_times(words: list[Word], wish: Wish) -> tuple[list[Word], list[Word]]:
    """The words that name the appointment, and those that say when it should be instead."""
    turn = _turning_point(words) if wish is Wish.MOVE else None
    named, wished = (words, []) if turn is None else (words[:turn], words[turn:])
    # The day on which somebody cannot come is the day of the appointment, not one that is ruled out.
    return [word for word in named if word.norm not in _NOT_OF_THE_DAY[wish]], wished


def _turning_point(words: list[Word]) -> int | None:
    text = joined(words)
    verb = re.search(rf"\b{_MOVE_VERB}\b", text)
    to = [at for at in _TO.finditer(text) if verb is not None and at.start() > verb.start()]
    if to:
        return _word_at(text, to[-1].start())
    anchor = _CANNOT_COME.search(text) or verb or _MOVE.search(text)
    turn = _TURN.search(text, anchor.end() if anchor else 0)
    return None if turn is None else _word_at(text, turn.start())


def _word_at(text: str, position: int) -> int:
    return text[:position].count(" ")
