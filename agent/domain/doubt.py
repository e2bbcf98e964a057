"""What a caller probably meant is asked about before it is done.

A doubt is laid over the open question: "yes" makes the facts certain and they go to the stage's own handler, anything
else but a wish to hear it again puts the question behind it back. It never answers that question: a "yes" here books
nothing. While a message is being taken no likeness is believed, for its words are about anything; an emergency is
warned about even there.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.domain.events import Said
from agent.domain.facts import Expect, Facts, Step, When, Wish
from agent.domain.lines import Line, LineKey, line, source_of
from agent.domain.manner import is_repetition
from agent.domain.questions import Question, Topic
from agent.domain.state import PENDING_STAGES, CallState, Doubt, Transition
from agent.domain.talk import count_miss, say
from agent.domain.tenant import Tenant

#: Wishes with a consequence, the gravest first. The others are followed: their reply says what was understood.
QUESTIONS: dict[Wish, LineKey] = {
    Wish.CANCEL: LineKey.MEANT_CANCEL,
    Wish.MOVE: LineKey.MEANT_MOVE,
    Wish.HUMAN: LineKey.MEANT_HUMAN,
    Wish.MESSAGE: LineKey.OFFER_MESSAGE,
    Wish.GOODBYE: LineKey.MEANT_GOODBYE,
}


def settle(state: CallState, event: Said) -> tuple[CallState, Said]:
    """An open doubt meets the caller's next words: the state without it, and what they come to together."""
    doubt = state.doubt
    if doubt is None:
        return state, _words_alone(event) if is_dictating(state) and _is_likeness(event.facts) else event
    facts, guess = event.facts, doubt.facts
    if state.is_checking and facts.answer is True:  # to "are you still there?"
        return state, event
    if facts.answer is None and not facts.is_doubtful and is_repetition(facts):
        return state, event
    # what is repeated from here on is the question that a "yes" would answer
    behind = doubt.question
    state = replace(state, doubt=None, question=behind, last_lines=behind, expects=doubt.expects)
    if facts.answer is True:
        meant = replace(guess, text=facts.text, wishes=guess.wishes | facts.wishes, is_doubtful=False)
        return state, Said(replace(meant, when=facts.when or guess.when, name=facts.name or guess.name))
    if facts.is_doubtful and facts.emergency is None:  # in doubt twice running is not understood
        return state, _words_alone(event)
    asked = tuple(_unanswered(each) for each in guess.questions if each.words)
    if facts.answer is False and asked and not replace(facts, answer=None).is_understood:
        return state, Said(replace(facts, answer=None, questions=asked))
    # "No" was said to our guess, never to the question behind it; that something is to be booked was no guess.
    wishes = facts.wishes | (guess.wishes & {Wish.BOOK})
    return state, Said(replace(facts, answer=None, correction=False, wishes=wishes))


def is_dictating(state: CallState) -> bool:
    """Whether the caller's words may be part of a message, so that what they are like means nothing."""
    return state.aside is not None and state.aside.message is not None


def _is_likeness(facts: Facts) -> bool:
    """Whether these facts are what the words are like, or may mean, and are no matter of life and death."""
    return facts.step is not Step.GRAMMAR and facts.emergency is None


def _words_alone(event: Said) -> Said:
    return Said(Facts(text=event.facts.text, is_private=event.facts.is_private))


def ask_first(state: CallState, facts: Facts, tenant: Tenant) -> Transition | None:
    """What is said to doubtful facts instead of acting on them; None when they may be acted on."""
    if not facts.is_doubtful:
        return None
    if facts.emergency is not None:
        warning = line(LineKey.MEANT_EMERGENCY)
        if state.stage in PENDING_STAGES:
            return Transition(state, (warning,))
        # a warning in vain leads nowhere, so such turns are bounded like those not understood; it is never left out
        step = count_miss(state, (warning, *state.question))
        return step if warning in step.say else replace(step, say=(warning, *step.say))
    question = _question(facts, tenant)
    if question is None:
        return None
    if state.stage in PENDING_STAGES:
        return Transition(state)
    # words do not outlive their turn in here, but those of a question that a "no" leaves unanswered
    guess = replace(facts, text="", questions=tuple(_kept(each, tenant) for each in facts.questions))
    doubt = Doubt(guess, state.question, state.expects)
    return say(replace(state, doubt=doubt, question=(question,), expects=Expect.YES_NO), (question,))


def _kept(question: Question, tenant: Tenant) -> Question:
    """As much of it as the answer needs: the passage asked about, and no words of a tenant's who keeps none."""
    finding = question.finding and replace(question.finding, passages=question.finding.passages[:1])
    return replace(question, finding=finding, words="" if tenant.is_private else question.words)


def _unanswered(question: Question) -> Question:
    return replace(question, topic=Topic.UNKNOWN, finding=None)


def _question(facts: Facts, tenant: Tenant) -> Line | None:
    asked = next((each.finding for each in facts.questions if each.topic is Topic.PASSAGE), None)
    if asked is not None and asked.best is not None:
        return line(LineKey.MEANT_PASSAGE, text=asked.best.title, **source_of(asked.best))
    for wish, key in QUESTIONS.items():
        if wish in facts.wishes and (wish is not Wish.MESSAGE or tenant.messages.is_taken):
            return line(key)
    if facts.service_id is not None:
        return line(LineKey.MEANT_SERVICE, service=tenant.service(facts.service_id).name)
    # a day the grammar read beside a doubtful wish is the caller's own word; one that a model found is not
    return _day_asked(facts.when, tenant) if facts.step is Step.MODEL and facts.when is not None else None


def _day_asked(when: When, tenant: Tenant) -> Line | None:
    if when.first_on is None:
        return None
    if when.at is None:
        return line(LineKey.MEANT_DAY, day_on=when.first_on.isoformat())
    at = datetime.combine(when.first_on, when.at, tenant.zone)
    return line(LineKey.MEANT_TIME, start_at=at.isoformat())
