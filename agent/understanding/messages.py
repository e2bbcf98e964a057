"""What a caller wants passed on: the wish to leave a message, its words, for whom, and whether it can wait."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from agent.domain.facts import Expect, Facts, Wish
from agent.domain.tenant import Tenant
from agent.understanding.words import joined, split_words

_TITLE = r"(?:(?:dr|doctor|mr|mrs|ms|miss)\.? )"
_PERSON = rf"(?:the front desk|(?:the|my|your) [\w'’-]+|{_TITLE}?[\w'’-]+)"
#: "I can't tell", "tell you the truth" and "tell me" pass nothing on.
_NOBODY = r"(?!me\b|us\b|you\b|if\b|whether\b|what\b|that\b|which\b|the (?:truth|difference|time)\b)"
#: Who is to be told what, in one breath; on the words as they were written.
_CARRIED = (
    re.compile(rf"\btell {_NOBODY}(?:[\w.'’-]+ ){{1,4}}?that \S.+", re.I | re.S),
    re.compile(
        rf"\b(?:^|please |just |can you |could you |would you |you |and |to )tell {_NOBODY}{_PERSON},? \S+ \S.+",
        re.I | re.S,
    ),
    re.compile(rf"\blet {_NOBODY}(?:[\w.'’-]+ ){{1,4}}?know,? \S+ \S.+", re.I | re.S),
    re.compile(r"\bmessage\b(?:[\w.'’ -]+?)? (?:that|saying|to say) \S.+", re.I | re.S),
)
_WISH = re.compile(
    r"\b(?:leave|take|get|pass (?:on|along)|have) (?:\w+ ){0,4}?message\b|\bvoice ?mail\b|^(?:just )?(?:a )?message$"
    r"|\bcall me back\b|\breturn my call\b|\b(?:give|get|have|want|like|need|request) (?:\w+ ){0,4}?call ?back\b"
    r"|\b(?:have|get|ask|want|need) (?:someone|somebody|him|her|them|(?:the|dr|doctor|mr|mrs|ms) \w+)(?: to)?"
    r" (?:call|phone|ring|reach) me\b|\b(?:someone|somebody) (?:can|could|should|to|please) ?(?:call|phone|ring) me\b"
)
_NO_WISH = re.compile(
    r"\b(?:dont|do not|no need (?:to|for)|not|text) (?:\w+ ){0,4}?(?:message|call me back|call ?back)\b"
)
_RECIPIENT = re.compile(
    rf"\bmessage (?:for|to|with) (?!me\b|us\b|you\b|him\b|her\b|them\b|someone\b|somebody\b|that\b)(?P<who>{_PERSON})",
    re.I,
)
_NOT_URGENT = re.compile(
    r"\b(?:not (?:\w+ ){0,2}(?:urgent|an emergency)|isnt (?:\w+ )?urgent|no (?:rush|hurry)|whenever|(?:it )?can wait"
    r"|low priority|take (?:your|his|her|their) time|at (?:your|his|her|their) convenience"
    r"|when (?:you|he|she|they|someone|somebody) (?:get|gets|has|have) (?:a |the )?(?:chance|time|moment|minute))\b"
)
_URGENT = re.compile(
    r"\b(?:urgent|urgently|asap|as soon as (?:possible|(?:you|he|she|they) can)|right away|immediately|cant wait"
    r"|high priority|very important|its an emergency)\b"
)
_NUMBER = r"(?:phone )?number"
_WRONG = (
    (Expect.PHONE, re.compile(
        rf"\b(?:wrong|not (?:the |my )?(?:right|correct)|not my|different|another|change the) {_NUMBER}\b"
        rf"|\b{_NUMBER} (?:(?:is|was) (?:wrong|incorrect|not (?:right|correct))|isnt (?:right|correct))\b"
        rf"|\bwrong {_NUMBER}\b|^(?:no )?(?:the |my )?{_NUMBER}$")),
    (Expect.NAME, re.compile(
        r"\b(?:wrong|not (?:the |my )?(?:right|correct)?|not my) ?name\b|\bname (?:is|was) (?:wrong|not right)\b"
        r"|^(?:no )?(?:the |my )?name$")),
    (Expect.MESSAGE, re.compile(
        r"\b(?:wrong|not (?:the |my )?(?:right|correct)?|not my|change the) ?message\b"
        r"|\bmessage (?:is|was) (?:wrong|not right)\b|\bnot what i said\b|^(?:no )?(?:the |my )?message$")),
)  # fmt: skip
_POLITE = r"(?:no|oh|sorry|actually|well|please|thanks|thank you|after all|anymore|any more)"
_NO_MESSAGE = re.compile(
    rf"^(?:{_POLITE} )*(?:(?:i )?(?:dont|do not) (?:want|need)(?: to leave)?(?: an?y?| the)?|no(?: need to leave a)?)"
    rf" message(?: {_POLITE})*$"
)
#: So few words that are about the conversation are no message, even when one was asked for.
_MOST_ASIDE_WORDS = 5
#: Of a thing that is wrong the business should hear; "that's wrong" is an answer.
_COMPLAINT = re.compile(
    r"^(?!no |nope |thats |that |its |it |this )\w.* (?:is|was|are|were) (?:\w+ )?(?:wrong|incorrect)\b"
)
_TALK = frozenset({Wish.REPEAT, Wish.GOODBYE, Wish.HUMAN, Wish.NO_RECORDING, Wish.NO_MESSAGE})
_LEAD = re.compile(r"^(?:(?:yes|yeah|yep|sure|okay|ok|please|um|uh|well|so|just|no|actually)\b[,. ]*)+", re.I)


def with_message(facts: Facts, text: str, whole: str, expects: Expect, tenant: Tenant) -> Facts:
    """The facts, and what there is in the words to be passed on.

    Args:
        text: as recognised; `whole`: its normal form.
    """
    wrong = next((slot for slot, pattern in _WRONG if pattern.search(whole)), None)
    carried = _carried(text)
    is_wish = carried is not None or (_WISH.search(whole) is not None and _NO_WISH.search(whole) is None)
    if _NO_MESSAGE.search(whole) is not None:
        facts = replace(facts, wishes=facts.wishes | {Wish.NO_MESSAGE})
    recipient = _RECIPIENT.search(text)
    return replace(
        facts,
        wishes=facts.wishes | {Wish.MESSAGE} if is_wish else facts.wishes,
        message=_asked_for(facts, text, whole, wrong) if expects is Expect.MESSAGE else carried and carried.group(),
        recipient=recipient["who"] if recipient else None,
        is_urgent=read_urgency(whole, tenant),
        wrong=wrong,
    )


def carries_message(text: str) -> bool:
    """Whether somebody is to be told something in these very words."""
    return _carried(text) is not None


def _carried(text: str) -> re.Match[str] | None:
    return next((match for pattern in _CARRIED if (match := pattern.search(text))), None)


def read_urgency(whole: str, tenant: Tenant) -> bool | None:
    """Whether it cannot wait, when that was said or follows from this trade's words."""
    if _NOT_URGENT.search(whole):
        return False
    is_serious = _beginning_with(tenant.messages.urgent_words).search(whole)
    return True if is_serious or _URGENT.search(whole) else None


@lru_cache(maxsize=256)
def _beginning_with(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the words of a document, or a word that begins with it; of an empty list, nothing."""
    normal = [re.escape(joined(split_words(word))) for word in words]
    return re.compile(rf"\b(?:{'|'.join(filter(None, normal)) or '(?!)'})")


def _asked_for(facts: Facts, text: str, whole: str, wrong: Expect | None) -> str | None:
    """What was said in answer to "what is the message?"; None when it is about the conversation."""
    is_short = len(whole.split()) <= _MOST_ASIDE_WORDS
    is_answer = facts.answer is not None and (wrong is not None or _COMPLAINT.search(whole) is None)
    if is_short and (facts.wishes & _TALK or is_answer):
        return None
    return _LEAD.sub("", text.strip()).strip() or None
