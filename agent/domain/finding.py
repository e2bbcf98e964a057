"""Which existing appointment a caller means, and whether it is theirs to change.

What is looked for follows a ladder: the appointments of the number called from; then, under another number, those
whose name the caller tells as well; then those of a name on a day. Whoever cannot tell these hears the same "I
couldn't find it" whether there is such an appointment or not. See docs/adr/0023.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from agent.domain.appointments import Appointment
from agent.domain.changing import settle
from agent.domain.details import ask_phone_again
from agent.domain.events import AppointmentsFound, Said
from agent.domain.facts import Expect, Facts, Wish
from agent.domain.intent import Operation
from agent.domain.lines import Line, LineKey, line
from agent.domain.notes import Reason
from agent.domain.noting import owe_callback
from agent.domain.requests import FindAppointments
from agent.domain.state import CallState, Change, Lookup, Stage, Transition
from agent.domain.steps import absorb, appointment_args, ask, next_step, phone_question, put_away
from agent.domain.talk import converse, count_miss, not_understood
from agent.domain.tenant import Tenant

OPERATIONS = {Wish.CANCEL: Operation.CANCEL, Wish.MOVE: Operation.MOVE}

#: Look-ups by what the caller tells, in one call: enough for two wishes, too few to guess by.
MAX_TOLD_LOOKUPS = 4

#: So many digits at once are a whole number of which some were misheard, not a piece of one.
_ALMOST_A_NUMBER = 8

#: After each look-up that found nothing, the next one and what is said before its question.
_NEXT: dict[Lookup, tuple[Lookup, LineKey] | None] = {
    Lookup.CALLING_NUMBER: (Lookup.NUMBER_AND_NAME, LineKey.NOT_UNDER_THIS_NUMBER),
    Lookup.NUMBER_AND_NAME: (Lookup.NAME_AND_DAY, LineKey.NOT_FOUND_YET),
    Lookup.NAME_AND_DAY: None,
}

#: What a look-up must be told, in the order it is asked for: whether it is known, and its question.
_NEEDS: dict[Lookup, tuple[tuple[Callable[[CallState], bool], Expect, LineKey], ...]] = {
    Lookup.CALLING_NUMBER: (),
    Lookup.NUMBER_AND_NAME: (
        (lambda state: state.phone is not None, Expect.PHONE, LineKey.ASK_BOOKED_PHONE),
        (lambda state: state.name is not None, Expect.NAME, LineKey.ASK_BOOKED_NAME),
    ),
    Lookup.NAME_AND_DAY: (
        (lambda state: state.name is not None, Expect.NAME, LineKey.ASK_BOOKED_NAME),
        (lambda state: _knows_day(state), Expect.WHEN, LineKey.ASK_BOOKED_DAY),
    ),
}


def begin(state: CallState, operation: Operation, facts: Facts, now: datetime, tenant: Tenant) -> Transition:
    """Take up the wish to move or cancel: this call's own appointment, or one to be found."""
    change = Change(operation, facts.booked_when, facts.service_id)
    wished = absorb(put_away(state), replace(facts, service_id=None, when=None), tenant)
    wished = replace(wished, change=change, when=facts.when)
    own = _narrowed(state.appointments, change, tenant)
    if own:
        return settle(wished, own[-1], now, tenant)
    if state.caller_number is None:
        return _climb(wished, tenant, was_sought=False)
    return look_up(wished, tenant)


def look_up(state: CallState, tenant: Tenant, lead: tuple[Line, ...] = ()) -> Transition:
    """Look for the appointment by what is known, or ask for what the look-up still needs."""
    change = _change(state)
    for is_known, expects, key in _NEEDS[change.lookup]:
        if not is_known(state):
            question = phone_question(state) if expects is Expect.PHONE and state.phone_digits else line(key)
            return ask(state, Stage.IDENTIFYING, expects, question, lead=lead)
    read = _read(state, change)
    told = state.told_lookups + (read.name is not None)
    if told > MAX_TOLD_LOOKUPS:
        return _give_up(state, tenant)
    return Transition(replace(state, stage=Stage.FINDING, told_lookups=told, is_checking=False), reads=(read,))


def take_appointments(state: CallState, event: AppointmentsFound, now: datetime, tenant: Tenant) -> Transition:
    """FINDING: the one that was meant, which of several, or another way to look."""
    if not event.appointments:
        return _climb(state, tenant)
    change = _change(state)
    meant = _narrowed(event.appointments, change, tenant)
    if not meant and change.operation is Operation.MOVE and state.when is None:
        # "My appointment for Friday" may as well be where it is to be moved to.
        state = replace(state, when=change.booked_when, change=replace(change, booked_when=None))
        meant = _narrowed(event.appointments, _change(state), tenant)
    return _one_of(state, meant or event.appointments, now, tenant)


