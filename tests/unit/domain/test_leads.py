"""Leads: who is asked, what is asked, what it comes to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.call import Stage, new_call
from agent.domain.events import CallerHungUp
from agent.domain.facts import Expect
from agent.domain.knowledge import Knowledge, LeadRules
from agent.domain.lead import Financing, Interest, Lead, LeadFacts
from agent.domain.leads import Band, band, score
from agent.domain.lines import LineKey
from agent.domain.notes import Message, Reason
from agent.domain.outcome import Disposition, disposition
from agent.understanding import understand
from tests.unit.domain.desk import CALLER, NOW, TENANT, Desk

K = LineKey
AGENCY = replace(TENANT, knowledge=Knowledge(leads=LeadRules(least_budget_cents=20_000_000)))


def agency_call() -> Desk:
    desk = Desk(tenant=AGENCY)
    desk.answer()
    return desk


def test_a_buyer_is_asked_five_questions_and_scored() -> None:
    call = agency_call()
    assert call.hear("Hi, I'm looking to buy a house.") == [K.LEAD_BUDGET]
    assert call.hear("Around 450 thousand dollars.") == [K.LEAD_TIMELINE]
    assert call.hear("In the next three months.") == [K.LEAD_FINANCING]
    assert call.hear("Yes, we're pre-approved.") == [K.ASK_NAME]
    assert call.hear("Dana Smith") == [K.ASK_PHONE]
    assert call.hear("The number I'm calling from.") == [K.LEAD_NOTED, K.ASK_ANYTHING_ELSE]
    assert call.state.lead == Lead(LeadFacts(Interest.BUY, 45_000_000, 3, Financing.APPROVED))
    assert (call.state.name, call.state.phone, call.state.when) == ("Dana Smith", CALLER, None)
    points = score(call.state, AGENCY)
    assert points == 100
    assert band(points) is Band.HOT
    call.hear("No, that's all.")
    assert disposition(call.state) is Disposition.QUALIFIED


def test_a_call_back_is_promised_once_what_the_lead_told_is_stored() -> None:
    call = agency_call()
    call.failing = 1
    for words in ("I'm looking to buy a house.", "450 thousand", "Three months.", "Cash.", "Dana Smith"):
        call.hear(words)
    assert call.hear("The number I'm calling from.") == [K.STORE_TROUBLE]
    assert call.hear("Yes.") == [K.LEAD_NOTED, K.ASK_ANYTHING_ELSE]
    (message,) = call.messages.values()
    told = "buy; $450,000; in 3 months; pays cash; hot, 100 of 100"
    assert message == Message(Reason.LEAD, told, name="Dana Smith", phone=CALLER, is_confirmed=True)


def test_a_lead_who_leaves_a_message_goes_on_with_the_questions() -> None:
    call = agency_call()
    call.hear("I'm looking to buy a house.")
    assert call.hear("Can I leave a message?") == [K.ASK_MESSAGE]
    for words in ("Please send me your listings.", "No.", "Dana Smith"):
        call.hear(words)
    assert call.hear("Yes.") == [K.MESSAGE_TAKEN, K.LEAD_BUDGET]
    for words in ("450 thousand", "Three months."):
        call.hear(words)
    assert call.hear("Cash.") == [K.LEAD_NOTED, K.ASK_ANYTHING_ELSE], "name and number are known by now"
    assert [each.reason for each in call.messages.values()] == [Reason.MESSAGE, Reason.LEAD]


def test_a_seller_is_asked_who_decides_and_not_how_it_is_paid() -> None:
    call = agency_call()
    assert call.hear("I want to sell my house.") == [K.LEAD_BUDGET]
    assert call.hear("half a million") == [K.LEAD_TIMELINE]
    assert call.hear("No hurry.") == [K.LEAD_DECISION]
    assert call.hear("No, with my wife.") == [K.ASK_NAME]
    assert call.state.lead is not None
    assert call.state.lead.facts == LeadFacts(Interest.SELL, 50_000_000, 24, None, False)


def test_what_was_told_at_once_is_not_asked_again() -> None:
    call = agency_call()
    call.hear("I'm looking to buy a house.")
    assert call.hear("Up to $400,000, right away, and we pay cash.") == [K.ASK_NAME]


@pytest.mark.parametrize("words", ["Skip.", "I'd rather not say.", "I don't know.", "None of your business."])
def test_a_question_the_caller_declines_is_passed_over(words: str) -> None:
    call = agency_call()
    call.hear("I'm looking to buy a house.")
    assert call.hear(words) == [K.LEAD_TIMELINE]
    assert call.state.lead is not None
    assert call.state.lead.passed_over == ("budget",)


def test_questions_and_doubts_do_not_end_the_qualifying() -> None:
    call = agency_call()
    call.hear("I'm looking to buy a house.")
    assert call.hear("Are you a robot?") == [K.IS_ASSISTANT, K.LEAD_BUDGET]
    assert call.hear("What are your hours?") == [K.ANSWER_WEEK, K.LEAD_BUDGET]
    assert call.state.stage is Stage.QUALIFYING


def test_whoever_rather_books_is_booked() -> None:
    call = agency_call()
    call.hear("I'm looking to buy a house.")
    assert call.hear("Can I just book a cleaning?") == [K.ASK_WHEN]


def test_a_service_of_leads_is_booked_only_with_a_time() -> None:
    call = agency_call()
    call.tenant = replace(AGENCY, knowledge=Knowledge(leads=LeadRules(service_ids=frozenset({"cleaning"}))))
    assert call.hear("I want to buy a house, or get a cleaning.") == [K.LEAD_BUDGET]
    other = agency_call()
    other.tenant = call.tenant
    assert other.hear("I want to buy a house, and a cleaning on Thursday at 3.") == [K.HELD, K.ASK_NAME]


def test_a_lead_without_a_number_is_no_qualified_one() -> None:
    call = agency_call()
    call.hear("I'm looking to buy a house.")
    call.happen(CallerHungUp())
    assert disposition(call.state) is Disposition.CALLBACK
    assert score(call.state, AGENCY) == 20


def test_a_business_without_leads_qualifies_nobody() -> None:
    facts = understand("I'm looking to buy a house.", expects=Expect.SERVICE, tenant=TENANT, now=NOW)
    assert facts.lead is None
    assert score(new_call(CALLER), TENANT) is None


@pytest.mark.parametrize(
    ("facts", "points", "expected"),
    [
        (LeadFacts(), 0, Band.COLD),
        (LeadFacts(Interest.RENT, timeline_months=24), 10, Band.COLD),
        (LeadFacts(Interest.BUY, 10_000_000, 2), 45, Band.WARM),
        (LeadFacts(Interest.BUY, 20_000_000, 2), 65, Band.WARM),
        (LeadFacts(Interest.SELL, 20_000_000, 12, None, True), 70, Band.HOT),
    ],
)
def test_the_score_adds_what_the_table_says(facts: LeadFacts, points: int, expected: Band) -> None:
    state = replace(new_call(CALLER), lead=Lead(facts))
    assert score(state, AGENCY) == points
    assert band(points) is expected


@pytest.mark.parametrize(
    ("text", "cents"),
    [("450 thousand", 45_000_000), ("$450,000", 45_000_000), ("four hundred fifty thousand", 45_000_000),
     ("between 400 and 450 thousand", 45_000_000), ("1.2 million", 120_000_000), ("about 350k", 35_000_000),
     ("450", 45_000_000), ("three bedrooms", None)],
)  # fmt: skip
def test_a_budget_as_it_is_said(text: str, cents: int | None) -> None:
    call = agency_call()
    call.hear("I'm looking to buy a house.")
    facts = understand(text, expects=call.state.expects, tenant=AGENCY, now=NOW)
    assert (facts.lead.budget_cents if facts.lead else None) == cents
    assert facts.when is None
