"""An existing appointment moved or cancelled, once it is known which: read back, confirmed, done.

A move is a booking of the same service whose last step gives up the old appointment: the stages that look for an
opening and hold it are those of a booking, and the old appointment stands until the new one is stored.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.domain.appointments import Appointment
from agent.domain.details import take_details
from agent.domain.events import Said
from agent.domain.facts import Expect, Facts, Wish
from agent.domain.intent import Operation, change_key, intent_key
from agent.domain.lines import LineKey, line
from agent.domain.requests import CancelAppointment, Effect, MoveAppointment, ReleaseHold
from agent.domain.state import CallState, Change, Stage, Transition
from agent.domain.steps import absorb, appointment_args, ask, changes_staff, next_step, put_away, when_of
from agent.domain.talk import converse, not_understood
from agent.domain.tenant import Tenant


def settle(state: CallState, target: Appointment, now: datetime, tenant: Tenant) -> Transition:
    """It is known which appointment is meant: say it, and ask for the yes or for the new time."""
    assert state.change is not None
    wished = state.when
    change = replace(state.change, target=target, found=())
    known = replace(state, change=change, service_id=target.service_id, when=None, offered=(), losses=0)
    if change.operation is Operation.MOVE:
        if wished is None and changes_staff(known):
            wished = when_of(target.opening, tenant)
        return next_step(absorb(known, Facts(when=wished), tenant), now, tenant)
    return _ask_to_cancel(known, tenant)


def _ask_to_cancel(state: CallState, tenant: Tenant) -> Transition:
    assert state.target is not None
    question = line(LineKey.FOUND_AND_CANCEL, **appointment_args(state.target, tenant))
    return ask(replace(state, is_readback_heard=True), Stage.CONFIRMING_CANCEL, Expect.YES_NO, question)


def hear_cancel(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """CONFIRMING_CANCEL: yes cancels, but only what the caller has heard; no leaves it, another time moves it."""
    facts = event.facts
    turned = turn(state, facts, now, tenant)
    if turned is not None:
        return turned
    talk = converse(state, facts)
    if talk is not None:
        return talk
    if facts.answer is False or Wish.OTHER in facts.wishes:
        return keep(state)
    if facts.answer is True or Wish.CANCEL in facts.wishes:
        return confirm_cancel(state, tenant) if state.is_readback_heard else _ask_to_cancel(state, tenant)
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
    """The caller would rather cancel what was to be moved, or move what was to be cancelled."""
    change = state.change
    if change is None or change.target is None:
        return None
    if change.operation is Operation.MOVE and Wish.CANCEL in facts.wishes and facts.when is None:
        return _turned(state, change, Operation.CANCEL, facts, now, tenant)
    is_move = Wish.MOVE in facts.wishes and facts.answer is not True
    if change.operation is Operation.CANCEL and (is_move or facts.when is not None):
        return _turned(state, change, Operation.MOVE, facts, now, tenant)
    return None


def _turned(
    state: CallState, change: Change, operation: Operation, facts: Facts, now: datetime, tenant: Tenant
) -> Transition:
    assert change.target is not None
    turned = replace(put_away(state), change=replace(change, operation=operation), when=facts.when)
    step = settle(turned, change.target, now, tenant)
    return replace(step, effects=(*given_back(state), *step.effects))


def keep(state: CallState) -> Transition:
    """The appointment stays as it is."""
    lead = (line(LineKey.KEPT),)
    asked = ask(put_away(state), Stage.DONE, Expect.YES_NO, line(LineKey.ASK_ANYTHING_ELSE), lead=lead)
    return replace(asked, effects=given_back(state))


def drop_booking(state: CallState) -> Transition:
    """The caller does not want after all what was being booked."""
    lead = (line(LineKey.BOOKING_DROPPED),)
    asked = ask(put_away(state), Stage.DONE, Expect.YES_NO, line(LineKey.ASK_ANYTHING_ELSE), lead=lead)
    return replace(asked, effects=given_back(state))


def confirm_cancel(state: CallState, tenant: Tenant) -> Transition:
    """Cancel what was read back and agreed to."""
    assert state.target is not None
    key = change_key(tenant.id, state.target.id, Operation.CANCEL)
    cancelling = replace(state, stage=Stage.CANCELLING, is_checking=False)
    return Transition(cancelling, effects=(CancelAppointment(key, state.target),))


def confirm_move(state: CallState, tenant: Tenant) -> Transition:
    """Move what was read back and agreed to."""
    target, hold = state.target, state.hold
    assert target is not None
    assert hold is not None
    start_at = hold.opening.start_at
    caller = state.caller_number or state.phone or state.name or ""
    key = change_key(tenant.id, target.id, Operation.MOVE, start_at)
    booking_key = intent_key(tenant.id, caller, target.service_id, start_at, Operation.BOOK)
    moving = replace(state, stage=Stage.MOVING, is_checking=False)
    return Transition(moving, effects=(MoveAppointment(key, booking_key, target, hold),))


def given_back(state: CallState) -> tuple[Effect, ...]:
    """What gives back the opening that is held, if one is."""
    return (ReleaseHold(state.hold.id),) if state.hold else ()
