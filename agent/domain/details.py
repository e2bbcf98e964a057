"""Details heard while something is being booked or moved: into their slots, then the next question."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.domain.facts import Expect, Facts, Wish
from agent.domain.lines import LineKey, line
from agent.domain.state import CallState, Stage, Transition
from agent.domain.steps import absorb, ask, next_step, phone_question, reject_time
from agent.domain.talk import count_miss, not_understood
from agent.domain.tenant import Tenant
from agent.domain.waiting import gather

#: Stages in which a caller may say again what is known.
_READ_BACK_STAGES = frozenset({Stage.CONFIRMING, Stage.CONFIRMING_MOVE, Stage.CONFIRMING_LIST})


def take_details(state: CallState, facts: Facts, now: datetime, tenant: Tenant) -> Transition:
    """Put what was heard in its slots and ask for what is missing; what told nothing is not understood."""
    had_digits = state.phone_digits
    heard = absorb(state, facts, tenant)
    if facts.conflict is not None:
        said, real_on = str(facts.conflict.weekday), facts.conflict.on.isoformat()
        question = line(LineKey.ASK_DATE_CONFLICT, said_weekday=said, real_on=real_on)
        return ask(heard, Stage.TIME, Expect.WHEN, question)
    if facts.is_past and facts.when is None:
        return reject_time(heard, LineKey.TIME_IS_PAST)
    if (
        facts.is_phone_garbled
        and state.moving is None
        and (heard.is_waiting or (heard.hold is not None and not heard.is_hold_stale))
        and heard.name is not None
    ):
        return ask_phone_again(heard)
    if heard == state and not _is_welcome(state, facts):
        return not_understood(state, line(LineKey.SORRY), tenant)
    if heard.phone_digits and heard.phone_digits != had_digits and _only_phone_is_missing(heard):
        # A number in pieces is progress, but pieces that never make a number must end somewhere.
        return count_miss(replace(heard, question=(phone_question(heard),)), (phone_question(heard),))
    return gather(heard, tenant) if heard.is_waiting else next_step(heard, now, tenant)


def ask_phone_again(state: CallState) -> Transition:
    """A number with digits too many: to ask for a change or for the rest of it would lead nowhere."""
    question = line(LineKey.ASK_PHONE_AGAIN)
    if state.stage not in (Stage.PHONE, Stage.IDENTIFYING):
        return ask(state, Stage.PHONE, Expect.PHONE, question)
    return count_miss(replace(state, question=(question,)), (question,))


def _is_welcome(state: CallState, facts: Facts) -> bool:
    """Words that change no slot and are no misunderstanding: "I want to book", a known fact."""
    if facts.wishes & {Wish.BOOK, Wish.WAIT}:
        return any(asked.key is LineKey.ASK_HELP for asked in state.question)
    says_known = any(said is not None for said in (facts.service_id, facts.when, facts.name, facts.staff))
    return says_known and state.stage in _READ_BACK_STAGES | {Stage.TIME, Stage.CHOOSING}


def _only_phone_is_missing(state: CallState) -> bool:
    return state.stage is Stage.PHONE and not state.is_hold_stale
