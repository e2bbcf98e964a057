"""An existing appointment moved or cancelled, once it is known which: read back, and done once that is agreed to.

A move is a booking of the same service whose last step gives up the old appointment: the stages that look for an
opening and hold it are those of a booking, and the old appointment stands until the new one is stored.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.domain.appointments import Appointment
from agent.domain.facts import Expect, Facts
from agent.domain.intent import Operation, change_key, intent_key
from agent.domain.lines import LineKey, line
from agent.domain.requests import CancelAppointment, Effect, MoveAppointment, ReleaseHold
from agent.domain.state import CallState, Stage, Transition
from agent.domain.steps import absorb, appointment_args, ask, changes_staff, next_step, put_away, when_of
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
    return ask_to_cancel(known, tenant)


def ask_to_cancel(state: CallState, tenant: Tenant) -> Transition:
    """Say which appointment it is, and ask for the yes."""
    assert state.target is not None
    question = line(LineKey.FOUND_AND_CANCEL, **appointment_args(state.target, tenant))
    return ask(replace(state, is_readback_heard=True), Stage.CONFIRMING_CANCEL, Expect.YES_NO, question)


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
