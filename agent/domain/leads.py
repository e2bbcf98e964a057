"""Qualifying a lead: five questions, none of which must be answered, and a score by table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from agent.domain.events import Said
from agent.domain.facts import Expect, Facts, Wish
from agent.domain.knowledge import LeadRules
from agent.domain.lead import Financing, Interest, Lead, LeadFacts
from agent.domain.lines import Line, LineKey, line
from agent.domain.notes import Message, Reason
from agent.domain.noting import left_with, owe_callback
from agent.domain.requests import TakeMessage
from agent.domain.state import CallState, EndReason, Stage, Transition
from agent.domain.steps import absorb, ask, next_step, phone_question
from agent.domain.talk import converse, not_understood
from agent.domain.tenant import Tenant

#: Ends of a call after which nobody has what a lead told.
_LOST_BY = frozenset(
    {EndReason.GOODBYE, EndReason.SILENCE, EndReason.NOT_UNDERSTOOD, EndReason.STORE_FAILED, EndReason.CALLER_HUNG_UP}
)


class Band(Enum):
    """How soon somebody should call back."""

    HOT = "hot"
    WARM = "warm"
    COLD = "cold"


@dataclass(frozen=True, slots=True)
class Slot:
    """One of the questions.

    Attributes:
        is_known: whether it needs no asking.
        if_yes, if_no: what a bare yes or no to it means; None where it means nothing.
    """

    name: str
    question: LineKey
    expects: Expect
    is_known: Callable[[CallState, LeadFacts], bool]
    if_yes: LeadFacts | None = None
    if_no: LeadFacts | None = None


#: The questions in their order; contact is the fifth, asked in two parts.
SLOTS = (
    Slot("interest", LineKey.LEAD_INTEREST, Expect.LEAD, lambda state, facts: facts.interest is not None),
    Slot("budget", LineKey.LEAD_BUDGET, Expect.LEAD, lambda state, facts: facts.budget_cents is not None),
    Slot("timeline", LineKey.LEAD_TIMELINE, Expect.LEAD, lambda state, facts: facts.timeline_months is not None),
    Slot(
        "financing",
        LineKey.LEAD_FINANCING,
        Expect.LEAD,
        lambda state, facts: facts.financing is not None or facts.interest is Interest.SELL,
        LeadFacts(financing=Financing.APPROVED),
        LeadFacts(financing=Financing.NONE),
    ),
    Slot(
        "decision",
        LineKey.LEAD_DECISION,
        Expect.LEAD,
        lambda state, facts: facts.decides_alone is not None or facts.interest is not Interest.SELL,
        LeadFacts(decides_alone=True),
        LeadFacts(decides_alone=False),
    ),
    Slot("name", LineKey.ASK_NAME, Expect.NAME, lambda state, facts: state.name is not None),
    Slot("phone", LineKey.ASK_PHONE, Expect.PHONE, lambda state, facts: state.phone is not None),
)

#: (condition, points); the points of all that hold are added, 100 at most.
POINTS: tuple[tuple[Callable[[CallState, LeadFacts, int], bool], int], ...] = (
    (lambda state, facts, least: facts.interest in (Interest.BUY, Interest.SELL), 20),
    (lambda state, facts, least: facts.interest is Interest.RENT, 10),
    (lambda state, facts, least: (facts.budget_cents or 0) > 0 and (facts.budget_cents or 0) >= least, 20),
    (lambda state, facts, least: facts.timeline_months is not None and facts.timeline_months <= 3, 25),
    (lambda state, facts, least: facts.timeline_months is not None and 3 < facts.timeline_months <= 12, 10),
    (lambda state, facts, least: facts.financing in (Financing.CASH, Financing.APPROVED), 20),
    (lambda state, facts, least: facts.financing is Financing.STARTED, 10),
    (lambda state, facts, least: facts.decides_alone is True, 20),
    (lambda state, facts, least: state.phone is not None, 15),
)
BANDS = ((70, Band.HOT), (40, Band.WARM), (0, Band.COLD))


def score(state: CallState, tenant: Tenant) -> int | None:
    """0 to 100; None for a call that is no lead."""
    rules = tenant.knowledge.leads
    if state.lead is None or rules is None:
        return None
    facts, least = state.lead.facts, rules.least_budget_cents or 0
    return min(100, sum(points for holds, points in POINTS if holds(state, facts, least)))


def band(points: int) -> Band:
    """The band a score falls into."""
    return next(name for least, name in BANDS if points >= least)


def in_short(state: CallState, tenant: Tenant) -> str:
    """What a lead told, for whoever calls back: "buy; $450,000; in 3 months; loan approved; hot, 100 of 100"."""
    facts = state.lead.facts if state.lead else LeadFacts()
    points = score(state, tenant)
    decides = {True: "decides alone", False: "decides with somebody", None: None}
    parts = (
        facts.interest.value if facts.interest else None,
        None if facts.budget_cents is None else f"${facts.budget_cents // 100:,}",
        _spoken_months(facts.timeline_months),
        _MONEY[facts.financing] if facts.financing else None,
        decides[facts.decides_alone],
        None if points is None else f"{band(points).value}, {points} of 100",
    )
    return "; ".join(part for part in parts if part)


def _spoken_months(months: int | None) -> str | None:
    return {None: None, 0: "at once", 1: "in a month"}.get(months, f"in {months} months")


_MONEY = {
    Financing.CASH: "pays cash",
    Financing.APPROVED: "loan approved",
    Financing.STARTED: "loan applied for",
    Financing.NONE: "no loan yet",
}


def is_due(state: CallState, facts: Facts, tenant: Tenant) -> bool:
    """Whether these words make a lead of a caller who was none."""
    is_open = state.stage in (Stage.SERVICE, Stage.DONE) and state.lead is None
    has_interest = tenant.knowledge.leads is not None and facts.lead is not None and facts.lead.interest is not None
    return is_open and has_interest and not _names_appointment(facts, tenant)


def _names_appointment(facts: Facts, tenant: Tenant) -> bool:
    """Whether a service was named in order to book it."""
    rules = tenant.knowledge.leads or LeadRules()
    is_wish = facts.when is not None or Wish.BOOK in facts.wishes
    return facts.service_id is not None and (is_wish or facts.service_id not in rules.service_ids)


def begin(state: CallState, facts: Facts, tenant: Tenant) -> Transition:
    """The caller might buy: ask what tells how likely."""
    known = replace(state, lead=Lead(facts.lead or LeadFacts()))
    return _next(absorb(known, replace(facts, when=None, service_id=None), tenant), tenant)


def hear(state: CallState, event: Said, now: datetime, tenant: Tenant) -> Transition:
    """QUALIFYING: an answer fills its slot; a question the caller declines is passed over."""
    facts, lead = event.facts, state.lead or Lead()
    talk = converse(state, facts)
    if talk is not None:
        return talk
    slot = next((each for each in SLOTS if _question(each, state) in state.question), SLOTS[0])
    if _names_appointment(facts, tenant) or Wish.BOOK in facts.wishes:
        return next_step(absorb(state, facts, tenant), now, tenant)
    told = _told(slot, facts)
    contact = absorb(state, replace(facts, when=None, service_id=None), tenant)
    heard = replace(contact, lead=replace(lead, facts=told.merged_with(lead.facts)))
    if heard != state or slot.is_known(state, lead.facts):
        return _next(heard, tenant)
    if facts.answer is False:
        return _next(replace(state, lead=replace(lead, passed_over=(*lead.passed_over, slot.name))), tenant)
    return not_understood(state, line(LineKey.SORRY), tenant)


def _question(slot: Slot, state: CallState) -> Line:
    return phone_question(state) if slot.name == "phone" else line(slot.question)


def _told(slot: Slot, facts: Facts) -> LeadFacts:
    told = facts.lead or LeadFacts()
    bare = {True: slot.if_yes, False: slot.if_no, None: None}[facts.answer]
    return told if bare is None else told.merged_with(bare)


def _next(state: CallState, tenant: Tenant) -> Transition:
    """The first question still open; after the last, what was told is stored, and then a call back promised."""
    lead = state.lead or Lead()
    for slot in SLOTS:
        if not slot.is_known(state, lead.facts) and slot.name not in lead.passed_over:
            return ask(state, Stage.QUALIFYING, slot.expects, _question(slot, state))
    return owe_callback(state, Reason.LEAD, LineKey.LEAD_NOTED, tenant, words=in_short(state, tenant))


def kept(before: CallState, transition: Transition, tenant: Tenant) -> Transition:
    """A transition that ends the call of a lead not yet stored stores it as it is, unconfirmed.

    Words the caller left have the number too, and come before it; a booking or another call back is in its place.
    """
    state = transition.state
    is_over = before.stage is not Stage.ENDED and state.stage is Stage.ENDED and state.end_reason in _LOST_BY
    phone = state.phone or state.caller_number
    is_settled = state.done or state.wants_callback or before.stage is Stage.NOTING
    if not is_over or is_settled or state.lead is None or phone is None or _leaves_words(transition):
        return transition
    rest = tuple(each for each in transition.effects if not isinstance(each, TakeMessage))
    message = Message(Reason.LEAD, text=in_short(state, tenant), name=state.name, phone=phone)
    return left_with(replace(transition, effects=rest), message, tenant)


def _leaves_words(transition: Transition) -> bool:
    return any(isinstance(each, TakeMessage) and each.message.text for each in transition.effects)
