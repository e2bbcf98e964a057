"""An utterance whole: what is asked or said beside the booking is taken out first, the grammars read the rest.

Words without such digressions are read exactly as `agent.understanding.reading` reads them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from agent.domain.facts import Expect, Facts, Wish
from agent.domain.objections import Objection
from agent.domain.questions import Question, Topic
from agent.domain.tenant import Tenant
from agent.understanding import reading
from agent.understanding.advice import read_advice
from agent.understanding.asking import asks, asks_about_a_service, asks_instead_of_a_name
from agent.understanding.clauses import split_clauses
from agent.understanding.emergencies import read_emergency
from agent.understanding.free_facts import BY_WORDS, FactMatcher
from agent.understanding.leads import declines, read_lead
from agent.understanding.messages import carries_message
from agent.understanding.objections import read_asked_offer, read_manner, read_objection
from agent.understanding.questions import asks_something, read_questions
from agent.understanding.words import joined, split_words

#: Doubts that are questions: nothing in their words is a wish.
_ABOUT_US = frozenset({Objection.ROBOT, Objection.RECORDED})
_HESITATIONS = frozenset({Objection.THINK, Objection.TIMING})
#: "Okay, how much is it?" agrees to nothing.
_EXPLICIT = re.compile(
    r"\b(?:yes|yeah|yep|yup|correct|thats right|that is right|book it|go ahead|please do|no|nope|nah)\b"
)
#: Stated, so that they beat a question's own service: "how much is a cleaning, and book me for Thursday".
_WISHED = frozenset({Wish.BOOK})
#: Asked for what is said of the caller: whatever asks in reply asks us.
_ABOUT_THEM = (Expect.NAME, Expect.PHONE)
#: Asked for in a booking whose service is known. At its read-back a service that is named corrects it.
_BOOKING = (*_ABOUT_THEM, Expect.WHEN, Expect.CHOICE)
#: "Could you say that again a bit slower?"; more words are a message, whatever they speak of.
_MOST_WORDS_ABOUT_US = 8


def understand(text: str, *, expects: Expect, tenant: Tenant, now: datetime, matcher: FactMatcher = BY_WORDS) -> Facts:
    """What an utterance tells us, digressions and all.

    Args:
        text: as recognised; punctuation and capitals are optional.
        expects: what the last question asked for; settles short answers.
        now: aware; "tomorrow" is counted in the tenant's zone.
        matcher: finds the tenant's free facts that questions ask for.
    Returns: empty facts when nothing was understood; never raises.
    """
    if read_emergency(text, tenant) is not None or read_advice(text) is not None:
        return reading.understand(text, expects=expects, tenant=tenant, now=now)
    if expects is Expect.MESSAGE or carries_message(text):
        return _passed_on(reading.understand(text, expects=expects, tenant=tenant, now=now), text)
    objection = read_objection(text)
    words = _without_doubts(text) if objection in _ABOUT_US else text
    today = now.astimezone(tenant.zone).date()
    asked = read_questions(words, tenant=tenant, today=today, matcher=matcher)
    facts = reading.understand(asked.rest, expects=expects, tenant=tenant, now=now)
    facts = replace(facts, text=text, questions=asked.questions, objection=objection)
    if objection in _HESITATIONS and facts.has_details:
        facts = replace(facts, objection=None)  # "let me think about it, maybe Thursday" goes on
    facts = _with_manner(facts, words, expects)
    if tenant.knowledge.leads is not None:
        facts = _with_lead(facts, words, expects)
    return _beside_digressions(facts, asked.rest, expects)


def _passed_on(facts: Facts, text: str) -> Facts:
    """Words to be passed on ask nothing of us; a few about us, or about how we speak, are no message."""
    if len(split_words(text)) > _MOST_WORDS_ABOUT_US:
        return facts
    manner, objection = read_manner(text), read_objection(text)
    if not manner and objection not in _ABOUT_US:
        return facts
    doubt = objection if objection in _ABOUT_US else None
    return replace(facts, wishes=facts.wishes | manner, objection=doubt, message=None)


def _without_doubts(text: str) -> str:
    return " ".join(clause for clause in split_clauses(text) if read_objection(clause) not in _ABOUT_US)


def _with_manner(facts: Facts, text: str, expects: Expect) -> Facts:
    """How we are to speak; "what was the first one?" chooses nothing."""
    manner, offer = read_manner(text), read_asked_offer(text)
    if offer is not None:
        facts = replace(facts, asks_offer=offer, choice=None, when=None)
    if not manner:
        return facts
    wishes = (facts.wishes | manner) - ({Wish.REPEAT} if manner & {Wish.SLOWER, Wish.LOUDER} else set())
    return replace(facts, wishes=wishes, name=None if expects is Expect.NAME else facts.name)


def _with_lead(facts: Facts, text: str, expects: Expect) -> Facts:
    """With a question to a lead open, "in three months" is no appointment."""
    is_asked = expects is Expect.LEAD
    facts = replace(facts, lead=read_lead(text, is_asked=is_asked))
    if not is_asked:
        return facts
    answer = False if facts.lead is None and declines(text) else facts.answer
    return replace(facts, answer=answer, when=None, conflict=None, is_past=False, phone_digits=None, choice=None)


def _beside_digressions(facts: Facts, rest: str, expects: Expect) -> Facts:
    """What the words around a question mean, and what a question nobody can answer is."""
    if not facts.questions:
        facts = _without_what_is_asked(facts, expects)
        is_known = replace(facts, is_urgent=None).is_understood
        is_asking = asks if expects in _ABOUT_THEM else asks_something
        if facts.objection is None and not is_known and is_asking(facts.text):
            return replace(facts, questions=(Question(Topic.UNKNOWN, facts.text),))
        return facts
    if facts.service_id is not None:
        own = tuple(_about(each, facts.service_id) for each in facts.questions)
        facts = replace(facts, questions=own)
    asked_service = next((each.service_id for each in facts.questions if each.service_id), None)
    is_wish = facts.when is not None or bool(facts.wishes & _WISHED) or _asks_whether_offered(facts)
    words = joined(split_words(rest))
    return replace(
        facts,
        service_id=facts.service_id or (asked_service if is_wish else None),
        answer=facts.answer if _EXPLICIT.search(words) else None,
        name=facts.name if expects is not Expect.NAME or " " in (facts.name or "") else None,
    )


def _without_what_is_asked(facts: Facts, expects: Expect) -> Facts:
    """Without what a question's words look like: a name, or another service than the one that is being booked."""
    if expects is Expect.NAME and facts.name is not None:
        is_one_word = " " not in facts.name
        is_none = asks_instead_of_a_name(facts.text) or (facts.objection is not None and is_one_word)
        facts = replace(facts, name=None) if is_none else facts
    if expects in _BOOKING and asks_about_a_service(facts.text, facts):
        asked = Question(Topic.UNKNOWN, facts.text, facts.service_id)
        return replace(facts, service_id=None, questions=(asked,))
    return facts


def _about(question: Question, service_id: str) -> Question:
    """ "A cleaning on Thursday, how much is that?" asks for the price of a cleaning."""
    is_open = question.service_id is None and question.topic in (Topic.PRICE, Topic.DURATION)
    return replace(question, service_id=service_id) if is_open else question


def _asks_whether_offered(facts: Facts) -> bool:
    return any(each.topic is Topic.OFFERED for each in facts.questions)
