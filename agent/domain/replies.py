"""What storage replies, and what follows: the handlers of reads and effects."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.domain.events import (
    Booked,
    BookingLost,
    Held,
    HoldLost,
    LineKey,
    OpeningsFound,
    ReleaseHold,
    StoreFailed,
    line,
)
from agent.domain.facts import Expect
from agent.domain.openings import window_for
from agent.domain.state import CallState, EndReason, Stage, Transition
from agent.domain.steps import (
    ask,
    choose,
    next_step,
    offer,
    service_name,
)
from agent.domain.talk import end
from agent.domain.tenant import Tenant

#: The second store failure ends the call.
MAX_STORE_FAILURES = 2


def take_openings(state: CallState, event: OpeningsFound, now: datetime, tenant: Tenant) -> Transition:
    """SEARCHING: reserve exactly what was wished, else offer."""
    window = window_for(state.when, tenant) if state.when else None
    best = event.openings[0] if event.openings else None
    is_exact = best is not None and window is not None and window.is_exact and best.start_at == window.earliest_at
    # One loss may be made good in silence by another staff member; after two, the caller decides.
    if best is not None and is_exact and state.losses < 2:
        return choose(state, best, tenant)
    return offer(state, event.openings, tenant)


def take_hold(state: CallState, event: Held, now: datetime, tenant: Tenant) -> Transition:
    """HOLDING: the opening is ours; go on, unless the wish changed meanwhile."""
    held = replace(state, hold=event.hold, chosen=None, losses=0)
    if held.is_hold_stale:
        return next_step(held, now, tenant)
    lead = (line(LineKey.HELD, start_at=event.hold.opening.start_at.isoformat()),)
    is_complete = held.name is not None and held.phone is not None
    return next_step(held, now, tenant, () if is_complete else lead)


def lose_opening(state: CallState, event: HoldLost | BookingLost, now: datetime, tenant: Tenant) -> Transition:
    """HOLDING or BOOKING: somebody else has it; look for the next best."""
    lost = replace(state, hold=None, chosen=None, is_hold_stale=False, failed_stage=None)
    return next_step(replace(lost, losses=state.losses + 1), now, tenant)


def take_booking(state: CallState, event: Booked, now: datetime, tenant: Tenant) -> Transition:
    """BOOKING: it is stored; say so."""
    done = replace(state, appointments=(*state.appointments, event.appointment), hold=None, failed_stage=None, losses=0)
    start_at = event.appointment.opening.start_at.isoformat()
    lead = (line(LineKey.BOOKED, service=service_name(state, tenant), start_at=start_at),)
    return ask(done, Stage.BOOKED, Expect.YES_NO, line(LineKey.ASK_ANYTHING_ELSE), lead=lead)


def take_late_booking(state: CallState, event: Booked, now: datetime, tenant: Tenant) -> Transition:
    """ENDED: the caller left while it was being stored; the record must still say so."""
    return Transition(replace(state, appointments=(*state.appointments, event.appointment), hold=None))


def drop_late_hold(state: CallState, event: Held, now: datetime, tenant: Tenant) -> Transition:
    """ENDED: nobody is left to use this reservation."""
    return Transition(state, effects=(ReleaseHold(event.hold.id),))


def admit_trouble(state: CallState, event: StoreFailed, now: datetime, tenant: Tenant) -> Transition:
    """A pending stage failed: offer one more try, then end."""
    failures = state.store_failures + 1
    failed = replace(state, failed_stage=state.stage, store_failures=failures, chosen=None)
    if failures >= MAX_STORE_FAILURES:
        return end(replace(failed, wants_callback=True), EndReason.STORE_FAILED, LineKey.GIVE_UP_STORE)
    return ask(failed, Stage.TROUBLE, Expect.YES_NO, line(LineKey.STORE_TROUBLE))
