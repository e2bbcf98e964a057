"""What a caller's words do at each stage of a booking: the handlers of Said.

A handler takes (state, event, now, tenant); the table in `agent.domain.call` says when it is called
and to which stages it may lead.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.domain.events import (
    LineKey,
    Said,
    line,
)
from agent.domain.facts import Expect, Facts, Wish
from agent.domain.openings import Opening
from agent.domain.state import CallState, EndReason, Stage, Transition
from agent.domain.steps import (
    absorb,
    ask,
    choose,
    confirm,
    next_step,
    phone_question,
    read_back_short,
    reject_time,
)
from agent.domain.talk import converse, count_miss, end, not_understood, say
from agent.domain.tenant import Tenant


def hear(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """Any stage that waits for details: conversation wishes first, then the details."""
    return converse(state, event.facts) or _take_details(state, event.facts, now, tenant)


def hear_choice(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """CHOOSING: one of the offers, another wish, or neither."""
    facts = event.facts
    talk = converse(state, facts)
    if talk is not None:
        return talk
    chosen = None if facts.service_id not in (None, state.service_id) else _chosen(state, facts, tenant)
    if chosen is not None:
        return choose(absorb(state, replace(facts, when=None), tenant), chosen, tenant)
    if facts.answer is False and not facts.has_details:
        return ask(state, Stage.TIME, Expect.WHEN, line(LineKey.ASK_OTHER_TIME))
    if facts.answer is True and not facts.has_details:
        return not_understood(state, line(LineKey.ASK_WHICH), tenant)
    return _take_details(state, replace(facts, choice=None), now, tenant)


def hear_confirmation(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """CONFIRMING: yes books, but only what the caller has heard; a change is read back again."""
    facts = event.facts
    talk = converse(state, facts)
    if talk is not None:
        return talk
    is_change = facts.conflict is not None or facts.is_past or absorb(state, facts, tenant) != state
    if is_change or (facts.has_details and facts.answer is None):
        return _take_details(state, facts, now, tenant)
    if facts.answer is True:
        return confirm(state, tenant) if state.is_readback_heard else read_back_short(state, tenant)
    if facts.answer is False and state.expects is Expect.YES_NO:
        unsure = replace(state, is_readback_heard=False)
        return ask(unsure, Stage.CONFIRMING, Expect.ANY, line(LineKey.ASK_WHAT_TO_CHANGE))
    return not_understood(state, line(LineKey.SORRY), tenant)


def hear_while_searching(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """SEARCHING: what is said meanwhile may change what is looked for."""
    facts = event.facts
    if _is_leaving(facts):
        return end(state, EndReason.GOODBYE, LineKey.FAREWELL)
    is_change = facts.conflict is not None or absorb(state, facts, tenant) != state
    return _take_details(state, facts, now, tenant) if is_change else Transition(state)


def hear_while_holding(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """HOLDING: the reply is on its way; remember what is said, and what it makes stale."""
    if _is_leaving(event.facts):
        return end(state, EndReason.GOODBYE, LineKey.FAREWELL)
    heard = absorb(state, event.facts, tenant)
    is_moved = (heard.service_id, heard.when) != (state.service_id, state.when)
    return Transition(replace(heard, is_hold_stale=state.is_hold_stale or is_moved))


def _is_leaving(facts: Facts) -> bool:
    return Wish.GOODBYE in facts.wishes and not facts.has_details


def hear_after_booking(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """BOOKED: another booking, a change for the staff to make, or goodbye."""
    facts = replace(event.facts, choice=None)
    if not facts.has_details and Wish.BOOK not in facts.wishes:
        is_thanked = Wish.THANKS in facts.wishes and facts.answer is not True
        if facts.answer is False or is_thanked or Wish.GOODBYE in facts.wishes:
            return end(state, EndReason.GOODBYE, LineKey.FAREWELL_BOOKED)
        if facts.answer is True and not state.is_outcome_heard:
            return say(replace(state, is_outcome_heard=True), state.last_lines)
        if facts.answer is True and not state.is_checking:
            return ask(state, Stage.BOOKED, Expect.ANY, line(LineKey.ASK_WHAT_ELSE))
        return converse(state, facts) or not_understood(state, line(LineKey.SORRY), tenant)
    wants_another = Wish.BOOK in facts.wishes or facts.service_id is not None
    if wants_another and not facts.correction:
        fresh = replace(state, service_id=None, when=None, offered=(), hold=None, chosen=None, losses=0)
        return next_step(absorb(fresh, facts, tenant), now, tenant)
    question = line(LineKey.ASK_ANYTHING_ELSE)
    lead = (line(LineKey.CHANGE_BY_CALLBACK),)
    return ask(replace(state, wants_callback=True), Stage.BOOKED, Expect.YES_NO, question, lead=lead)


def hear_in_trouble(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """TROUBLE: try once more, or end politely."""
    facts = event.facts
    # After an unanswered ConfirmBooking the booking may exist: only the very same one may be retried.
    is_fixed = state.failed_stage is Stage.BOOKING
    if facts.answer is True or (facts.has_details and not is_fixed):
        return _retry(state if is_fixed else absorb(state, facts, tenant), now, tenant)
    if facts.answer is False:
        return end(replace(state, wants_callback=True), EndReason.STORE_FAILED, LineKey.GIVE_UP_STORE)
    return converse(state, facts) or not_understood(state, line(LineKey.SORRY), tenant)


def _retry(state: CallState, now: datetime, tenant: Tenant) -> Transition:
    if state.failed_stage is Stage.BOOKING:
        return confirm(state, tenant)
    return next_step(state, now, tenant)


def _take_details(state: CallState, facts: Facts, now: datetime, tenant: Tenant) -> Transition:
    had_digits = state.phone_digits
    heard = absorb(state, facts, tenant)
    if facts.conflict is not None:
        said, real_on = str(facts.conflict.weekday), facts.conflict.on.isoformat()
        question = line(LineKey.ASK_DATE_CONFLICT, said_weekday=said, real_on=real_on)
        return ask(heard, Stage.TIME, Expect.WHEN, question)
    if facts.is_past and facts.when is None:
        return reject_time(heard, LineKey.TIME_IS_PAST)
    if facts.is_phone_garbled and heard.hold is not None and not heard.is_hold_stale and heard.name is not None:
        return _ask_phone_again(heard)
    if heard == state and not _is_welcome(state, facts):
        return not_understood(state, line(LineKey.SORRY), tenant)
    if heard.phone_digits and heard.phone_digits != had_digits and _only_phone_is_missing(heard):
        # A number in pieces is progress, but pieces that never make a number must end somewhere.
        return count_miss(replace(heard, question=(phone_question(heard),)), (phone_question(heard),))
    return next_step(heard, now, tenant)


def _ask_phone_again(state: CallState) -> Transition:
    """A number with digits too many: to ask for a change or for the rest of it would lead nowhere."""
    question = line(LineKey.ASK_PHONE_AGAIN)
    if state.stage is not Stage.PHONE:
        return ask(state, Stage.PHONE, Expect.PHONE, question)
    return count_miss(replace(state, question=(question,)), (question,))


def _is_welcome(state: CallState, facts: Facts) -> bool:
    """Words that change no slot and are no misunderstanding: "I want to book", a known fact."""
    if Wish.BOOK in facts.wishes:
        return any(asked.key is LineKey.ASK_HELP for asked in state.question)
    says_known = facts.service_id is not None or facts.when is not None or facts.name is not None
    return says_known and state.stage in (Stage.CONFIRMING, Stage.TIME)


def _only_phone_is_missing(state: CallState) -> bool:
    return state.stage is Stage.PHONE and not state.is_hold_stale


def _chosen(state: CallState, facts: Facts, tenant: Tenant) -> Opening | None:
    """The offer these words pick, or None when they pick none or several."""
    offers = state.offered
    if facts.choice is not None and -len(offers) <= facts.choice < len(offers):
        return offers[facts.choice]
    if facts.answer is True and facts.when is None and len(offers) == 1:
        return offers[0]
    when = facts.when
    if when is None or facts.answer is False or when.not_before or when.not_after:
        return None
    matching = []
    for opening in offers:
        local = opening.start_at.astimezone(tenant.zone)
        is_day = when.first_on is None or when.last_on is None or when.first_on <= local.date() <= when.last_on
        if is_day and when.at in (None, local.time()):
            matching.append(opening)
    return matching[0] if len(matching) == 1 else None