def hear_identity(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """IDENTIFYING: the number, name or day an appointment was booked under."""
    facts = event.facts
    if _is_number_lost(state, facts):
        return _climb(state, tenant, was_sought=False)
    talk = leave_for_booking(state, facts, now, tenant) or converse(state, facts)
    if talk is not None:
        return talk
    if facts.answer is False and not facts.has_details:
        return _climb(state, tenant, was_sought=False)
    if facts.is_phone_garbled:
        return ask_phone_again(state)
    heard = _identified(state, facts, tenant)
    if heard == state:
        return not_understood(state, line(LineKey.SORRY), tenant)
    if heard.phone_digits and heard.phone_digits != state.phone_digits and heard.expects is Expect.PHONE:
        # A number in pieces is progress, but pieces that never make a number must end somewhere.
        return count_miss(replace(heard, question=(phone_question(heard),)), (phone_question(heard),))
    is_own = heard.phone is not None and heard.phone == heard.caller_number
    is_tried = _change(heard).lookup is Lookup.NUMBER_AND_NAME and is_own
    return _climb(heard, tenant) if is_tried else look_up(heard, tenant)


def _is_number_lost(state: CallState, facts: Facts) -> bool:
    """Whether a whole number was said once more and again not heard as one: a third time would be no better."""
    is_whole = facts.is_phone_garbled or facts.is_private or len(facts.phone_digits or "") >= _ALMOST_A_NUMBER
    return state.expects is Expect.PHONE and state.misses > 0 and is_whole


def hear_which(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """WHICH: one of several appointments, by its place, its service or its time."""
    facts = event.facts
    found = _change(state).found
    talk = leave_for_booking(state, facts, now, tenant) or converse(state, facts)
    if talk is not None:
        return talk
    if facts.answer is False and not facts.has_details:
        return _climb(state, tenant, was_sought=False)
    if facts.choice is not None and len(found) == 2 and -2 <= facts.choice < 2:
        return settle(state, found[facts.choice], now, tenant)
    named = Change(Operation.CANCEL, facts.booked_when or facts.when, facts.service_id)
    meant = _narrowed(found, named, tenant)
    if not meant or len(meant) == len(found):
        return not_understood(state, line(LineKey.SORRY), tenant)
    return _one_of(state, meant, now, tenant)


def leave_for_booking(state: CallState, facts: Facts, now: datetime, tenant: Tenant) -> Transition | None:
    """The caller would rather book; or turns from moving to cancelling, or back, before it is found."""
    if Wish.BOOK in facts.wishes:
        return next_step(absorb(put_away(state), facts, tenant), now, tenant)
    for wish, operation in OPERATIONS.items():
        if wish in facts.wishes and operation is not _change(state).operation:
            return ask_again(replace(state, change=replace(_change(state), operation=operation)))
    return None


def ask_again(state: CallState) -> Transition:
    """The open question once more, since what it is asked for has changed."""
    return ask(state, state.stage, state.expects, state.question[-1])


def _one_of(state: CallState, found: tuple[Appointment, ...], now: datetime, tenant: Tenant) -> Transition:
    if len(found) == 1:
        return settle(state, found[0], now, tenant)
    state = replace(state, change=replace(_change(state), found=found))
    if len(found) > 2:
        return ask(state, Stage.WHICH, Expect.WHEN, line(LineKey.ASK_WHICH_OF_MANY, count=str(len(found))))
    first, second = (appointment_args(appointment, tenant) for appointment in found)
    question = line(
        LineKey.ASK_WHICH_OF_TWO,
        first=first["service"],
        first_at=first["start_at"],
        second=second["service"],
        second_at=second["start_at"],
    )
    return ask(state, Stage.WHICH, Expect.CHOICE, question)


def _climb(state: CallState, tenant: Tenant, *, was_sought: bool = True) -> Transition:
    """Nothing found, or nothing to look by: the next look-up, or a call back."""
    step = _NEXT[_change(state).lookup]
    if step is None:
        return _give_up(state, tenant)
    lookup, key = step
    # The number called from has been tried; the one to ask for is another.
    phone = None if state.phone == state.caller_number and lookup is Lookup.NUMBER_AND_NAME else state.phone
    climbed = replace(state, phone=phone, phone_digits=None, change=replace(_change(state), lookup=lookup))
    return look_up(climbed, tenant, (line(key),) if was_sought else ())


def _give_up(state: CallState, tenant: Tenant) -> Transition:
    """A call back; the name and number that found nothing may be misheard, and are not kept for another wish."""
    owed = owe_callback(state, Reason.NOT_FOUND, LineKey.NOT_FOUND, tenant)
    return replace(owed, state=replace(put_away(owed.state), name=None, phone=None, phone_digits=None))


def _identified(state: CallState, facts: Facts, tenant: Tenant) -> CallState:
    change = _change(state)
    said = facts.booked_when or facts.when
    booked_when = change.booked_when if said is None else said.merged_with(change.booked_when)
    heard = absorb(state, replace(facts, service_id=None, when=None), tenant)
    named = replace(change, booked_when=booked_when, service_id=facts.service_id or change.service_id)
    return replace(heard, change=named)


def _read(state: CallState, change: Change) -> FindAppointments:
    match change.lookup:
        case Lookup.CALLING_NUMBER:
            return FindAppointments(phone=state.caller_number)
        case Lookup.NUMBER_AND_NAME:
            return FindAppointments(phone=state.phone, name=state.name)
        case Lookup.NAME_AND_DAY:
            return FindAppointments(name=state.name, on=change.booked_when.first_on if change.booked_when else None)


def _knows_day(state: CallState) -> bool:
    when = _change(state).booked_when
    return when is not None and when.first_on is not None and when.first_on == when.last_on


def _narrowed(found: tuple[Appointment, ...], named: Change, tenant: Tenant) -> tuple[Appointment, ...]:
    """Those of the service and at the time by which the caller named one."""
    return tuple(
        appointment
        for appointment in found
        if named.service_id in (None, appointment.service_id)
        and (
            named.booked_when is None or named.booked_when.admits(appointment.opening.start_at.astimezone(tenant.zone))
        )
    )


def _change(state: CallState) -> Change:
    assert state.change is not None
    return state.change
