"""What storage replies, and what follows: the handlers of reads and effects."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.domain.appointments import Appointment
from agent.domain.events import (
    AppointmentGone,
    Booked,
    BookingLost,
    Cancelled,
    Held,
    HoldLost,
    Moved,
    OpeningsFound,
    StoreFailed,
)
from agent.domain.facts import Expect
from agent.domain.intent import Operation
from agent.domain.left import News
from agent.domain.lines import LineKey, line
from agent.domain.notes import Reason
from agent.domain.noting import owe_callback
from agent.domain.offering import offer
from agent.domain.preference import with_staff
from agent.domain.ranking import OfferReason
from agent.domain.requests import ReleaseHold
from agent.domain.state import CallState, Lookup, Stage, Transition
from agent.domain.steps import (
    appointment_args,
    ask,
    changes_staff,
    choose,
    next_step,
    put_away,
    service_name,
)
from agent.domain.tenant import Tenant
from agent.domain.texts import after_booking
from agent.domain.ways_out import give_up_storing

#: The second store failure ends the call.
MAX_STORE_FAILURES = 2


def take_openings(state: CallState, event: OpeningsFound, now: datetime, tenant: Tenant) -> Transition:
    """SEARCHING: reserve exactly what was wished, else offer."""
    current = state.moving.opening.start_at if state.moving and not changes_staff(state) else None
    offers = tuple(each for each in event.offers if each.opening.start_at != current)
    # One loss may be made good in silence by another staff member; after two, the caller decides.
    if offers and offers[0].reason is OfferReason.EXACT and state.losses < 2:
        return choose(state, offers[0].opening, tenant)
    return offer(state, offers, now, tenant)


def take_hold(state: CallState, event: Held, now: datetime, tenant: Tenant) -> Transition:
    """HOLDING: the opening is ours; go on, unless the wish changed meanwhile."""
    held = replace(state, hold=event.hold, chosen=None, losses=0)
    if held.is_hold_stale:
        return next_step(held, now, tenant)
    opening = event.hold.opening
    lead = (line(LineKey.HELD, start_at=opening.start_at.isoformat(), **with_staff(held, opening.staff_id, tenant)),)
    is_complete = held.moving is not None or (held.name is not None and held.phone is not None)
    return next_step(held, now, tenant, () if is_complete else lead)


def lose_opening(state: CallState, event: HoldLost | BookingLost, now: datetime, tenant: Tenant) -> Transition:
    """HOLDING, BOOKING or MOVING: somebody else has it; look for the next best."""
    lost = replace(state, hold=None, chosen=None, is_hold_stale=False, failed_stage=None)
    return next_step(replace(lost, losses=state.losses + 1), now, tenant)


def take_booking(state: CallState, event: Booked, now: datetime, tenant: Tenant) -> Transition:
    """BOOKING: it is stored; say so. What this call has booked already for somebody else needs a call back."""
    known = next((known for known in state.appointments if known.id == event.appointment.id), None)
    if known is not None and known.name not in (None, state.name):
        return _owe_second(state, event.appointment, tenant)
    done = _recorded(state, Operation.BOOK, event.appointment)
    opening = event.appointment.opening
    args = {"service": service_name(state, tenant), "start_at": opening.start_at.isoformat()}
    lead = (line(LineKey.BOOKED, **args, **with_staff(state, opening.staff_id, tenant)),)
    return after_booking(done, event.appointment, lead, tenant)


def _owe_second(state: CallState, made: Appointment, tenant: Tenant) -> Transition:
    """One number cannot hold the same service at the same start twice (ADR 0004): only the business can book it."""
    at = made.opening.start_at.astimezone(tenant.zone)
    words = f"A second {service_name(state, tenant)} on {at:%A, %B} {at.day} at {at:%H:%M}"
    wanted = replace(state, hold=None, failed_stage=None)  # given back when the earlier booking was found
    return owe_callback(wanted, Reason.CHANGE, LineKey.SECOND_BY_CALLBACK, tenant, words=words)


def take_late_booking(state: CallState, event: Booked, now: datetime, tenant: Tenant) -> Transition:
    """ENDED: the caller left while it was being stored; the record must still say so."""
    if any(known.id == event.appointment.id for known in state.appointments):
        return Transition(state)
    return Transition(_recorded(state, Operation.BOOK, event.appointment))


def take_move(state: CallState, event: Moved, now: datetime, tenant: Tenant) -> Transition:
    """MOVING: it is stored; say so."""
    done = put_away(_recorded(state, Operation.MOVE, event.appointment))
    args = appointment_args(event.appointment, tenant)
    lead = (line(LineKey.MOVED, **args, **with_staff(state, event.appointment.opening.staff_id, tenant)),)
    return ask(done, Stage.DONE, Expect.YES_NO, line(LineKey.ASK_ANYTHING_ELSE), lead=lead)


def take_late_move(state: CallState, event: Moved, now: datetime, tenant: Tenant) -> Transition:
    """ENDED: the caller left while it was being moved; the record must still say so."""
    return Transition(_recorded(state, Operation.MOVE, event.appointment))


def take_cancellation(state: CallState, event: Cancelled, now: datetime, tenant: Tenant) -> Transition:
    """CANCELLING: it is stored; say so."""
    done = put_away(_recorded(state, Operation.CANCEL))
    lead = (line(LineKey.CANCELLED, **appointment_args(event.appointment, tenant)),)
    return ask(done, Stage.DONE, Expect.YES_NO, line(LineKey.ASK_ANYTHING_ELSE), lead=lead)


def take_late_cancellation(state: CallState, event: Cancelled, now: datetime, tenant: Tenant) -> Transition:
    """ENDED: the caller left while it was being cancelled; the record must still say so."""
    return Transition(_recorded(state, Operation.CANCEL))


def lose_appointment(state: CallState, event: AppointmentGone, now: datetime, tenant: Tenant) -> Transition:
    """MOVING or CANCELLING: somebody else was faster; leave it as they made it."""
    release = (ReleaseHold(state.hold.id),) if state.hold else ()
    lead = (line(LineKey.APPOINTMENT_GONE),)
    standing = tuple(known for known in state.appointments if known != state.target)
    gone = replace(put_away(state), appointments=standing, failed_stage=None)
    asked = ask(gone, Stage.DONE, Expect.YES_NO, line(LineKey.ASK_ANYTHING_ELSE), lead=lead)
    return replace(asked, effects=release)


def _recorded(state: CallState, operation: Operation, made: Appointment | None = None) -> CallState:
    """What was done goes into the call's own list; the appointment it replaced leaves it."""
    old_id = state.target.id if state.target and operation is not Operation.BOOK else None
    made_id = made.id if made else None
    standing = tuple(known for known in state.appointments if known.id not in (old_id, made_id))
    appointments = standing if made is None else (*standing, replace(made, name=state.name))
    done = (*state.done, operation)
    news = _news(state, operation, made)
    return replace(state, appointments=appointments, done=done, hold=None, failed_stage=None, losses=0, news=news)


def _news(state: CallState, operation: Operation, made: Appointment | None) -> News | None:
    """What is told if the call is cut off now; what took a name to be found is not told to a number alone."""
    about = made or state.target
    is_own = state.change is None or state.change.lookup is Lookup.CALLING_NUMBER
    return News(operation, about) if about is not None and is_own else None


def drop_late_hold(state: CallState, event: Held, now: datetime, tenant: Tenant) -> Transition:
    """ENDED: nobody is left to use this reservation."""
    return Transition(state, effects=(ReleaseHold(event.hold.id),))


def admit_trouble(state: CallState, event: StoreFailed, now: datetime, tenant: Tenant) -> Transition:
    """A pending stage failed: offer one more try, then promise a call back, if that can be stored, and end."""
    failures = state.store_failures + 1
    failed = replace(state, failed_stage=state.stage, store_failures=failures, chosen=None)
    if failures >= MAX_STORE_FAILURES:
        return give_up_storing(failed, tenant)
    return ask(failed, Stage.TROUBLE, Expect.YES_NO, line(LineKey.STORE_TROUBLE))
