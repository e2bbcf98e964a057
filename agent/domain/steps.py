"""The steps of a booking: what was heard is put in its slot, and the first empty slot is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.domain.appointments import Appointment
from agent.domain.contact import NATIONAL_DIGITS, e164_or_none, joined_digits
from agent.domain.facts import Expect, Facts, When
from agent.domain.intent import Operation, intent_key
from agent.domain.lines import Line, LineKey, line
from agent.domain.openings import Opening, window_for
from agent.domain.preference import absorb_staff, checked_staff, with_staff
from agent.domain.requests import ConfirmBooking, FindOpenings, HoldOpening, ReleaseHold
from agent.domain.state import CallState, Stage, Transition
from agent.domain.tenant import Service, Tenant

#: Openings offered at once; more cannot be kept in mind on the phone.
OFFERS = 2


def ask(state: CallState, stage: Stage, expects: Expect, question: Line, *, lead: tuple[Line, ...] = ()) -> Transition:
    """Go to a stage by asking its question; progress, so the count of misunderstandings starts anew."""
    lines = (*lead, question)
    asked = replace(
        state,
        stage=stage,
        expects=expects,
        question=(question,),
        last_lines=lines,
        misses=0,
        is_checking=False,
        is_outcome_heard=True,
    )
    return Transition(asked, lines)


def absorb(state: CallState, facts: Facts, tenant: Tenant) -> CallState:
    """Put what was heard in its slots. A changed service, time or staff makes the hold stale, and ends a wait.

    An appointment that is being moved keeps its service.
    """
    before = state
    if facts.service_id is not None and facts.service_id != state.service_id and state.moving is None:
        state = replace(state, service_id=facts.service_id, is_hold_stale=state.hold is not None, losses=0, offered=())
    if facts.when is not None:
        state = _absorb_when(state, facts.when, tenant)
    state = absorb_staff(state, facts.staff)
    if (before.service_id, before.when, before.staff) != (state.service_id, state.when, state.staff):
        state = replace(state, is_waiting=False)
    if facts.name is not None:
        state = replace(state, name=facts.name)
    return _absorb_phone(state, facts, tenant)


def _absorb_when(state: CallState, when: When, tenant: Tenant) -> CallState:
    was = when_of(state.moving.opening, tenant) if state.moving and state.when is None else state.when
    merged = when.merged_with(was)
    if state.hold is None:
        return replace(state, when=merged, losses=0)
    held = when_of(state.hold.opening, tenant)
    return replace(state, when=merged, is_hold_stale=state.is_hold_stale or merged != held, losses=0)


def _absorb_phone(state: CallState, facts: Facts, tenant: Tenant) -> CallState:
    phone = facts.phone
    digits = None
    if facts.is_phone_garbled:  # the number known so far stays until a better one is complete
        return replace(state, phone_digits=None)
    if facts.same_number and phone is None:
        phone = state.caller_number
    if facts.phone_digits is not None and phone is None:
        digits = joined_digits(state.phone_digits, facts.phone_digits)
        # An area code of our own would complete a piece too early: only a full number is joined.
        phone = e164_or_none(digits, area_code="") if len(digits) >= NATIONAL_DIGITS else None
    if phone is not None:
        return replace(state, phone=phone, phone_digits=None)
    return state if digits is None else replace(state, phone=None, phone_digits=digits)


def put_away(state: CallState) -> CallState:
    """Forget the booking or change that was under way; name and number are kept for the next one.

    Whoever puts a hold away gives it back, unless it has become an appointment.
    """
    return replace(
        state,
        service_id=None,
        when=None,
        staff=None,
        is_waiting=False,
        offered=(),
        chosen=None,
        hold=None,
        is_hold_stale=False,
        losses=0,
        change=None,
    )


def when_of(opening: Opening, tenant: Tenant) -> When:
    """An opening's start as a wish, so that "no, Friday" keeps its time of day."""
    local = opening.start_at.astimezone(tenant.zone)
    return When(first_on=local.date(), last_on=local.date(), at=local.time())


def next_step(state: CallState, now: datetime, tenant: Tenant, lead: tuple[Line, ...] = ()) -> Transition:
    """Ask for the first thing still unknown, or read everything back."""
    state, about_staff = checked_staff(state, tenant)
    lead = (*lead, *about_staff)
    if state.service_id is None or not (tenant.has_service(state.service_id) or state.moving):
        question = line(LineKey.ASK_SERVICE, services=spoken_services(tenant))
        return ask(state, Stage.SERVICE, Expect.SERVICE, question, lead=lead)
    if state.hold is None or state.is_hold_stale:
        return seek_opening(state, now, tenant, lead)
    if state.moving is not None:
        return read_back(state, tenant, lead)
    if state.name is None:
        return ask(state, Stage.NAME, Expect.NAME, line(LineKey.ASK_NAME), lead=lead)
    if state.phone is None:
        return ask(state, Stage.PHONE, Expect.PHONE, phone_question(state), lead=lead)
    return read_back(state, tenant, lead)


def spoken_services(tenant: Tenant) -> str:
    """At most three service names: a longer list is not remembered by ear."""
    return spoken_names(tenant.services[:3])


def spoken_names(services: tuple[Service, ...]) -> str:
    """Names of services, at least one, as a choice: "cleaning, checkup or filling"."""
    names = [service.name for service in services]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def phone_question(state: CallState) -> Line:
    """The question for the number, or for the rest of one said in pieces."""
    if state.phone_digits:
        return line(LineKey.ASK_PHONE_REST, digits=state.phone_digits)
    return line(LineKey.ASK_PHONE)


