"""Whether words ask something of the business, whatever else a grammar may read in them.

A question about the business names its services and days as a wish does, and where a name is asked for, any words may
be one. Its form tells them apart; what it asks for, and whether there is an answer, the form does not tell.
"""

from __future__ import annotations

import re
from dataclasses import replace

from agent.domain.facts import Facts, Wish
from agent.understanding.words import joined, split_words

_FIRST = r"(?:and|but|also|or|so|oh|hi|hello|hey|okay|ok|um|yeah|well|wait|actually|sorry|just|quick question)"
_PERSON = r"(?:i|you|yall|we|they|he|she|it|there|any|anyone|anybody|anything|someone|somebody|something)"
_ASKS = re.compile(
    rf"^(?:{_FIRST} )*(?:how|what|whats|where|wheres|when|who|whos|whose|which|why|do|does|did|are|is|am|can|could|will"
    r"|would|should|shall|have|has|may|might|was|were)\b"
    rf"|\b(?:do|does|did|are|is|am|can|could|will|would|should|may|was|were|has|have) {_PERSON}\b"
    r"|\b(?:do|does|did|can|could|will|would|should) (?:the|my|your|a|an|these|those)\b"
    r"|\b(?:how|what|where|when|who|which|why) (?:do|does|did|are|is|am|can|could|will|would|should|if|about|happens)\b"
    r"|\b(?:is|would) (?:that|this)(?: be)? (?:a problem|okay|ok|alright|all right|fine|allowed|possible|true)\b"
    r"|\bhow (?:much|many|long|often|far|soon|early|late|old)\b"
    r"|\b(?:wondering|curious|question about|tell me|(?:want|wanted|like|need) to (?:know|ask|check|find out))\b"
)
_LEAVE_TO = r"(?:can|could|would|will|may|might|shall) (?:you|we|i|it|that|this)"
#: What we are to do, not to tell.
_REQUEST = re.compile(
    rf"\b{_LEAVE_TO}(?: please| just| maybe| still)?"
    r" (?:book|make|get|put|schedule|reschedule|set|move|change|cancel|come|have|see|do|take|give|fit|squeeze|speak"
    r"|talk|leave)\b"
)
#: Whoever asks whether or how an appointment can be changed wants it changed, by whatever verb.
_LEAVE = re.compile(rf"\b{_LEAVE_TO}\b|\bhow do (?:i|we)\b|\b(?:possible|able) to\b")
_CHANGED = frozenset({Wish.MOVE, Wish.CANCEL})
_WISHED = frozenset({Wish.BOOK, Wish.MOVE, Wish.CANCEL, Wish.HUMAN, Wish.MESSAGE})
#: Speaks of who asks, of what was said, or of what is to be done, and so may well wish for the service it names.
_MAY_WISH = re.compile(
    r"\b(?:i|im|id|ill|ive|me|my|we|us|our|yall|said|say|meant|supposed|wish|book\w*|schedul\w*|add\w*|switch\w*"
    r"|chang\w*|make|do|get|go|put|possible|able|need\w*|want\w*|instead|rather|anything|something|available|free|open"
    r"|availability|openings?|slots?|times?|else|earlier|later|sooner)\b|\b(?:what|how) about\b"
)
#: "Dana Smith, is that okay?" asks whether the answer will do.
_TAG = re.compile(r" (?:is|would|will) (?:that|this|it)(?: be)? (?:okay|ok|alright|all right|right|fine|enough)$")
#: "Can name is Dana Smith", as a bad line has it, is an answer.
_NAMES = re.compile(r"\bname\b")
#: Fewer words are a fragment.
_LEAST_WORDS = 3


def asks(text: str) -> bool:
    """Whether words have the form of a question."""
    words = joined(split_words(text))
    return len(words.split()) >= _LEAST_WORDS and (_ASKS.search(words) is not None or text.rstrip().endswith("?"))


def is_request(text: str, facts: Facts) -> bool:
    """Whether a question asks us to do something about an appointment, as the grammar reads it."""
    words = joined(split_words(text))
    if facts.wishes & _CHANGED and _LEAVE.search(words):
        return True
    request = _REQUEST.search(words)
    if request is None:
        return False
    # "can I still come if I'm sick" asks; with a time, "can I still come in on Thursday" asks for that
    return facts.when is not None or (bool(facts.wishes & _WISHED) and " still " not in request[0])


def asks_about_a_service(text: str, facts: Facts) -> bool:
    """Whether "does whitening hurt" only asks about the service it names, and nothing else is told.

    Whatever may wish for it instead is no such question: then the read-back asks.
    """
    told = replace(facts, service_id=None)
    is_all = facts.service_id is not None and not told.is_understood and not told.correction
    return is_all and asks(text) and _MAY_WISH.search(joined(split_words(text))) is None


def asks_instead_of_a_name(text: str) -> bool:
    """Whether words in reply to "what name?" ask something, so that what looks like a name in them is none."""
    words = joined(split_words(text))
    if _NAMES.search(words) is not None:
        return False
    return asks(_TAG.sub("", words) if _TAG.search(words) else text)
