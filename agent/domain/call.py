"""The call: `advance`, the only way its state changes, and the table it looks up.

Law 1: every transition is a row of TABLE; what a row does is a handler in `agent.domain.booking`.
Law 2: nothing here waits, looks anything up or speaks; a transition names reads, effects and lines.
Law 3: an event without a row for the current stage changes nothing and says nothing.

Life of a booking: SERVICE, TIME, SEARCHING (a read is out), CHOOSING or HOLDING (an effect is out),
NAME, PHONE, CONFIRMING, BOOKING (an effect is out), BOOKED, ENDED. Facts may arrive in any order and
at any stage; each step skips what is already known, and a correction goes back as far as it must.
TROUBLE is where a store failure waits for "shall I try again?".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent.domain import booking, replies, talk
from agent.domain.events import (
    Answered,
    Booked,
    BookingLost,
    CallerHungUp,
    Event,
    Held,
    HoldLost,
    OpeningsFound,
    PromptCut,
    Said,
    Silent,
    StoreFailed,
)  # fmt: skip
from agent.domain.facts import Wish
from agent.domain.state import PENDING_STAGES, CallState, EndReason, Stage, Transition, new_call
from agent.domain.tenant import Tenant

__all__ = [
    "PENDING_STAGES", "TABLE", "CallState", "EndReason", "Rule", "Stage", "Transition", "advance", "new_call",
]  # fmt: skip

#: Takes (state, event, now, tenant); its event is of the kind of its row.
Handler = Callable[[CallState, Any, datetime, Tenant], Transition]

#: Where a step of the booking may go next, whatever was just learnt.
ONWARD = frozenset({Stage.SERVICE, Stage.TIME, Stage.SEARCHING, Stage.NAME, Stage.PHONE, Stage.CONFIRMING})


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table.

    Attributes:
        to: every stage the handler may lead to; tests hold it to that, and the picture is drawn from it.
    """

    handler: Handler
    to: frozenset[Stage]


def _rule(handler: Handler, *to: Stage, onward: bool = False) -> Rule:
    return Rule(handler, frozenset(to) | (ONWARD if onward else frozenset()))


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
    (S.SERVICE, Said): _rule(booking.hear, S.ENDED, onward=True),
    (S.TIME, Said): _rule(booking.hear, S.ENDED, onward=True),
    (S.CHOOSING, Said): _rule(booking.hear_choice, S.CHOOSING, S.HOLDING, S.ENDED, onward=True),
    (S.NAME, Said): _rule(booking.hear, S.ENDED, onward=True),
    (S.PHONE, Said): _rule(booking.hear, S.ENDED, onward=True),
    (S.CONFIRMING, Said): _rule(booking.hear_confirmation, S.BOOKING, S.ENDED, onward=True),
    (S.CONFIRMING, PromptCut): _rule(talk.note_cut, S.CONFIRMING),
    (S.SEARCHING, Said): _rule(booking.hear_while_searching, S.ENDED, onward=True),
    (S.SEARCHING, OpeningsFound): _rule(replies.take_openings, S.HOLDING, S.CHOOSING, S.TIME),
    (S.HOLDING, Said): _rule(booking.hear_while_holding, S.HOLDING, S.ENDED),
    (S.HOLDING, Held): _rule(replies.take_hold, onward=True),
    (S.HOLDING, HoldLost): _rule(replies.lose_opening, onward=True),
    (S.BOOKING, Booked): _rule(replies.take_booking, S.BOOKED),
    (S.BOOKING, BookingLost): _rule(replies.lose_opening, onward=True),
    (S.BOOKED, PromptCut): _rule(talk.note_outcome_cut, S.BOOKED),
    (S.BOOKED, Said): _rule(booking.hear_after_booking, S.BOOKED, S.ENDED, onward=True),
    (S.TROUBLE, Said): _rule(booking.hear_in_trouble, S.TROUBLE, S.BOOKING, S.ENDED, onward=True),
    (S.ENDED, Held): _rule(replies.drop_late_hold, S.ENDED),
    (S.ENDED, Booked): _rule(replies.take_late_booking, S.ENDED),
}
for _stage in (S.SERVICE, S.TIME, S.CHOOSING, S.NAME, S.PHONE, S.CONFIRMING, S.BOOKED, S.TROUBLE):
    TABLE |= _while_asking(_stage)
for _stage in (S.SEARCHING, S.HOLDING, S.BOOKING):
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
