"""Asking for a person: when a caller is put through, and what follows when nobody takes the call.

A failed transfer loses nothing: the stage it left is kept, and its question is asked again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.domain.events import Said, Silent, StoreFailed
from agent.domain.facts import Facts, Wish
from agent.domain.lines import Line, LineKey, line
from agent.domain.requests import ReleaseHold
from agent.domain.state import COMMITTING_STAGES, PENDING_STAGES, CallState, EndReason, Stage, Transition
from agent.domain.steps import appointment_args
from agent.domain.talk import end, say
from agent.domain.tenant import Tenant
from agent.domain.transfers import Transfer, TransferDone, TransferFailed, TransferKind, TransferRefusal

#: A person who did not come twice will not come at the third request either.
MAX_TRANSFERS = 2

FAILURE_LINES: dict[TransferRefusal, LineKey] = {
    TransferRefusal.BUSY: LineKey.TRANSFER_BUSY,
    TransferRefusal.NO_ANSWER: LineKey.TRANSFER_NO_ANSWER,
    TransferRefusal.REFUSED: LineKey.TRANSFER_REFUSED,
    TransferRefusal.UNAVAILABLE: LineKey.TRANSFER_REFUSED,
}


def divert(state: CallState, facts: Facts, now: datetime, tenant: Tenant) -> Transition | None:
    """Put the caller through, if these words ask for a person and one may be had now."""
    if state.stage in PENDING_STAGES | {Stage.RINGING, Stage.ENDED} or not _asks_for_person(facts):
        return None
    rule = tenant.transfer
    if rule is None or state.transfers >= MAX_TRANSFERS or not _is_reachable(tenant, now):
        return None
    number = state.transfers + 1
    begun = replace(state, stage=Stage.TRANSFERRING, resumes=state.stage, transfers=number, is_checking=False)
    is_briefed = rule.kind is TransferKind.WARM and rule.has_briefing
    briefing = _briefing(state, facts, tenant) if is_briefed else ()
    effect = Transfer(f"transfer-{number}", rule.kind, rule.to, rule.ring_timeout_s, briefing)
    return Transition(begun, (line(LineKey.TRANSFER_STARTS),), effects=(effect,))


def _asks_for_person(facts: Facts) -> bool:
    """With a time, a name or a number the words are about the booking; a service is what the person is wanted for."""
    is_wish = Wish.HUMAN in facts.wishes and Wish.GOODBYE not in facts.wishes
    return is_wish and not facts.is_private and not replace(facts, service_id=None).has_details


def _is_reachable(tenant: Tenant, now: datetime) -> bool:
    if tenant.transfer is None or tenant.transfer.is_always:
        return tenant.transfer is not None
    local = now.astimezone(tenant.zone)
    return any(hours.opens <= local.time() < hours.closes for hours in tenant.hours_on(local.date()))


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
    if wished is None or not tenant.has_service(wished):
        return ()
    return (line(LineKey.BRIEFING_WISHED, service=tenant.service(wished).name),)


def hear_meanwhile(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """TRANSFERRING: a goodbye ends the call; to anything else, patience is asked for."""
    if Wish.GOODBYE in event.facts.wishes and not event.facts.has_details:
        return end(state, EndReason.GOODBYE, LineKey.FAREWELL)
    return _ask_patience(state, tenant)


def wait(state: CallState, event: Silent, now: datetime, tenant: Tenant) -> Transition:
    """TRANSFERRING: say that it still rings; a cold transfer lets the caller hear it ring."""
    return _ask_patience(state, tenant)


def _ask_patience(state: CallState, tenant: Tenant) -> Transition:
    is_warm = tenant.transfer is not None and tenant.transfer.kind is TransferKind.WARM
    return Transition(state, (line(LineKey.TRANSFER_WAIT),) if is_warm else ())


def hand_over(state: CallState, event: TransferDone, now: datetime, tenant: Tenant) -> Transition:
    """TRANSFERRING: somebody else has the caller; give back what is reserved and leave without a word."""
    is_unsure = state.failed_stage in COMMITTING_STAGES  # the hold may be an appointment by now
    release = (ReleaseHold(state.hold.id),) if state.hold and not is_unsure else ()
    gone = replace(state, stage=Stage.ENDED, end_reason=EndReason.TRANSFERRED, resumes=None, question=(), hold=None)
    return Transition(gone, effects=release)


def come_back(state: CallState, event: TransferFailed, now: datetime, tenant: Tenant) -> Transition:
    """TRANSFERRING: nobody took the call; say so and go on where the caller was."""
    back = replace(state, stage=state.resumes or Stage.SERVICE, resumes=None)
    return after_failure(back, line(FAILURE_LINES[event.reason]), now, tenant)


def come_back_unsure(state: CallState, event: StoreFailed, now: datetime, tenant: Tenant) -> Transition:
    """TRANSFERRING: the agent that was putting the caller through is lost; the caller is still here."""
    return come_back(state, TransferFailed(TransferRefusal.UNAVAILABLE), now, tenant)


def after_failure(state: CallState, sorry: Line, now: datetime, tenant: Tenant) -> Transition:
    """What a caller is offered whom nobody could take: here the goal they were at goes on."""
    return say(state, (sorry, *state.question))
