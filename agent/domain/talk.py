"""Conversation beside the booking: greeting, repeating, not understanding, silence, the end.

Everything here is bounded: after three utterances not understood the caller is offered a way out, and three silences
end the call.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.domain.events import Answered, CallerHungUp, PromptCut, Silent
from agent.domain.facts import Advice, Emergency, Expect, Facts, Wish
from agent.domain.lines import Line, LineKey, line
from agent.domain.requests import ReleaseHold
from agent.domain.state import COMMITTING_STAGES, PENDING_STAGES, CallState, EndReason, Stage, Transition
from agent.domain.steps import ask, spoken_services
from agent.domain.tenant import Recording, Tenant

#: The third utterance in a row that means nothing to us ends the attempt: see `agent.domain.ways_out`.
MAX_MISSES = 3
#: The third silence in a row ends the call.
MAX_SILENCES = 3
#: The read-back's closing question is about this much of it: hearing the rest is hearing the facts.
READBACK_HEARD_FRACTION = 0.85

READBACK_LINES = frozenset(
    {
        LineKey.READ_BACK, LineKey.READ_BACK_SHORT, LineKey.READ_BACK_MOVE, LineKey.FOUND_AND_CANCEL,
        LineKey.READ_BACK_MESSAGE, LineKey.READ_BACK_MESSAGE_ONLY, LineKey.READ_BACK_LIST,
    }
)  # fmt: skip

#: The second wording of a question, by what it asks for.
HINTS: dict[Expect, LineKey] = {
    Expect.ANY: LineKey.HINT_CHANGE,
    Expect.SERVICE: LineKey.HINT_SERVICE,
    Expect.WHEN: LineKey.HINT_WHEN,
    Expect.CHOICE: LineKey.HINT_CHOICE,
    Expect.NAME: LineKey.HINT_NAME,
    Expect.PHONE: LineKey.HINT_PHONE,
    Expect.YES_NO: LineKey.HINT_YES_NO,
    Expect.LEAD: LineKey.HINT_LEAD,
    Expect.MESSAGE: LineKey.HINT_MESSAGE,
}

EMERGENCY_LINES: dict[Emergency, LineKey] = {
    Emergency.DANGER: LineKey.EMERGENCY,
    Emergency.GAS: LineKey.EMERGENCY_GAS,
    Emergency.SUICIDE: LineKey.EMERGENCY_SUICIDE,
}
ADVICE_LINES: dict[Advice, LineKey] = {
    Advice.MEDICAL: LineKey.NO_MEDICAL_ADVICE,
    Advice.LEGAL: LineKey.NO_LEGAL_ADVICE,
}


#: The same where the answer tells which existing appointment is meant.
BOOKED_HINTS: dict[tuple[Stage, Expect], LineKey] = {
    (Stage.IDENTIFYING, Expect.WHEN): LineKey.HINT_BOOKED_DAY,
    (Stage.WHICH, Expect.CHOICE): LineKey.HINT_BOOKED_DAY,
    (Stage.WHICH, Expect.WHEN): LineKey.HINT_BOOKED_DAY,
}


def greet(state: CallState, event: Answered, now: datetime, tenant: Tenant) -> Transition:
    """Greet, disclose, announce the recording before anything else is said, and ask."""
    return ask(state, Stage.SERVICE, Expect.SERVICE, line(LineKey.ASK_HELP), lead=greeting(tenant))


def greeting(tenant: Tenant) -> tuple[Line, ...]:
    """What every call begins with."""
    lead = [line(LineKey.GREETING)]
    if tenant.ai_disclosure:
        lead.append(line(LineKey.AI_DISCLOSURE))
    if tenant.recording is Recording.ANNOUNCE:
        lead.append(line(LineKey.RECORDING_NOTICE))
    return tuple(lead)


def say(state: CallState, lines: tuple[Line, ...]) -> Transition:
    """Say something without going anywhere."""
    has_readback = any(said.key in READBACK_LINES for said in lines)
    heard = state.is_readback_heard or has_readback
    return Transition(replace(state, last_lines=lines, is_checking=False, is_readback_heard=heard), lines)


def converse(state: CallState, facts: Facts) -> Transition | None:
    """Wishes about the conversation itself; None when the words are about the booking."""
    if facts.has_details:
        return None
    if facts.is_private:
        return refuse_number(state)
    if Wish.GOODBYE in facts.wishes and facts.answer is not True:
        return end(state, EndReason.GOODBYE, LineKey.FAREWELL_KEPT if state.target else LineKey.FAREWELL)
    if Wish.REPEAT in facts.wishes:
        return say(state, state.last_lines)
    if Wish.HUMAN in facts.wishes:
        return count_miss(state, (line(LineKey.HUMAN_NOT_AVAILABLE), *state.question))
    if Wish.NO_RECORDING in facts.wishes:
        return say(state, state.question)
    if state.is_checking and facts.answer is not False:
        # "Yes" to "are you still there?" must not answer the question before it.
        return say(state, state.question)
    return None


def interject(state: CallState, facts: Facts) -> Transition | None:
    """What is said first of all, at any stage: whom to call in an emergency, and what we do not advise on.

    The call stays where it is: the words are followed by its question, unless a reply of storage is awaited.
    """
    if facts.emergency is not None:
        key, state = EMERGENCY_LINES[facts.emergency], replace(state, emergency=facts.emergency)
    elif facts.advice is not None and facts.service_id is None and facts.message is None:
        key = ADVICE_LINES[facts.advice]
    else:
        return None
    if state.stage in PENDING_STAGES:
        return Transition(state, (line(key),))
    return say(state, (line(key), *state.question))


def refuse_advice(transition: Transition, advice: Advice) -> Transition:
    """Advice was asked for beside a wish: the wish is followed, the advice refused first."""
    return replace(transition, say=(line(ADVICE_LINES[advice]), *transition.say))


def refuse_number(state: CallState) -> Transition:
    """A card or social security number was said: what may have been its beginning is forgotten as well."""
    question = tuple(
        line(LineKey.ASK_PHONE) if asked.key is LineKey.ASK_PHONE_REST else asked for asked in state.question
    )
    forgot = replace(state, phone_digits=None, question=question)
    return say(forgot, (line(LineKey.NO_PRIVATE_NUMBERS), *question))


def honour_objection(transition: Transition) -> Transition:
    """The caller objects to being recorded; whatever else the words did, that is honoured first."""
    return Transition(
        replace(transition.state, declines_recording=True),
        (line(LineKey.NOT_RECORDING), *transition.say),
        transition.reads,
        transition.effects,
    )


def not_understood(state: CallState, apology: Line, tenant: Tenant) -> Transition:
    """Ask again, then in other words beside the way out, then offer that alone."""
    if state.misses == 0:
        return count_miss(state, (apology, *state.question))
    hint = BOOKED_HINTS.get((state.stage, state.expects), HINTS[state.expects])
    lead = (line(LineKey.OR_LEAVE_MESSAGE),) if tenant.messages.is_taken and state.aside is None else ()
    return count_miss(state, (*lead, line(hint, services=spoken_services(tenant))))


def count_miss(state: CallState, lines: tuple[Line, ...]) -> Transition:
    """Say something after words that led nowhere; the third time in a row `advance` offers a way out instead."""
    misses = state.misses + 1
    if misses < MAX_MISSES:
        return say(replace(state, misses=misses), lines)
    if state.stage is Stage.DONE:
        return end(state, EndReason.NOT_UNDERSTOOD, farewell(state))
    return Transition(replace(state, misses=misses))


def farewell(state: CallState) -> LineKey:
    """The last words of a call that did what it could: until then, if there is a then."""
    return LineKey.FAREWELL_BOOKED if state.appointments else LineKey.FAREWELL


def end(state: CallState, reason: EndReason, key: LineKey) -> Transition:
    """Say the last words and give back what is reserved; the call ends once they are spoken."""
    # A hold whose confirmation failed may be a booking by now; it expires by itself if it is not.
    is_unsure = state.failed_stage in COMMITTING_STAGES
    release = (ReleaseHold(state.hold.id),) if state.hold and not is_unsure else ()
    lines = (line(key),)
    hold = state.hold if is_unsure else None
    lost_at = state.stage if reason is EndReason.SILENCE else None  # the line may be dead in one direction
    ended = replace(
        state, stage=Stage.ENDED, end_reason=reason, last_lines=lines, question=(), hold=hold, left_at=lost_at
    )
    return Transition(ended, lines, effects=release)


def note_cut(state: CallState, event: PromptCut, now: datetime, tenant: Tenant) -> Transition:
    """Any stage that asks for a yes: what was not heard is not assumed heard."""
    is_heard = state.is_readback_heard and event.heard_fraction >= READBACK_HEARD_FRACTION
    return Transition(replace(state, is_readback_heard=is_heard))


def note_outcome_cut(state: CallState, event: PromptCut, now: datetime, tenant: Tenant) -> Transition:
    """DONE: a "yes, that's right" in two breaths cuts off the news with its second."""
    return Transition(replace(state, is_outcome_heard=event.heard_fraction >= READBACK_HEARD_FRACTION))


def break_silence(state: CallState, event: Silent, now: datetime, tenant: Tenant) -> Transition:
    """Ask again, then ask whether anybody is there, then say goodbye."""
    if event.count >= MAX_SILENCES:
        key = farewell(state) if state.stage is Stage.DONE else LineKey.GIVE_UP_SILENCE
        return end(state, EndReason.SILENCE, key)
    if event.count == MAX_SILENCES - 1:
        return Transition(replace(state, is_checking=True), (line(LineKey.STILL_THERE),))
    return say(state, state.question)


def ask_patience(state: CallState, event: Silent, now: datetime, tenant: Tenant) -> Transition:
    """A pending stage takes long: say once that something is happening."""
    return Transition(state, (line(LineKey.ONE_MOMENT),) if event.count == 1 else ())


def close(state: CallState, event: CallerHungUp, now: datetime, tenant: Tenant) -> Transition:
    """The caller left: give back what is reserved, unless a booking is on its way."""
    release = (ReleaseHold(state.hold.id),) if state.hold and state.stage not in COMMITTING_STAGES else ()
    is_heard = state.is_outcome_heard and not event.is_cut_off
    ended = replace(
        state, stage=Stage.ENDED, end_reason=EndReason.CALLER_HUNG_UP, left_at=state.stage, is_outcome_heard=is_heard
    )
    return Transition(ended, effects=release)
