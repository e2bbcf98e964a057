"""What a caller's words do at each stage of a booking: the handlers of Said.

A handler takes (state, event, now, tenant); the table in `agent.domain.call` says when it is called
and to which stages it may lead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from agent.domain.agreeing import turn
from agent.domain.changing import confirm_cancel, confirm_move, drop_booking, given_back, keep
from agent.domain.details import take_details
from agent.domain.events import Said
from agent.domain.facts import Expect, Facts, Wish
from agent.domain.finding import OPERATIONS, begin, look_up
from agent.domain.intent import Operation
from agent.domain.lines import LineKey, line
from agent.domain.notes import Reason
from agent.domain.noting import owe_callback, store_again
from agent.domain.offering import is_wish_offered
from agent.domain.openings import Opening
from agent.domain.state import CallState, EndReason, Stage, Transition
from agent.domain.steps import (
    absorb,
    ask,
    choose,
    confirm,
    next_step,
    put_away,
    read_back,
    read_back_short,
)
from agent.domain.talk import converse, count_miss, end, farewell, not_understood, say
from agent.domain.tenant import Tenant
from agent.domain.waiting import gather, join, may_wait, offer_list
from agent.domain.ways_out import give_up_storing


def hear(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """Any stage that waits for details: conversation wishes first, then the details."""
    facts = event.facts
    talk = _divert(state, facts, now, tenant) or converse(state, facts)
    if talk is not None:
        return talk
    if state.moving is not None and facts.answer is False and not facts.has_details:
        return keep(state)
    return take_details(state, facts, now, tenant)


def _divert(state: CallState, facts: Facts, now: datetime, tenant: Tenant) -> Transition | None:
    """Words about an appointment that exists, or that end what is being booked; None when they are neither."""
    if state.change is not None:
        return turn(state, facts, now, tenant)
    is_booking = state.service_id is not None and not facts.has_appointment
    if Wish.CANCEL in facts.wishes and is_booking:
        return None if facts.has_details else drop_booking(state)
    if Wish.WAIT in facts.wishes and not facts.has_details and state.offered and may_wait(state, now, tenant):
        return gather(replace(state, is_waiting=True), tenant)
    for wish, operation in OPERATIONS.items():
        if wish in facts.wishes and not is_booking:
            begun = begin(state, operation, facts, now, tenant)
            return replace(begun, effects=(*given_back(state), *begun.effects))
    return None


def hear_choice(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """CHOOSING: one of the offers, another wish, or neither."""
    facts = event.facts
    talk = _divert(state, facts, now, tenant) or converse(state, facts)
    if talk is not None:
        return talk
    chosen = None if facts.service_id not in (None, state.service_id) else _chosen(state, facts, tenant)
    if chosen is not None:
        return choose(absorb(state, replace(facts, when=None), tenant), chosen, tenant)
    if (facts.answer is False or Wish.OTHER in facts.wishes) and not facts.has_details:
        if not is_wish_offered(state, tenant) and may_wait(state, now, tenant):
            return offer_list(state)
        return ask(state, Stage.TIME, Expect.WHEN, line(LineKey.ASK_OTHER_TIME))
    if facts.answer is True and not facts.has_details:
        return not_understood(state, line(LineKey.ASK_WHICH), tenant)
    return take_details(state, replace(facts, choice=None), now, tenant)


def hear_confirmation(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """CONFIRMING: yes books, but only what the caller has heard; a change is read back again."""
    facts = event.facts
    talk = _divert(state, facts, now, tenant) or converse(state, facts)
    if talk is not None:
        return talk
    is_unclear = facts.conflict is not None or facts.is_past or facts.is_phone_garbled
    is_change = is_unclear or absorb(state, facts, tenant) != state
    if is_change or (facts.has_details and facts.answer is None):
        return take_details(state, facts, now, tenant)
    if facts.answer is True:
        return confirm(state, tenant) if state.is_readback_heard else read_back_short(state, tenant)
    if facts.answer is False and state.expects is Expect.ANY:  # "nothing": what was read back is to stay
        again = read_back(state, tenant)
        return count_miss(replace(again.state, misses=state.misses), again.say)
    if facts.answer is False and facts.has_details:  # what we have already: it was our words that were misheard
        return count_miss(state, read_back(state, tenant).say)
    if facts.answer is False and state.expects is Expect.YES_NO:
        unsure = replace(state, is_readback_heard=False)
        asked = ask(unsure, Stage.CONFIRMING, Expect.ANY, line(LineKey.ASK_WHAT_TO_CHANGE))
        return replace(asked, state=replace(asked.state, misses=state.misses))  # no and no again must end somewhere
    return not_understood(state, line(LineKey.SORRY), tenant)


def hear_while_searching(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """SEARCHING: what is said meanwhile may change what is looked for."""
    facts = event.facts
    if _is_leaving(facts):
        return end(state, EndReason.GOODBYE, LineKey.FAREWELL)
    is_change = facts.conflict is not None or absorb(state, facts, tenant) != state
    return take_details(state, facts, now, tenant) if is_change else Transition(state)


def hear_while_holding(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """HOLDING: the reply is on its way; remember what is said, and what it makes stale."""
    if _is_leaving(event.facts):
        return end(state, EndReason.GOODBYE, LineKey.FAREWELL)
    heard = absorb(state, event.facts, tenant)
    is_moved = (heard.service_id, heard.when, heard.staff) != (state.service_id, state.when, state.staff)
    return Transition(replace(heard, is_hold_stale=state.is_hold_stale or is_moved))


def _is_leaving(facts: Facts) -> bool:
    return Wish.GOODBYE in facts.wishes and not facts.has_details


def hear_when_done(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """DONE: another booking, a change of this or of an earlier one, or goodbye."""
    facts = replace(event.facts, choice=None)
    operation = _wished_change(state, facts)
    if operation is not None:
        return begin(state, operation, facts, now, tenant)
    if not facts.has_details and Wish.BOOK not in facts.wishes:
        if Wish.OTHER in facts.wishes:
            return ask(state, Stage.DONE, Expect.ANY, line(LineKey.ASK_WHAT_ELSE))
        is_thanked = Wish.THANKS in facts.wishes and facts.answer is not True
        is_rest_of_yes = facts.answer is True or (is_thanked and facts.answer is None)
        if is_rest_of_yes and not state.is_outcome_heard and Wish.GOODBYE not in facts.wishes:
            return say(replace(state, is_outcome_heard=True), state.last_lines)
        if facts.answer is False or is_thanked or Wish.GOODBYE in facts.wishes:
            return end(state, EndReason.GOODBYE, farewell(state))
        if facts.answer is True and not state.is_checking:
            return ask(state, Stage.DONE, Expect.ANY, line(LineKey.ASK_WHAT_ELSE))
        return converse(state, facts) or not_understood(state, line(LineKey.SORRY), tenant)
    if not state.appointments or (_names_another(facts) and not facts.correction):
        return next_step(absorb(put_away(state), facts, tenant), now, tenant)
    return owe_callback(state, Reason.CHANGE, LineKey.CHANGE_BY_CALLBACK, tenant, words=facts.text)


def _names_another(facts: Facts) -> bool:
    return Wish.BOOK in facts.wishes or facts.service_id is not None


def _wished_change(state: CallState, facts: Facts) -> Operation | None:
    """What is to be done to an appointment: said so, or "actually, make it 4" about the one just made."""
    for wish, operation in OPERATIONS.items():
        if wish in facts.wishes:
            return operation
    if not state.appointments or (_names_another(facts) and not facts.correction):
        return None
    is_other_staff = facts.staff is not None and not facts.staff.admits(state.appointments[-1].opening.staff_id)
    if facts.when is None and not is_other_staff:
        return None
    is_same_service = facts.service_id in (None, state.appointments[-1].service_id)
    return Operation.MOVE if is_same_service else None


def hear_in_trouble(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """TROUBLE: try once more, or end politely."""
    facts = event.facts
    # After an unanswered commit it may have happened: only the very same one may be retried.
    is_fixed = state.failed_stage in _RETRIES
    if facts.answer is True or (facts.has_details and not is_fixed):
        return _retry(state if is_fixed else absorb(state, facts, tenant), now, tenant)
    if facts.answer is False:
        return give_up_storing(state, tenant)
    return converse(state, facts) or not_understood(state, line(LineKey.SORRY), tenant)


def _retry(state: CallState, now: datetime, tenant: Tenant) -> Transition:
    again = _RETRIES.get(state.failed_stage) if state.failed_stage else None
    return next_step(state, now, tenant) if again is None else again(state, tenant)


#: What is retried word for word, by the stage that failed; other stages go on with what is known by then.
_RETRIES: dict[Stage, Callable[[CallState, Tenant], Transition]] = {
    Stage.BOOKING: confirm,
    Stage.MOVING: confirm_move,
    Stage.CANCELLING: confirm_cancel,
    Stage.FINDING: look_up,
    Stage.LISTING: join,
    Stage.NOTING: store_again,
}


def _chosen(state: CallState, facts: Facts, tenant: Tenant) -> Opening | None:
    """The offer these words pick, or None when they pick none or several."""
    offers = state.offered
    if facts.choice is not None and -len(offers) <= facts.choice < len(offers):
        return offers[facts.choice]
    if facts.staff is not None and facts.answer is not False:
        offers = tuple(opening for opening in offers if facts.staff.admits(opening.staff_id))
        if facts.when is None:
            return offers[0] if len(offers) == 1 and facts.staff.only else None
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
