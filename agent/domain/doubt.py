"""What a caller probably meant is asked about before it is done.

A doubt is laid over the open question: "yes" makes the facts certain and they go to the stage's own handler, anything
else puts the question behind it back. It never answers that question: a "yes" here books nothing.
"""

from __future__ import annotations

from dataclasses import replace

from agent.domain.events import Said
from agent.domain.facts import Expect, Facts, Wish
from agent.domain.lines import Line, LineKey, line
from agent.domain.state import PENDING_STAGES, CallState, Doubt, Transition
from agent.domain.talk import count_miss, say
from agent.domain.tenant import Tenant

#: Wishes with a consequence, the gravest first. The others are followed: their reply says what was understood.
QUESTIONS: dict[Wish, LineKey] = {
    Wish.CANCEL: LineKey.MEANT_CANCEL,
    Wish.MOVE: LineKey.MEANT_MOVE,
    Wish.HUMAN: LineKey.MEANT_HUMAN,
    Wish.GOODBYE: LineKey.MEANT_GOODBYE,
}


def settle(state: CallState, event: Said) -> tuple[CallState, Said]:
    """An open doubt meets the caller's next words: the state without it, and what they come to together."""
    doubt = state.doubt
    if doubt is None:
        return state, event
    facts, guess = event.facts, doubt.facts
    if state.is_checking and facts.answer is True:  # to "are you still there?"
        return state, event
    state = replace(state, doubt=None, question=doubt.question, expects=doubt.expects)
    if facts.answer is True:
        meant = replace(guess, text=facts.text, wishes=guess.wishes | facts.wishes, is_doubtful=False)
        return state, Said(replace(meant, when=facts.when or guess.when, name=facts.name or guess.name))
    if facts.is_doubtful and facts.emergency is None:  # in doubt twice running is not understood
        return state, Said(Facts(text=facts.text))
    # "No" was said to our guess, never to the question behind it; that something is to be booked was no guess.
    wishes = facts.wishes | (guess.wishes & {Wish.BOOK})
    return state, Said(replace(facts, answer=None, correction=False, wishes=wishes))


def ask_first(state: CallState, facts: Facts, tenant: Tenant) -> Transition | None:
    """What is said to doubtful facts instead of acting on them; None when they may be acted on."""
    if not facts.is_doubtful:
        return None
    if facts.emergency is not None:
        warning = line(LineKey.MEANT_EMERGENCY)
        if state.stage in PENDING_STAGES:
            return Transition(state, (warning,))
        return count_miss(state, (warning, *state.question))
    question = _question(facts, tenant)
    if question is None:
        return None
    if state.stage in PENDING_STAGES:
        return Transition(state)
    doubt = Doubt(facts, state.question, state.expects)
    return say(replace(state, doubt=doubt, question=(question,), expects=Expect.YES_NO), (question,))


def _question(facts: Facts, tenant: Tenant) -> Line | None:
    for wish, key in QUESTIONS.items():
        if wish in facts.wishes:
            return line(key)
    if facts.service_id is not None:
        return line(LineKey.MEANT_SERVICE, service=tenant.service(facts.service_id).name)
    return None
