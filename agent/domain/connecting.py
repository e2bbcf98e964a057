"""Connecting a caller to a person: whether one may be had now, and what the person is told first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.domain.facts import Facts, Wish
from agent.domain.lines import Line, LineKey, line
from agent.domain.state import CallState, Stage, Transition
from agent.domain.steps import appointment_args
from agent.domain.tenant import Tenant
from agent.domain.transfers import Transfer, TransferKind

#: A person who did not come twice will not come at the third request either.
MAX_TRANSFERS = 2


def has_human(state: CallState, now: datetime, tenant: Tenant) -> bool:
    """Whether somebody may be dialled for this caller now."""
    rule = tenant.transfer
    if rule is None or state.transfers >= MAX_TRANSFERS:
        return False
    local = now.astimezone(tenant.zone)
    return rule.is_always or any(
        hours.opens <= local.time() < hours.closes for hours in tenant.hours_on(local.date())
    )  # fmt: skip


def asks_for_human(facts: Facts) -> bool:
    """Whether these words ask for a person before all else.

    With a time, a name or a number they are about the booking, with something to be passed on they are a message; a
    service is what the person is wanted for.
    """
    is_wish = Wish.HUMAN in facts.wishes and not facts.wishes & {Wish.GOODBYE, Wish.MESSAGE}
    is_note = facts.message is not None or facts.is_private
    return is_wish and not is_note and not replace(facts, service_id=None).has_details


def connect(state: CallState, facts: Facts, tenant: Tenant) -> Transition:
    """Put the caller through; where they are is kept for when nobody takes the call."""
    assert tenant.transfer is not None
    rule, number = tenant.transfer, state.transfers + 1
    begun = replace(state, stage=Stage.TRANSFERRING, resumes=state.stage, transfers=number, is_checking=False)
    is_briefed = rule.kind is TransferKind.WARM and rule.has_briefing
    briefing = _briefing(state, facts, tenant) if is_briefed else ()
    effect = Transfer(f"transfer-{number}", rule.kind, rule.to, rule.ring_timeout_s, briefing)
    return Transition(begun, (line(LineKey.TRANSFER_STARTS),), effects=(effect,))


def _briefing(state: CallState, facts: Facts, tenant: Tenant) -> tuple[Line, ...]:
    """Who is on the line and from where, then the one thing that matters most: what was booked, else wished."""
    phone = state.phone or state.caller_number
    who = {"name": state.name} if state.name else {}
    keys = {
        (True, True): LineKey.BRIEFING_NAME_AND_NUMBER,
        (True, False): LineKey.BRIEFING_NAME,
        (False, True): LineKey.BRIEFING_NUMBER,
        (False, False): LineKey.BRIEFING_NOBODY,
    }
    first = line(keys[bool(who), phone is not None], **who, **({"phone": phone} if phone else {}))
    return (first, *_matter(state, facts, tenant))


def _matter(state: CallState, facts: Facts, tenant: Tenant) -> tuple[Line, ...]:
    if state.appointments:
        return (line(LineKey.BRIEFING_BOOKED, **appointment_args(state.appointments[-1], tenant)),)
    wished = facts.service_id or state.service_id
    if wished is None or not tenant.has_service(wished) or tenant.is_private:
        return ()
    return (line(LineKey.BRIEFING_WISHED, service=tenant.service(wished).name),)
