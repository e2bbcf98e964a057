"""On to the waiting list: the offer, what it needs to know, and the read-back before it is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.domain.facts import Expect
from agent.domain.intent import waiting_key
from agent.domain.lines import Line, LineKey, line
from agent.domain.openings import window_for
from agent.domain.requests import JoinWaitlist
from agent.domain.state import CallState, Stage, Transition
from agent.domain.steps import ask, phone_question, service_name
from agent.domain.tenant import Tenant
from agent.domain.waitlist import WaitWish, can_come_free


def offer_list(state: CallState, lead: tuple[Line, ...] = ()) -> Transition:
    """Nothing that suits: offer the waiting list."""
    return ask(state, Stage.OFFERING_LIST, Expect.YES_NO, line(LineKey.OFFER_LIST), lead=lead)


def may_wait(state: CallState, now: datetime, tenant: Tenant) -> bool:
    """Whether it is known what the caller would wait for, and waiting can help: nothing opens up on a closed day."""
    wish = _wish(state, tenant)
    return wish is not None and state.moving is None and can_come_free(wish, now=now, tenant=tenant)


def _wish(state: CallState, tenant: Tenant) -> WaitWish | None:
    window = window_for(state.when, tenant) if state.when is not None else None
    if window is None or state.service_id is None or not tenant.has_service(state.service_id):
        return None
    return WaitWish(state.service_id, window, state.staff)


def gather(state: CallState, tenant: Tenant, lead: tuple[Line, ...] = ()) -> Transition:
    """Ask for the first thing the list still needs, or read everything back."""
    if state.name is None:
        return ask(state, Stage.NAME, Expect.NAME, line(LineKey.ASK_NAME), lead=lead)
    if state.phone is None:
        return ask(state, Stage.PHONE, Expect.PHONE, phone_question(state), lead=lead)
    return read_back_list(state, tenant, lead)


def read_back_list(state: CallState, tenant: Tenant, lead: tuple[Line, ...] = ()) -> Transition:
    """Say what is about to be put on the list, and ask whether it is right."""
    assert state.when is not None
    args = {"name": state.name or "", "phone": state.phone or "", "service": service_name(state, tenant)}
    first, last = state.when.first_on, state.when.last_on
    assert first is not None
    assert last is not None
    days = {"list_on": first.isoformat()} | ({"list_until_on": last.isoformat()} if last != first else {})
    question = line(LineKey.READ_BACK_LIST, **args, **days)
    return ask(replace(state, is_readback_heard=True), Stage.CONFIRMING_LIST, Expect.YES_NO, question, lead=lead)


def join(state: CallState, tenant: Tenant) -> Transition:
    """Put on the list what was read back and agreed to."""
    wish = _wish(state, tenant)
    assert wish is not None
    name, phone = state.name or "", state.phone or ""
    key = waiting_key(tenant.id, state.caller_number or phone, wish.service_id, wish.window)
    listing = replace(state, stage=Stage.LISTING, is_checking=False)
    return Transition(listing, effects=(JoinWaitlist(key, wish, name, phone),))
