"""The waiting list, heard: yes or no to the offer and to the read-back, and what storage answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.domain import booking
from agent.domain.events import Listed, Said
from agent.domain.facts import Expect, Wish
from agent.domain.intent import Operation
from agent.domain.lines import LineKey, line
from agent.domain.requests import ReleaseHold
from agent.domain.state import CallState, Stage, Transition
from agent.domain.steps import ask, put_away, service_name
from agent.domain.tenant import Tenant
from agent.domain.waiting import gather, join, read_back_list


def hear_offer(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """OFFERING_LIST: yes puts the caller on the list, no asks for another time, another time is looked for."""
    facts = event.facts
    if not facts.has_details and not state.is_checking:
        if facts.answer is True or (Wish.WAIT in facts.wishes and facts.answer is not False):
            return gather(replace(state, is_waiting=True), tenant)
        if facts.answer is False and Wish.GOODBYE not in facts.wishes:
            asked = replace(state, when=None)
            return ask(asked, Stage.TIME, Expect.WHEN, line(LineKey.ASK_OTHER_TIME))
    return booking.hear(state, event, now, tenant)


def hear_list_confirmation(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """CONFIRMING_LIST: yes puts on the list what the caller has heard; a change is read back again."""
    facts = event.facts
    if not facts.has_details and not state.is_checking and Wish.GOODBYE not in facts.wishes:
        if facts.answer is True:
            return join(state, tenant) if state.is_readback_heard else read_back_list(state, tenant)
        if facts.answer is False and state.expects is Expect.YES_NO:
            unsure = replace(state, is_readback_heard=False)
            return ask(unsure, Stage.CONFIRMING_LIST, Expect.ANY, line(LineKey.ASK_WHAT_TO_CHANGE))
    return booking.hear(state, event, now, tenant)


def take_place(state: CallState, event: Listed, now: datetime, tenant: Tenant) -> Transition:
    """LISTING: it is stored; say so. What was held meanwhile is given back."""
    release = (ReleaseHold(state.hold.id),) if state.hold else ()
    lead = (line(LineKey.LISTED, service=service_name(state, tenant)),)
    done = put_away(replace(state, done=(*state.done, Operation.WAIT), failed_stage=None))
    asked = ask(done, Stage.DONE, Expect.YES_NO, line(LineKey.ASK_ANYTHING_ELSE), lead=lead)
    return replace(asked, effects=release)


def take_late_place(state: CallState, event: Listed, now: datetime, tenant: Tenant) -> Transition:
    """ENDED: the caller left while it was being stored; the record must still say so."""
    return Transition(replace(state, done=(*state.done, Operation.WAIT)))
