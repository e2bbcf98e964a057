"""The call: `advance`, the only way its state changes, and the table it looks up.

Law 1: every transition is a row of TABLE; what a row does is a handler of `booking`, `finding`,
`changing`, `replies` or `talk`.
Law 2: nothing here waits, looks anything up or speaks; a transition names reads, effects and lines.
Law 3: an event without a row for the current stage changes nothing and says nothing.

Life of a booking: SERVICE, TIME, SEARCHING (a read is out), CHOOSING or HOLDING (an effect is out),
NAME, PHONE, CONFIRMING, BOOKING (an effect is out), DONE, ENDED. Facts may arrive in any order and
at any stage; each step skips what is already known, and a correction goes back as far as it must.

Life of a change: FINDING (a read is out), or IDENTIFYING and WHICH until it is known which appointment is meant;
then CONFIRMING_CANCEL and CANCELLING (an effect is out), or the stages of a booking from TIME to HOLDING, then
CONFIRMING_MOVE and MOVING (an effect is out); and DONE.

TROUBLE is where a store failure waits for "shall I try again?".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent.domain import booking, changing, finding, replies, talk
from agent.domain.events import (
    Answered,
    AppointmentGone,
    AppointmentsFound,
    Booked,
    BookingLost,
    CallerHungUp,
    Cancelled,
    Event,
    Held,
    HoldLost,
    Moved,
    OpeningsFound,
    PromptCut,
    Said,
    Silent,
    StoreFailed,
)
from agent.domain.facts import Wish
from agent.domain.state import COMMITTING_STAGES, PENDING_STAGES, CallState, EndReason, Stage, Transition, new_call
from agent.domain.tenant import Tenant

__all__ = [
    "PENDING_STAGES", "TABLE", "CallState", "EndReason", "Rule", "Stage", "Transition", "advance", "new_call",
]  # fmt: skip

#: Takes (state, event, now, tenant); its event is of the kind of its row.
Handler = Callable[[CallState, Any, datetime, Tenant], Transition]

#: Where a step of a booking may go next, whatever was just learnt.
ONWARD = frozenset({Stage.SERVICE, Stage.TIME, Stage.SEARCHING, Stage.NAME, Stage.PHONE, Stage.CONFIRMING})
#: Where the wish to change an existing appointment may lead.
CHANGE = frozenset(
    {Stage.FINDING, Stage.IDENTIFYING, Stage.WHICH, Stage.TIME, Stage.SEARCHING, Stage.CONFIRMING_CANCEL, Stage.DONE}
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table.

    Attributes:
        to: every stage the handler may lead to; tests hold it to that, and the picture is drawn from it.
    """

    handler: Handler
    to: frozenset[Stage]


def _rule(handler: Handler, *to: Stage, more: frozenset[Stage] = frozenset()) -> Rule:
    return Rule(handler, frozenset(to) | more)


def _while_asking(stage: Stage) -> dict[tuple[Stage, type], Rule]:
    """Rows of every stage in which a question is open."""
    return {
        (stage, Silent): _rule(talk.break_silence, stage, Stage.ENDED),
        (stage, CallerHungUp): _rule(talk.close, Stage.ENDED),
    }


def _while_pending(stage: Stage) -> dict[tuple[Stage, type], Rule]:
    """Rows of every stage in which a reply of storage is awaited."""
    return {
        (stage, StoreFailed): _rule(replies.admit_trouble, Stage.TROUBLE, Stage.ENDED),
        (stage, Silent): _rule(talk.ask_patience, stage),
        (stage, CallerHungUp): _rule(talk.close, Stage.ENDED),
    }


