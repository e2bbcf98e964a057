"""What is offered when the call leads nowhere: a human, a message, a link to book by, another number.

Each is the fallback of the one before; the tenant's document says which there are. None is offered twice, so two
parties who do not understand each other part in a bounded number of turns.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.domain.connecting import asks_for_human, connect, has_human
from agent.domain.events import Said
from agent.domain.facts import Expect, Facts, Wish
from agent.domain.lines import Line, LineKey, line
from agent.domain.messages import begin
from agent.domain.notes import Reason, Text, TextKind, WayOut
from agent.domain.noting import back, last_words, owe_callback, place_of, send_text, write_down
from agent.domain.state import PENDING_STAGES, Aside, CallState, EndReason, Place, Stage, Transition
from agent.domain.steps import ask
from agent.domain.talk import MAX_MISSES, converse, end, farewell, not_understood, say
from agent.domain.tenant import Tenant

#: Stages at which the wish to leave a message, or for a human, is taken up.
DIVERTIBLE = frozenset(
    {
        Stage.SERVICE, Stage.TIME, Stage.CHOOSING, Stage.NAME, Stage.PHONE, Stage.CONFIRMING, Stage.IDENTIFYING,
        Stage.WHICH, Stage.CONFIRMING_MOVE, Stage.CONFIRMING_CANCEL, Stage.OFFERING_LIST, Stage.CONFIRMING_LIST,
        Stage.OFFERING_TEXT, Stage.DONE, Stage.TROUBLE, Stage.QUALIFYING, Stage.CALLED_BACK,
    }
)  # fmt: skip
#: Wishes that are what the call is about.
_GOALS = frozenset({Wish.BOOK, Wish.MOVE, Wish.CANCEL})
_OFFERS = {
    WayOut.HUMAN: LineKey.OFFER_HUMAN, WayOut.MESSAGE: LineKey.OFFER_MESSAGE, WayOut.SMS_LINK: LineKey.OFFER_LINK,
}  # fmt: skip


def ways_out(state: CallState, now: datetime, tenant: Tenant) -> tuple[WayOut, ...]:
    """What can still be offered, in order."""
    has_link = tenant.texts.is_enabled and tenant.texts.booking_link and (state.phone or state.caller_number)
    there_is = {
        WayOut.HUMAN: has_human(state, now, tenant),
        WayOut.MESSAGE: tenant.messages.is_taken,
        WayOut.SMS_LINK: bool(has_link),
    }
    return tuple(way for way in WayOut if there_is[way] and way not in state.ways_refused)


def divert(state: CallState, facts: Facts, now: datetime, tenant: Tenant) -> Transition | None:
    """The wish for a human or to leave a message, said anywhere; None when there is no such wish to follow."""
    is_waiting = state.stage in PENDING_STAGES | {Stage.RINGING, Stage.ENDED}
    if not is_waiting and asks_for_human(facts) and has_human(state, now, tenant):
        return connect(state, facts, tenant)
    if state.stage not in DIVERTIBLE or _is_unstored(state):
        return None
    if Wish.MESSAGE in facts.wishes:
        if tenant.messages.is_taken:
            return begin(state, facts, tenant, place_of(state))
        no_messages = (line(LineKey.NO_MESSAGES),)
        return offer(state, place_of(state), now, tenant, no_messages) or say(state, (*no_messages, *state.question))
    if Wish.HUMAN in facts.wishes and not facts.has_details and not has_human(state, now, tenant):
        return offer(state, place_of(state), now, tenant, (line(LineKey.NO_HUMAN),))
    return None


def after_nobody(state: CallState, now: datetime, tenant: Tenant, sorry: tuple[Line, ...]) -> Transition:
    """Nobody took the call: offer what is left, or ask what was open. A message being taken goes on."""
    tried = replace(state, ways_refused=tuple(dict.fromkeys((*state.ways_refused, WayOut.HUMAN))))
    if state.stage is Stage.WAY_OUT:
        place, _ = _offered(state)
        return offer(tried, place, now, tenant, sorry) or back(tried, place, sorry)
    is_open = state.stage in DIVERTIBLE and not _is_unstored(state)
    offered = offer(tried, place_of(state), now, tenant, sorry) if is_open else None
    return offered or say(tried, (*sorry, *state.question))


def _is_unstored(state: CallState) -> bool:
    """Whether "shall I try again?" is about a message or text, which an offer would take the place of."""
    return state.failed_stage is Stage.NOTING


def lead_out(state: CallState, now: datetime, tenant: Tenant) -> Transition:
    """The caller was not understood too often at one place: offer a way out instead of another try."""
    if state.stage is Stage.OFFERING_TEXT:
        return end(state, EndReason.NOT_UNDERSTOOD, farewell(state))
    draft = state.aside.message if state.aside else None
    if draft is not None and draft.text:
        return write_down(state, draft, LineKey.GIVE_UP_NOT_UNDERSTOOD, tenant, EndReason.NOT_UNDERSTOOD)
    if draft is not None or state.stage is Stage.WAY_OUT or _is_unstored(state):
        return _give_up(state, tenant)
    lead = (line(LineKey.LOST),)
    return offer(state, place_of(state), now, tenant, lead) or _part(state, tenant, EndReason.NOT_UNDERSTOOD)


def is_lost(state: CallState) -> bool:
    """Whether the last words were one misunderstanding too many."""
    return state.misses >= MAX_MISSES and state.stage not in PENDING_STAGES | {Stage.ENDED}


def offer(
    state: CallState, place: Place, now: datetime, tenant: Tenant, lead: tuple[Line, ...] = ()
) -> Transition | None:
    """Offer the next way out; None when there is none left.

    Args:
        place: where the call goes on when it is refused.
    """
    ways = ways_out(state, now, tenant)
    if not ways:
        return None
    offered = replace(state, aside=Aside(place=place, way_out=ways[0]))
    return ask(offered, Stage.WAY_OUT, Expect.YES_NO, line(_OFFERS[ways[0]]), lead=lead)


def hear_way_out(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition | None:
    """What the caller makes of an offer; None when the words are about what they called for."""
    facts = event.facts
    place, way = _offered(state)
    if Wish.MESSAGE in facts.wishes and tenant.messages.is_taken:
        return begin(state, facts, tenant, None)
    if facts.answer is None and (facts.has_details or facts.wishes & _GOALS or facts.booked_when is not None):
        return None
    if _goes_on(state, facts, way):
        return None
    talk = converse(state, facts)
    if talk is not None:
        return talk
    if facts.answer is True and not state.is_outcome_heard:  # what was not heard is not agreed to
        return say(replace(state, is_outcome_heard=True), state.last_lines)
    if facts.answer is True and (way is not WayOut.HUMAN or has_human(state, now, tenant)):
        return _take(state, way, facts, tenant)
    if facts.answer is not None:  # a person may have become out of reach since
        refused = _refused(state)
        return offer(refused, place, now, tenant) or back(refused, place)
    # whoever asked for a human was understood until now; whoever was lost before has had every chance
    is_first = state.misses == 0 and place.misses < MAX_MISSES - 1
    return not_understood(state, line(LineKey.SORRY), tenant) if is_first else _give_up(state, tenant)


def _goes_on(state: CallState, facts: Facts, way: WayOut) -> bool:
    """Whether a yes or no beside these words is none to the offer: "yes, Thursday at three", "no, I want a cleaning".

    Whoever heard that somebody can be reached, and says yes, may tell at once what for.
    """
    wished = (facts.service_id, facts.when, facts.booked_when, facts.staff, facts.conflict, facts.choice)
    is_for_human = way is WayOut.HUMAN and facts.answer is True and state.is_outcome_heard
    return not is_for_human and any(each is not None for each in wished)


def put_back(state: CallState) -> CallState:
    """The state as it was before the offer, which is not made again."""
    place, _ = _offered(state)
    return replace(
        _refused(state),
        stage=place.stage, expects=place.expects, question=place.question, misses=place.misses, aside=None,
    )  # fmt: skip


def _take(state: CallState, way: WayOut, facts: Facts, tenant: Tenant) -> Transition:
    if way is WayOut.HUMAN:
        return connect(state, facts, tenant)
    if way is WayOut.MESSAGE:
        return begin(state, facts, tenant, None)
    phone = state.phone or state.caller_number or ""
    text = Text(TextKind.LINK, phone, LineKey.OFFER_LINK.value, facts.text)
    return send_text(replace(state, aside=None), text, LineKey.LINK_COMING, tenant)


def _refused(state: CallState) -> CallState:
    _, way = _offered(state)
    return replace(state, ways_refused=(*state.ways_refused, way))


def _offered(state: CallState) -> tuple[Place, WayOut]:
    assert state.aside is not None
    assert state.aside.place is not None
    assert state.aside.way_out is not None
    return state.aside.place, state.aside.way_out


def _give_up(state: CallState, tenant: Tenant) -> Transition:
    """Not even the offer was understood: a call back where that can be, else a number to call."""
    if not tenant.messages.is_taken or WayOut.MESSAGE in state.ways_refused:
        return _part(state, tenant, EndReason.NOT_UNDERSTOOD)
    said = LineKey.GIVE_UP_NOT_UNDERSTOOD
    return owe_callback(state, Reason.NOT_UNDERSTOOD, said, tenant, EndReason.NOT_UNDERSTOOD)


def _part(state: CallState, tenant: Tenant, reason: EndReason) -> Transition:
    return end(state, reason, last_words(tenant))


def give_up_storing(state: CallState, tenant: Tenant) -> Transition:
    """Storage fails again and again: at least that somebody has to call back, if that can be stored."""
    if state.failed_stage is Stage.NOTING:
        return _part(state, tenant, EndReason.STORE_FAILED)
    return owe_callback(state, Reason.STORE_FAILED, LineKey.GIVE_UP_STORE, tenant, EndReason.STORE_FAILED)
