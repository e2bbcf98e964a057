"""Openings offered: what is said first when they are not what was wished, and why each is offered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from agent.domain.facts import Expect
from agent.domain.lines import Line, LineKey, line
from agent.domain.openings import window_for
from agent.domain.preference import with_staff
from agent.domain.ranking import Offer, OfferReason
from agent.domain.staffing import spoken_staff
from agent.domain.state import CallState, Stage, Transition
from agent.domain.steps import OFFERS, ask
from agent.domain.tenant import Staff, Tenant
from agent.domain.waiting import may_wait, offer_list

#: Reasons that are worth a few words; the others are plain from the day, the hour or the name.
_SPOKEN = frozenset(
    {OfferReason.FIRST_AFTER, OfferReason.EARLIEST, OfferReason.NEAREST, OfferReason.BESIDE, OfferReason.SAME_TIME}
)

_PLACES = ("first", "second")


def offer(state: CallState, offers: tuple[Offer, ...], now: datetime, tenant: Tenant) -> Transition:
    """Offer openings, saying first when they are not what was wished."""
    # In the order of the clock, so that "the earlier one" is the first one spoken.
    offers = tuple(sorted(offers[:OFFERS], key=lambda each: each.opening.start_at))
    state = replace(state, offered=tuple(each.opening for each in offers))
    if not offers:
        taken = (line(LineKey.JUST_TAKEN),) if state.losses else ()
        nothing = (*taken, line(LineKey.NOTHING_FREE))
        if may_wait(state, now, tenant):
            return offer_list(state, lead=nothing)
        question = line(LineKey.ASK_OTHER_TIME)
        return ask(replace(state, when=None), Stage.TIME, Expect.WHEN, question, lead=nothing)
    question = _question(state, offers, tenant)
    return ask(state, Stage.CHOOSING, Expect.CHOICE, question, lead=_lead(state, offers, tenant))


def is_wish_offered(state: CallState, tenant: Tenant) -> bool:
    """Whether something that was offered last is what was wished, whoever performs it."""
    window = window_for(state.when, tenant) if state.when else None
    return window is None or any(window.admits(opening.start_at, tenant) for opening in state.offered)


def _lead(state: CallState, offers: tuple[Offer, ...], tenant: Tenant) -> tuple[Line, ...]:
    if state.losses:
        return (line(LineKey.JUST_TAKEN),)
    if any(each.reason.is_wished for each in offers):
        return ()
    wanted = tuple(person for person in tenant.staff if state.staff is not None and person.id in state.staff.only)
    if not wanted:
        return (line(LineKey.NOT_FREE),)
    day = state.when.first_on if state.when is not None and state.when.first_on == state.when.last_on else None
    if day is not None and tenant.hours_on(day) and not any(_is_in(person, day, tenant) for person in wanted):
        return (line(LineKey.STAFF_NOT_IN, staff=spoken_staff(wanted), absent_on=day.isoformat()),)
    return (line(LineKey.STAFF_NOT_FREE, staff=spoken_staff(wanted)),)


def _is_in(person: Staff, day: date, tenant: Tenant) -> bool:
    return bool(tenant.staff_hours_on(person, day))


def _question(state: CallState, offers: tuple[Offer, ...], tenant: Tenant) -> Line:
    args: dict[str, str] = {}
    for place, each in zip(_PLACES, offers, strict=False):
        args[f"{place}_at"] = each.opening.start_at.isoformat()
        args |= with_staff(state, each.opening.staff_id, tenant, f"{place}_with")
    if args.get("first_with") == args.get("second_with"):
        args.pop("second_with", None)
    args |= _why(state, offers, tenant)
    if len(offers) == 1:
        return line(LineKey.OFFER_ONE, **args)
    days = {each.opening.start_at.astimezone(tenant.zone).date() for each in offers}
    return line(LineKey.OFFER_TWO_SAME_DAY if len(days) == 1 else LineKey.OFFER_TWO, **args)


def _why(state: CallState, offers: tuple[Offer, ...], tenant: Tenant) -> dict[str, str]:
    """The one reason that is spoken, beside its offer; what holds for both is said after the second."""
    window = window_for(state.when, tenant) if state.when is not None else None
    reasons = [each.reason for each in offers]
    places = list(zip(_PLACES, reasons, strict=False))
    if len(reasons) > 1 and reasons[0] is reasons[1]:
        places.reverse()
    for place, reason in places:
        if window is not None and reason in _SPOKEN:
            return {f"{place}_why": reason.value, "wished_at": window.earliest_at.isoformat()}
    return {}
