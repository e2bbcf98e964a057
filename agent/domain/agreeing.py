"""What a caller says to the read-back of a move or cancellation: yes, no, the other of the two, another appointment."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.domain.appointments import Appointment
from agent.domain.changing import ask_to_cancel, confirm_cancel, confirm_move, given_back, keep, settle
from agent.domain.details import take_details
from agent.domain.events import Said
from agent.domain.facts import Expect, Facts, When, Wish
from agent.domain.finding import begin
from agent.domain.intent import Operation
from agent.domain.lines import LineKey, line
from agent.domain.state import CallState, Change, Stage, Transition
from agent.domain.steps import absorb, ask, next_step, put_away
from agent.domain.talk import converse, count_miss, not_understood
from agent.domain.tenant import Tenant


def hear_cancel(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """CONFIRMING_CANCEL: yes cancels, but only what the caller has heard; no leaves it, another time moves it.

    To speak of cancelling is no yes ("why would you cancel it?"); a plain order is one.
    """
    facts = event.facts
    turned = turn(state, facts, now, tenant)
    if turned is not None:
        return turned
    talk = converse(state, facts)
    if talk is not None:
        return talk
    if facts.answer is False or Wish.OTHER in facts.wishes:
        return keep(state)
    if facts.answer is True or facts.is_order:
        return confirm_cancel(state, tenant) if state.is_readback_heard else ask_to_cancel(state, tenant)
    if Wish.CANCEL in facts.wishes:
        again = ask_to_cancel(state, tenant)
        return count_miss(replace(again.state, misses=state.misses), again.say)
    return not_understood(state, line(LineKey.SORRY), tenant)


def hear_move(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """CONFIRMING_MOVE: yes moves, but only what the caller has heard; a change is read back again."""
    facts = event.facts
    talk = turn(state, facts, now, tenant) or converse(state, facts)
    if talk is not None:
        return talk
    is_change = facts.conflict is not None or facts.is_past or absorb(state, facts, tenant) != state
    if is_change or (facts.has_details and facts.answer is None):
        return take_details(state, facts, now, tenant)
    if facts.answer is True:
        return confirm_move(state, tenant) if state.is_readback_heard else next_step(state, now, tenant)
    if facts.answer is False and Wish.BOOK in facts.wishes:  # another one, and this one is to stay
        booking = next_step(put_away(state), now, tenant)
        return replace(booking, effects=(*given_back(state), *booking.effects))
    if facts.answer is False:
        return ask(state, Stage.TIME, Expect.WHEN, line(LineKey.ASK_OTHER_TIME))
    return not_understood(state, line(LineKey.SORRY), tenant)


def turn(state: CallState, facts: Facts, now: datetime, tenant: Tenant) -> Transition | None:
    """The caller would rather cancel what was to be moved, or move what was to be cancelled, or means another one."""
    change = state.change
    if change is None or change.target is None:
        return None
    another = _another(state, change, change.target, facts, now, tenant)
    if another is not None:
        return another
    if change.operation is Operation.MOVE and Wish.CANCEL in facts.wishes and facts.when is None:
        return _turned(state, change, Operation.CANCEL, facts, now, tenant)
    is_agreed = facts.answer is True and Wish.MOVE not in facts.wishes and _admits(facts.when, change.target, tenant)
    is_move = Wish.MOVE in facts.wishes and facts.answer is not True
    if change.operation is Operation.CANCEL and not is_agreed and (is_move or facts.when is not None):
        return _turned(state, change, Operation.MOVE, facts, now, tenant)
    return None


def _another(
    state: CallState, change: Change, target: Appointment, facts: Facts, now: datetime, tenant: Tenant
) -> Transition | None:
    """The words name an appointment to be cancelled, and it is not the one talked of: that one is looked for."""
    is_cancelling = change.operation is Operation.CANCEL and not facts.wishes & {Wish.MOVE, Wish.BOOK}
    if not is_cancelling and Wish.CANCEL not in facts.wishes:
        return None
    is_other_service = facts.service_id not in (None, target.service_id)
    if not is_other_service and _admits(facts.booked_when, target, tenant):
        return None
    if (facts.service_id, facts.booked_when) == (change.service_id, change.booked_when):  # there is none of that name
        return not_understood(state, line(LineKey.SORRY), tenant)
    begun = begin(state, Operation.CANCEL, replace(facts, when=None), now, tenant)
    return replace(begun, effects=(*given_back(state), *begun.effects))


def _admits(when: When | None, target: Appointment, tenant: Tenant) -> bool:
    return when is None or when.admits(target.opening.start_at.astimezone(tenant.zone))


def _turned(
    state: CallState, change: Change, operation: Operation, facts: Facts, now: datetime, tenant: Tenant
) -> Transition:
    assert change.target is not None
    turned = replace(put_away(state), change=replace(change, operation=operation), when=facts.when)
    step = settle(turned, change.target, now, tenant)
    return replace(step, effects=(*given_back(state), *step.effects))
