"""The call: `advance`, the only way its state changes, and the table it looks up.

Law 1: every transition is a row of TABLE; what a row does is a handler of another module of the rules.
Law 2: nothing here waits, looks anything up or speaks; a transition names reads, effects and lines.
Law 3: an event without a row for the current stage changes nothing and says nothing.
Law 4: keys pressed are an answer like words: the row of Pressed follows from that of Said (`key_rules`), and
`key_menus` adds to what a transition says which keys answer its question.

Life of a booking: SERVICE, TIME, SEARCHING (a read is out), CHOOSING or HOLDING (an effect is out),
NAME, PHONE, CONFIRMING, BOOKING (an effect is out), DONE, ENDED. Facts may arrive in any order and
at any stage; each step skips what is already known, and a correction goes back as far as it must.

Life of a change: FINDING (a read is out), or IDENTIFYING and WHICH until it is known which appointment is meant;
then CONFIRMING_CANCEL and CANCELLING (an effect is out), or the stages of a booking from TIME to HOLDING, then
CONFIRMING_MOVE and MOVING (an effect is out); and DONE.

Nothing that suits: OFFERING_LIST, NAME and PHONE as far as they are unknown, CONFIRMING_LIST, LISTING (an effect is
out), DONE.

Beside it: MESSAGE, MESSAGE_URGENCY, MESSAGE_CONTACT and CONFIRMING_MESSAGE take a message; WAY_OUT offers one to
whom we do not understand or cannot connect; OFFERING_TEXT asks whether a booking may be confirmed by text. NOTING (an
effect is out) stores what came of it, and the call goes on where it was.
QUALIFYING is where a caller who might buy is asked what tells how likely; only some businesses do that.

An emergency heard while the caller still speaks (EmergencyHeard) is answered at once and leads nowhere.

From every stage with a question open a wish for a person leads to TRANSFERRING (the person is rung), and when nobody
takes the call back there, or to WAY_OUT.

CALLED_BACK is where a caller whose last call was cut off is asked whether to go on with what was left.
TROUBLE is where a store failure waits for "shall I try again?".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from agent.domain import (
    agreeing,
    booking,
    called_back,
    digressions,
    doubt,
    finding,
    key_rules,
    leads,
    listing,
    messages,
    noting,
    replies,
    talk,
    texts,
    transferring,
    unheard_news,
    warning,
    ways_out,
)
from agent.domain.events import (
    Answered,
    AppointmentGone,
    AppointmentsFound,
    Booked,
    BookingLost,
    CalledBack,
    CallerHungUp,
    Cancelled,
    EmergencyHeard,
    Event,
    Held,
    HoldLost,
    Listed,
    Moved,
    OpeningsFound,
    Pressed,
    PromptCut,
    Said,
    Silent,
    StoreFailed,
    Taken,
    Unheard,
)
from agent.domain.facts import Wish
from agent.domain.key_menus import with_menu
from agent.domain.state import COMMITTING_STAGES, PENDING_STAGES, CallState, EndReason, Stage, Transition, new_call
from agent.domain.tenant import Tenant
from agent.domain.transfers import TransferDone, TransferFailed

__all__ = [
    "PENDING_STAGES", "TABLE", "CallState", "EndReason", "Rule", "Stage", "Transition", "advance", "new_call",
]  # fmt: skip

#: Takes (state, event, now, tenant); its event is of the kind of its row.
Handler = Callable[[CallState, Any, datetime, Tenant], Transition]

#: Where a step of a booking may go next, whatever was just learnt.
ONWARD = frozenset(
    {
        Stage.SERVICE, Stage.TIME, Stage.SEARCHING, Stage.NAME, Stage.PHONE, Stage.CONFIRMING, Stage.CONFIRMING_LIST,
    }
)  # fmt: skip
#: Where a choice among offers leads beside that.
CHOICE = frozenset(
    {
        Stage.CHOOSING, Stage.HOLDING, Stage.CONFIRMING_CANCEL, Stage.CONFIRMING_MOVE, Stage.OFFERING_LIST, Stage.DONE,
        Stage.ENDED,
    }
)  # fmt: skip
#: Where the wish to change an existing appointment may lead.
CHANGE = frozenset(
    {Stage.FINDING, Stage.IDENTIFYING, Stage.WHICH, Stage.TIME, Stage.SEARCHING, Stage.CONFIRMING_CANCEL, Stage.DONE}
)
#: Where any words of the caller's may lead while a question is open.
BESIDE = frozenset(
    {Stage.MESSAGE, Stage.MESSAGE_URGENCY, Stage.MESSAGE_CONTACT, Stage.CONFIRMING_MESSAGE, Stage.WAY_OUT, Stage.NOTING}
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
        (stage, Unheard): _rule(key_rules.offer_keys, stage, Stage.WAY_OUT, Stage.NOTING, Stage.ENDED),
        (stage, Silent): _rule(talk.break_silence, stage, Stage.ENDED),
        (stage, CallerHungUp): _rule(noting.leave, Stage.ENDED),
    }


def _while_pending(stage: Stage) -> dict[tuple[Stage, type], Rule]:
    """Rows of every stage in which a reply of storage is awaited."""
    return {
        (stage, StoreFailed): _rule(replies.admit_trouble, Stage.TROUBLE, Stage.NOTING, Stage.ENDED),
        (stage, Silent): _rule(talk.ask_patience, stage),
        (stage, CallerHungUp): _rule(noting.leave, Stage.ENDED),
    }


def _hear_way_out(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """WAY_OUT: take what is offered, refuse it, or go on with what the call was about."""
    step = ways_out.hear_way_out(state, event, now, tenant)
    if step is not None:
        return step
    before = ways_out.put_back(state)
    rest = Said(replace(event.facts, answer=None))  # what was asked before was not asked now
    return TABLE[before.stage, Said].handler(before, rest, now, tenant)


S = Stage
TABLE: dict[tuple[Stage, type], Rule] = {
    (S.RINGING, Answered): _rule(talk.greet, S.SERVICE),
    (S.RINGING, CalledBack): _rule(called_back.greet, S.CALLED_BACK, S.CONFIRMING_CANCEL, S.DONE, S.SERVICE),
    (S.RINGING, CallerHungUp): _rule(talk.close, S.ENDED),
    (S.CALLED_BACK, Said): _rule(called_back.hear, S.QUALIFYING, S.ENDED, more=ONWARD | CHANGE),
    (S.SERVICE, Said): _rule(booking.hear, S.QUALIFYING, S.ENDED, more=ONWARD | CHANGE),
    (S.TIME, Said): _rule(booking.hear, S.CONFIRMING_MOVE, S.ENDED, more=ONWARD | CHANGE),
    (S.CHOOSING, Said): _rule(booking.hear_choice, more=ONWARD | CHOICE | CHANGE),
    (S.NAME, Said): _rule(booking.hear, S.DONE, S.ENDED, more=ONWARD | CHANGE),
    (S.PHONE, Said): _rule(booking.hear, S.DONE, S.ENDED, more=ONWARD | CHANGE),
    (S.CONFIRMING, Said): _rule(booking.hear_confirmation, S.BOOKING, S.DONE, S.ENDED, more=ONWARD | CHANGE),
    (S.CONFIRMING, PromptCut): _rule(talk.note_cut, S.CONFIRMING),
    (S.SEARCHING, Said): _rule(booking.hear_while_searching, S.ENDED, more=ONWARD),
    (S.SEARCHING, OpeningsFound): _rule(replies.take_openings, S.HOLDING, S.CHOOSING, S.OFFERING_LIST, S.TIME),
    (S.HOLDING, Said): _rule(booking.hear_while_holding, S.HOLDING, S.ENDED),
    (S.HOLDING, Held): _rule(replies.take_hold, S.CONFIRMING_MOVE, more=ONWARD),
    (S.HOLDING, HoldLost): _rule(replies.lose_opening, more=ONWARD),
    (S.BOOKING, Booked): _rule(replies.take_booking, S.DONE, S.OFFERING_TEXT, S.NOTING),
    (S.BOOKING, BookingLost): _rule(replies.lose_opening, more=ONWARD),
    (S.FINDING, AppointmentsFound): _rule(finding.take_appointments, S.NOTING, more=CHANGE),
    (S.IDENTIFYING, Said): _rule(finding.hear_identity, S.FINDING, S.IDENTIFYING, S.DONE, S.ENDED, more=ONWARD),
    (S.WHICH, Said): _rule(finding.hear_which, S.ENDED, more=ONWARD | CHANGE),
    (S.CONFIRMING_CANCEL, Said): _rule(
        agreeing.hear_cancel,
        S.CANCELLING,
        S.CONFIRMING_CANCEL,
        S.TIME,
        S.SEARCHING,
        S.FINDING,
        S.IDENTIFYING,
        S.DONE,
        S.ENDED,
    ),
    (S.CONFIRMING_CANCEL, PromptCut): _rule(talk.note_cut, S.CONFIRMING_CANCEL),
    (S.CONFIRMING_MOVE, Said): _rule(
        agreeing.hear_move,
        S.MOVING,
        S.CONFIRMING_MOVE,
        S.CONFIRMING_CANCEL,
        S.SERVICE,
        S.TIME,
        S.SEARCHING,
        S.FINDING,
        S.IDENTIFYING,
        S.ENDED,
    ),
    (S.CONFIRMING_MOVE, PromptCut): _rule(talk.note_cut, S.CONFIRMING_MOVE),
    (S.MOVING, Moved): _rule(replies.take_move, S.DONE),
    (S.MOVING, BookingLost): _rule(replies.lose_opening, S.TIME, S.SEARCHING),
    (S.MOVING, AppointmentGone): _rule(replies.lose_appointment, S.DONE),
    (S.CANCELLING, Cancelled): _rule(replies.take_cancellation, S.DONE),
    (S.CANCELLING, AppointmentGone): _rule(replies.lose_appointment, S.DONE),
    (S.OFFERING_LIST, Said): _rule(listing.hear_offer, S.OFFERING_LIST, S.DONE, S.ENDED, more=ONWARD),
    (S.CONFIRMING_LIST, Said): _rule(listing.hear_list_confirmation, S.LISTING, S.DONE, S.ENDED, more=ONWARD),
    (S.CONFIRMING_LIST, PromptCut): _rule(talk.note_cut, S.CONFIRMING_LIST),
    (S.LISTING, Listed): _rule(listing.take_place, S.DONE),
    (S.DONE, PromptCut): _rule(talk.note_outcome_cut, S.DONE),
    (S.DONE, Said): _rule(booking.hear_when_done, S.DONE, S.QUALIFYING, S.ENDED, more=ONWARD | CHANGE),
    (S.QUALIFYING, Said): _rule(leads.hear, S.QUALIFYING, S.NOTING, S.ENDED, more=ONWARD),
    (S.WAY_OUT, PromptCut): _rule(talk.note_outcome_cut, S.WAY_OUT),
    (S.OFFERING_TEXT, PromptCut): _rule(talk.note_outcome_cut, S.OFFERING_TEXT),
    (S.OFFERING_TEXT, Said): _rule(texts.hear_offer, S.OFFERING_TEXT, S.DONE, S.ENDED, more=ONWARD | CHANGE),
    (S.MESSAGE, Said): _rule(messages.hear_message, S.ENDED, more=noting.RESUMED | ONWARD),
    (S.MESSAGE_URGENCY, Said): _rule(messages.hear_urgency, S.ENDED, more=noting.RESUMED | ONWARD),
    (S.MESSAGE_CONTACT, Said): _rule(messages.hear_contact, S.ENDED, more=noting.RESUMED | ONWARD),
    (S.CONFIRMING_MESSAGE, Said): _rule(messages.hear_confirmation, S.ENDED, more=noting.RESUMED | ONWARD),
    (S.CONFIRMING_MESSAGE, PromptCut): _rule(talk.note_cut, S.CONFIRMING_MESSAGE),
    (S.NOTING, Taken): _rule(noting.take_stored, S.ENDED, more=noting.RESUMED | ONWARD),
    (S.TROUBLE, Said): _rule(
        booking.hear_in_trouble, S.TROUBLE, S.FINDING, S.CONFIRMING_MOVE, S.ENDED, more=ONWARD | COMMITTING_STAGES
    ),
    (S.ENDED, Held): _rule(replies.drop_late_hold, S.ENDED),
    (S.ENDED, Booked): _rule(replies.take_late_booking, S.ENDED),
    (S.ENDED, Moved): _rule(replies.take_late_move, S.ENDED),
    (S.ENDED, Cancelled): _rule(replies.take_late_cancellation, S.ENDED),
    (S.ENDED, Listed): _rule(listing.take_late_place, S.ENDED),
    (S.ENDED, Taken): _rule(noting.take_late, S.ENDED),
}
for _stage in (
    S.SERVICE, S.TIME, S.CHOOSING, S.NAME, S.PHONE, S.CONFIRMING, S.IDENTIFYING, S.WHICH, S.CONFIRMING_MOVE,
    S.CONFIRMING_CANCEL, S.DONE, S.TROUBLE, S.OFFERING_TEXT, S.WAY_OUT, S.MESSAGE, S.MESSAGE_URGENCY,
    S.MESSAGE_CONTACT, S.CONFIRMING_MESSAGE, S.OFFERING_LIST, S.CONFIRMING_LIST, S.QUALIFYING,
    S.CALLED_BACK,
):  # fmt: skip
    TABLE |= _while_asking(_stage)
for _stage in (S.SEARCHING, S.HOLDING, S.BOOKING, S.FINDING, S.MOVING, S.CANCELLING, S.LISTING, S.NOTING):
    TABLE |= _while_pending(_stage)
for _stage in (S.MESSAGE, S.MESSAGE_URGENCY, S.MESSAGE_CONTACT, S.CONFIRMING_MESSAGE):
    TABLE[_stage, Silent] = _rule(messages.wait_for_words, _stage, S.NOTING, S.ENDED)
# Wherever a question is open, the caller may want to leave a message or a person, and may have to be led out.
_asked = [(stage, rule) for (stage, kind), rule in TABLE.items() if kind is Said and stage not in PENDING_STAGES]
for _stage, _row in _asked:
    TABLE[_stage, Said] = _rule(_row.handler, _stage, S.TRANSFERRING, S.ENDED, more=_row.to | BESIDE)
TABLE[S.WAY_OUT, Said] = _rule(
    _hear_way_out, S.TRANSFERRING, S.ENDED, more=BESIDE | ways_out.DIVERTIBLE.union(*(row.to for _, row in _asked))
)
for _stage in (*(stage for stage, _ in _asked), S.WAY_OUT):
    _row = TABLE[_stage, Said]
    TABLE[_stage, Pressed] = _rule(key_rules.pressing(_row.handler), more=_row.to)
_left = frozenset(stage for stage, _ in _asked) | {S.WAY_OUT}
TABLE |= {
    (S.TRANSFERRING, Said): _rule(transferring.hear_meanwhile, S.TRANSFERRING, S.ENDED),
    (S.TRANSFERRING, Silent): _rule(transferring.wait, S.TRANSFERRING),
    (S.TRANSFERRING, CallerHungUp): _rule(noting.leave, S.ENDED),
    (S.TRANSFERRING, TransferDone): _rule(transferring.hand_over, S.ENDED),
    (S.TRANSFERRING, TransferFailed): _rule(transferring.come_back, more=_left),
    (S.TRANSFERRING, StoreFailed): _rule(transferring.come_back_unsure, more=_left),
}
TABLE |= {(stage, EmergencyHeard): _rule(warning.warn, stage) for stage in Stage if stage not in (S.RINGING, S.ENDED)}


def advance(state: CallState, event: Event, now: datetime, tenant: Tenant) -> Transition:
    """What the rules make of an event.

    Args:
        now: aware; decides what is past and too far ahead.
    Returns: the same state and nothing else when the event has no meaning at this stage.
    """
    rule = TABLE.get((state.stage, type(event)))
    if rule is None:
        return Transition(state)
    before, state = state, warning.settle(state, event)
    if isinstance(event, Said):
        transition = _hear(rule.handler, state, event, now, tenant)
        if event.facts.emergency is None:  # before which nothing may be said
            transition = unheard_news.told_again(state, transition)
    else:
        transition = _led_out(event, rule.handler(state, event, now, tenant), now, tenant)
    return with_menu(event, leads.kept(before, transition, tenant), tenant)


def _hear(handler: Handler, state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """Words: what is followed at any stage first, then the digressions in them, then the stage's rule."""
    state, event = doubt.settle(state, event)
    state, event, was_all = warning.take_up(state, event)
    facts = event.facts
    aside = was_all or doubt.ask_first(state, facts, tenant) or talk.interject(state, facts)
    transition = aside or digressions.hear(_diverted(handler), state, event, now, tenant)
    transition = _led_out(event, transition, now, tenant)
    is_followed = aside is not None or ways_out.divert(state, facts, now, tenant) is not None
    if facts.advice is not None and not is_followed:
        transition = talk.refuse_advice(transition, facts.advice)
    if Wish.NO_RECORDING in facts.wishes:
        transition = talk.honour_objection(transition)
    return transition


def _diverted(handler: Handler) -> Handler:
    """A stage's rule, before which the wish for a message or a human is followed."""

    def rule(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
        return ways_out.divert(state, event.facts, now, tenant) or handler(state, event, now, tenant)

    return rule


def _led_out(event: Event, transition: Transition, now: datetime, tenant: Tenant) -> Transition:
    """After words or keys in vain once too often, what leads out of the call follows what was said to them."""
    if not isinstance(event, Said | Pressed | Unheard) or not ways_out.is_lost(transition.state):
        return transition
    out = ways_out.lead_out(transition.state, now, tenant)
    return replace(out, say=(*transition.say, *out.say))