def seek_opening(state: CallState, now: datetime, tenant: Tenant, lead: tuple[Line, ...] = ()) -> Transition:
    """Ask for what the wish still lacks, or look for openings."""
    assert state.service_id is not None
    when = state.when
    window = window_for(when, tenant) if when is not None else None
    if when is None or window is None:
        return ask(state, Stage.TIME, Expect.WHEN, _time_question(state, when, tenant), lead=lead)
    if state.moving is not None and when == when_of(state.moving.opening, tenant) and not changes_staff(state):
        question = line(LineKey.ASK_OTHER_THAN_NOW, **appointment_args(state.moving, tenant))
        return ask(replace(state, when=None), Stage.TIME, Expect.WHEN, question)
    if window.latest_at < now:
        return reject_time(state, LineKey.TIME_IS_PAST)
    if _days_ahead(window.earliest_at, now, tenant) > tenant.max_days_ahead:
        return reject_time(state, LineKey.TIME_IS_TOO_FAR)
    ignoring = state.hold.id if state.hold else None
    searching = replace(state, stage=Stage.SEARCHING, is_checking=False)
    # The time it has now is free to be found, and is not offered: one more than is offered.
    limit, moving_id = (OFFERS, None) if state.moving is None else (OFFERS + 1, state.moving.id)
    read = FindOpenings(state.service_id, window, limit, ignoring, moving_id, state.staff)
    return Transition(searching, lead, reads=(read,))


def _days_ahead(at: datetime, now: datetime, tenant: Tenant) -> int:
    """Local days from today to the day of a time."""
    return (at.astimezone(tenant.zone).date() - now.astimezone(tenant.zone).date()).days


def changes_staff(state: CallState) -> bool:
    """Whether an appointment is to be moved to somebody else, be it at the same time."""
    moving = state.moving
    return moving is not None and state.staff is not None and not state.staff.admits(moving.opening.staff_id)


def _time_question(state: CallState, when: When | None, tenant: Tenant) -> Line:
    if when is None and state.moving is not None:
        return line(LineKey.FOUND_AND_MOVE, **appointment_args(state.moving, tenant))
    if when is None:
        return line(LineKey.ASK_WHEN, service=service_name(state, tenant))
    return line(LineKey.ASK_OTHER_TIME if when.has_day else LineKey.ASK_DAY)


def reject_time(state: CallState, key: LineKey) -> Transition:
    """The wished time cannot be: say why and ask for another one."""
    return ask(replace(state, when=None), Stage.TIME, Expect.WHEN, line(key))


def service_name(state: CallState, tenant: Tenant) -> str:
    """The booked service as it is spoken."""
    return tenant.service(state.service_id).name if state.service_id else ""


def appointment_args(appointment: Appointment, tenant: Tenant) -> dict[str, str]:
    """What is said of an existing appointment; its service may not be offered any more, or be nobody's business."""
    known = tenant.has_service(appointment.service_id)
    service = tenant.service(appointment.service_id).name if known else "appointment"
    if tenant.is_private:
        service = "visit"
    return {"service": service, "start_at": appointment.opening.start_at.isoformat()}


def choose(state: CallState, opening: Opening, tenant: Tenant) -> Transition:
    """Reserve an opening, giving back the one held before."""
    assert state.service_id is not None
    release = [ReleaseHold(state.hold.id)] if state.hold else []
    holding = replace(
        state,
        stage=Stage.HOLDING,
        chosen=opening,
        hold=None,
        is_hold_stale=False,
        when=when_of(opening, tenant),
        is_checking=False,
    )
    replacing = state.moving.opening if state.moving else None
    return Transition(holding, effects=(*release, HoldOpening(state.service_id, opening, replacing)))


def read_back(state: CallState, tenant: Tenant, lead: tuple[Line, ...] = ()) -> Transition:
    """Say everything that is about to be booked, or moved from where to where, and ask whether it is right."""
    if state.moving is not None:
        assert state.hold is not None
        now_at = state.moving.opening.start_at.isoformat()
        args = appointment_args(state.moving, tenant) | {"start_at": state.hold.opening.start_at.isoformat()}
        args |= with_staff(state, state.hold.opening.staff_id, tenant)
        question = line(LineKey.READ_BACK_MOVE, **args, now_at=now_at)
        return ask(replace(state, is_readback_heard=True), Stage.CONFIRMING_MOVE, Expect.YES_NO, question, lead=lead)
    question = _readback_line(LineKey.READ_BACK, state, tenant)
    return ask(replace(state, is_readback_heard=True), Stage.CONFIRMING, Expect.YES_NO, question, lead=lead)


def read_back_short(state: CallState, tenant: Tenant) -> Transition:
    """Say the key facts again: the caller did not hear them the first time."""
    question = _readback_line(LineKey.READ_BACK_SHORT, state, tenant)
    return ask(replace(state, is_readback_heard=True), Stage.CONFIRMING, Expect.YES_NO, question)


def _readback_line(key: LineKey, state: CallState, tenant: Tenant) -> Line:
    assert state.hold is not None
    return line(
        key,
        service=service_name(state, tenant),
        start_at=state.hold.opening.start_at.isoformat(),
        name=state.name or "",
        phone=state.phone or "",
        **with_staff(state, state.hold.opening.staff_id, tenant),
    )


def confirm(state: CallState, tenant: Tenant) -> Transition:
    """Book what was read back and agreed to."""
    assert state.hold is not None
    assert state.service_id is not None
    name, phone = state.name or "", state.phone or ""
    start_at = state.hold.opening.start_at
    key = intent_key(tenant.id, state.caller_number or phone, state.service_id, start_at, Operation.BOOK)
    booking = replace(state, stage=Stage.BOOKING, is_checking=False)
    return Transition(booking, effects=(ConfirmBooking(key, state.hold, state.service_id, name, phone),))
