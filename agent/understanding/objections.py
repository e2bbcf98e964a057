"""Why callers hesitate, and how they want to be spoken to."""

from __future__ import annotations

import re

from agent.domain.facts import Wish
from agent.domain.objections import Objection
from agent.understanding.words import joined, split_words

_OBJECTIONS: tuple[tuple[Objection, re.Pattern[str]], ...] = tuple(
    (objection, re.compile(form))
    for objection, form in (
        (
            Objection.RECORDED,
            r"\b(?:is|are) (?:this|the|my|you|we)(?: \w+){0,2} (?:being )?record(?:ed|ing)\b"
            r"|\bare you recording\b|\bam i being recorded\b",
        ),
        (
            Objection.ROBOT,
            r"\b(?:are you|is this|am i (?:talking|speaking) (?:to|with)|this is)(?: (?:just|really|actually"
            r"|like))?(?: an?)?"
            r"(?: real| live| actual)? (?:robot|bot|machine|computer|ai|human|person|recording|answering machine"
            r"|automated|voicebot)\b|\b(?:youre|you are|sound like)(?: \w+)? an? (?:robot|bot|machine|computer|ai)\b"
            r"|\bare you (?:real|automated|artificial)\b",
        ),
        (
            Objection.COMPETITOR,
            r"\b(?:another|other|different|somebody|someone|some|down the street)(?: \w+){0,3} (?:quoted|offered"
            r"|charges?"
            r"|is cheaper|does it for|said)\b|\bi(?:ve)? (?:got|have|had)(?: \w+){0,2} (?:quotes?|offers?) from\b"
            r"|\bquoted me\b|\bcheaper (?:elsewhere|somewhere|at|place|down)\b|\bi can get it (?:for less|cheaper)\b",
        ),
        (
            Objection.PRICE,
            r"\btoo (?:expensive|much(?! time)|pricey|high)\b|\b(?:so|pretty|kind of|very|really) (?:expensive"
            r"|pricey|steep)\b"
            r"|\bcant (?:really )?afford\b|\bthats (?:a lot|steep|expensive)\b|\bout of my (?:budget|price range)\b"
            r"|\bcome down on\b|\bwhy (?:is it|are you|does it) so (?:much|expensive)\b|\ba lot of money\b",
        ),
        (
            Objection.TRUST,
            r"\bhow do i know\b|\bis this (?:a scam|legit|legitimate|real)\b|\bare you (?:legit|legitimate|licensed"
            r"|insured"
            r"|any good)\b|\bbad reviews?\b|\b(?:dont|do not) trust\b|\bcan i trust\b|\bwhy should i (?:trust"
            r"|choose|go with)\b",
        ),
        (
            Objection.THINK,
            r"\b(?:think (?:about|on) (?:it|that|this)|think it over|sleep on it"
            r"|(?:have|need|want|like)(?: some| more)?(?: time)? to think)\b"
            r"|\b(?:talk|speak|check|discuss)(?: \w+){0,3} (?:with|to) my"
            r" (?:wife|husband|spouse|partner|boss|mom|dad|family)\b"
            r"|\b(?:ill|i will|let me) (?:call|get) (?:you )?back\b|\bnot ready (?:to|yet)\b"
            r"|\bjust (?:looking|browsing|shopping)\b",
        ),
        (
            Objection.TIMING,
            r"\b(?:this|now|it)(?: is|s|s really)?(?: not|nt| isnt)(?: really)? a good time\b|\bat a bad time\b"
            r"|\bbad time to (?:talk|call)\b|\bnot (?:right |just )?now\b|\b(?:busy|cant talk) right now\b",
        ),
    )
)
_MANNERS = (
    (Wish.SLOWER, re.compile(r"\bslow(?:er| down| it down)\b|\btoo (?:fast|quick|quickly)\b|\b(?:more|a (?:bit"
                             r"|little)) slowly\b"
                             r"|\b(?:talk|speak|speaking|talking) (?:so|too) (?:fast|quickly)\b|\bslowly please\b")),
    (Wish.LOUDER, re.compile(r"\b(?:louder|speak up|talk up|volume)\b|\bturn (?:it|that|yourself) up\b"
                             r"|\b(?:barely|hardly|cant|cannot|can not) (?:really |even )?hear (?:you|anything)\b"
                             r"|\b(?:too|very|so|really) quiet\b")),
    (Wish.SPELL, re.compile(r"\b(?:can|could|would|will) you (?:please )?spell\b|\bhow (?:do you|is (?:that"
                            r"|it)) spell(?:ed)?\b"
                            r"|^(?:please )?spell (?:it|that|the|your|my)\b|\bspell (?:it"
                            r"|that)(?: out)?(?: for me)?(?: please)?$")),
)  # fmt: skip
_THING = r"(?: (?:one|time|option|offer|date))?"
_PLACE = r"(?:the )?(?P<{}>first|1st|second|2nd|third|3rd|last)(?! (?:available|opening|possible))"
_OFFER = re.compile(
    rf"\b(?:what (?:was|were)|repeat) {_PLACE.format('a')}\b"
    rf"|\bwhat(?:s| is) {_PLACE.format('b')}{_THING}(?: again)?$"
    rf"|\b(?:say|tell me) {_PLACE.format('c')}{_THING} again\b"
)
_PLACES = {"first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "last": -1}
#: "What was the first name?" asks for nothing that was offered.
_NOT_OFFERED = re.compile(r"\b(?:first|last) (?:name|thing|part|word|digits?|number)\b")


def read_objection(text: str) -> Objection | None:
    """The hesitation in an utterance; what is a doubt about us comes before what is one about the price."""
    words = joined(split_words(text))
    return next((objection for objection, form in _OBJECTIONS if form.search(words)), None)


def read_manner(text: str) -> frozenset[Wish]:
    """How the caller wants to be spoken to."""
    words = joined(split_words(text))
    return frozenset(wish for wish, form in _MANNERS if form.search(words))


def read_asked_offer(text: str) -> int | None:
    """ "What was the first one?": which of the things offered is to be said again; -1 is the last."""
    words = joined(split_words(text))
    match = None if _NOT_OFFERED.search(words) else _OFFER.search(words)
    return _PLACES[match["a"] or match["b"] or match["c"]] if match else None