S = Stage
TABLE: dict[tuple[Stage, type], Rule] = {
    (S.RINGING, Answered): _rule(talk.greet, S.SERVICE),
    (S.RINGING, CallerHungUp): _rule(talk.close, S.ENDED),
    (S.SERVICE, Said): _rule(booking.hear, S.ENDED, more=ONWARD | CHANGE),
    (S.TIME, Said): _rule(booking.hear, S.CONFIRMING_MOVE, S.ENDED, more=ONWARD | CHANGE),
    (S.CHOOSING, Said): _rule(
        booking.hear_choice, S.CHOOSING, S.HOLDING, S.CONFIRMING_MOVE, S.ENDED, more=ONWARD | CHANGE
    ),
    (S.NAME, Said): _rule(booking.hear, S.ENDED, more=ONWARD | CHANGE),
    (S.PHONE, Said): _rule(booking.hear, S.ENDED, more=ONWARD | CHANGE),
    (S.CONFIRMING, Said): _rule(booking.hear_confirmation, S.BOOKING, S.ENDED, more=ONWARD | CHANGE),
    (S.CONFIRMING, PromptCut): _rule(talk.note_cut, S.CONFIRMING),
    (S.SEARCHING, Said): _rule(booking.hear_while_searching, S.ENDED, more=ONWARD),
    (S.SEARCHING, OpeningsFound): _rule(replies.take_openings, S.HOLDING, S.CHOOSING, S.TIME),
    (S.HOLDING, Said): _rule(booking.hear_while_holding, S.HOLDING, S.ENDED),
    (S.HOLDING, Held): _rule(replies.take_hold, S.CONFIRMING_MOVE, more=ONWARD),
    (S.HOLDING, HoldLost): _rule(replies.lose_opening, more=ONWARD),
    (S.BOOKING, Booked): _rule(replies.take_booking, S.DONE),
    (S.BOOKING, BookingLost): _rule(replies.lose_opening, more=ONWARD),
    (S.FINDING, AppointmentsFound): _rule(finding.take_appointments, more=CHANGE),
    (S.IDENTIFYING, Said): _rule(finding.hear_identity, S.FINDING, S.IDENTIFYING, S.DONE, S.ENDED, more=ONWARD),
    (S.WHICH, Said): _rule(finding.hear_which, S.ENDED, more=ONWARD | CHANGE),
    (S.CONFIRMING_CANCEL, Said): _rule(
        changing.hear_cancel, S.CANCELLING, S.CONFIRMING_CANCEL, S.TIME, S.SEARCHING, S.DONE, S.ENDED
    ),
    (S.CONFIRMING_CANCEL, PromptCut): _rule(talk.note_cut, S.CONFIRMING_CANCEL),
    (S.CONFIRMING_MOVE, Said): _rule(
        changing.hear_move, S.MOVING, S.CONFIRMING_MOVE, S.CONFIRMING_CANCEL, S.SERVICE, S.TIME, S.SEARCHING, S.ENDED
    ),
    (S.CONFIRMING_MOVE, PromptCut): _rule(talk.note_cut, S.CONFIRMING_MOVE),
    (S.MOVING, Moved): _rule(replies.take_move, S.DONE),
    (S.MOVING, BookingLost): _rule(replies.lose_opening, S.TIME, S.SEARCHING),
    (S.MOVING, AppointmentGone): _rule(replies.lose_appointment, S.DONE),
    (S.CANCELLING, Cancelled): _rule(replies.take_cancellation, S.DONE),
    (S.CANCELLING, AppointmentGone): _rule(replies.lose_appointment, S.DONE),
    (S.DONE, PromptCut): _rule(talk.note_outcome_cut, S.DONE),
    (S.DONE, Said): _rule(booking.hear_when_done, S.DONE, S.ENDED, more=ONWARD | CHANGE),
    (S.TROUBLE, Said): _rule(
        booking.hear_in_trouble, S.TROUBLE, S.FINDING, S.CONFIRMING_MOVE, S.ENDED, more=ONWARD | COMMITTING_STAGES
    ),
    (S.ENDED, Held): _rule(replies.drop_late_hold, S.ENDED),
    (S.ENDED, Booked): _rule(replies.take_late_booking, S.ENDED),
    (S.ENDED, Moved): _rule(replies.take_late_move, S.ENDED),
    (S.ENDED, Cancelled): _rule(replies.take_late_cancellation, S.ENDED),
}
for _stage in (
    S.SERVICE, S.TIME, S.CHOOSING, S.NAME, S.PHONE, S.CONFIRMING, S.IDENTIFYING, S.WHICH, S.CONFIRMING_MOVE,
    S.CONFIRMING_CANCEL, S.DONE, S.TROUBLE,
):  # fmt: skip
    TABLE |= _while_asking(_stage)
for _stage in (S.SEARCHING, S.HOLDING, S.BOOKING, S.FINDING, S.MOVING, S.CANCELLING):
    TABLE |= _while_pending(_stage)


def advance(state: CallState, event: Event, now: datetime, tenant: Tenant) -> Transition:
    """What the rules make of an event.

    Args:
        now: aware; decides what is past and too far ahead.
    Returns: the same state and nothing else when the event has no meaning at this stage.
    """
    rule = TABLE.get((state.stage, type(event)))
    if rule is None:
        return Transition(state)
    aside = talk.interject(state, event.facts) if isinstance(event, Said) else None
    transition = aside or rule.handler(state, event, now, tenant)
    if not isinstance(event, Said):
        return transition
    if aside is None and event.facts.advice is not None:
        transition = talk.refuse_advice(transition, event.facts.advice)
    if Wish.NO_RECORDING in event.facts.wishes:
        transition = talk.honour_objection(transition)
    return transition
