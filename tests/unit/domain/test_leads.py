"""Leads: who is asked, what is asked, what it comes to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from agent.domain.call import CallState, Stage, advance, new_call
from agent.domain.events import Answered, CallerHungUp, Said
from agent.domain.facts import Expect
from agent.domain.knowledge import Knowledge, LeadRules
from agent.domain.lead import Financing, Interest, Lead, LeadFacts
from agent.domain.leads import Band, band, score
from agent.domain.lines import LineKey
from agent.domain.outcome import Disposition, disposition
from agent.understanding import understand
from tests.unit.domain.desk import CALLER, NOW, TENANT

K = LineKey
AGENCY = replace(TENANT, knowledge=Knowledge(leads=LeadRules(least_budget_cents=20_000_000)))


@dataclass
class Call:
    """A call to the agency."""

    state: CallState = field(default_factory=lambda: new_call(CALLER))

    def __post_init__(self) -> None:
        self.state = advance(self.state, Answered(), NOW, AGENCY).state

    def hear(self, text: str) -> list[LineKey]:
        facts = understand(text, expects=self.state.expects, tenant=AGENCY, now=NOW)
        step = advance(self.state, Said(facts), NOW, AGENCY)
        self.state = CallState.from_json(step.state.to_json())
        return [line.key for line in step.say]


def test_a_buyer_is_asked_five_questions_and_scored() -> None:
    call = Call()
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


def test_a_seller_is_asked_who_decides_and_not_how_it_is_paid() -> None:
    call = Call()
    assert call.hear("I want to sell my house.") == [K.LEAD_BUDGET]
    assert call.hear("half a million") == [K.LEAD_TIMELINE]
    assert call.hear("No hurry.") == [K.LEAD_DECISION]
    assert call.hear("No, with my wife.") == [K.ASK_NAME]
    assert call.state.lead is not None
    assert call.state.lead.facts == LeadFacts(Interest.SELL, 50_000_000, 24, None, False)


def test_what_was_told_at_once_is_not_asked_again() -> None:
    call = Call()
    call.hear("I'm looking to buy a house.")
    assert call.hear("Up to $400,000, right away, and we pay cash.") == [K.ASK_NAME]


@pytest.mark.parametrize("words", ["Skip.", "I'd rather not say.", "I don't know.", "None of your business."])
def test_a_question_the_caller_declines_is_passed_over(words: str) -> None:
    call = Call()
    call.hear("I'm looking to buy a house.")
    assert call.hear(words) == [K.LEAD_TIMELINE]
    assert call.state.lead is not None
    assert call.state.lead.passed_over == ("budget",)


def test_questions_and_doubts_do_not_end_the_qualifying() -> None:
    call = Call()
    call.hear("I'm looking to buy a house.")
    assert call.hear("Are you a robot?") == [K.IS_ASSISTANT, K.LEAD_BUDGET]
    assert call.hear("What are your hours?") == [K.ANSWER_WEEK, K.LEAD_BUDGET]
    assert call.state.stage is Stage.QUALIFYING


def test_whoever_rather_books_is_booked() -> None:
    call = Call()
    call.hear("I'm looking to buy a house.")
    assert call.hear("Can I just book a cleaning?") == [K.ASK_WHEN]


def test_a_lead_without_a_number_is_no_qualified_one() -> None:
    call = Call()
    call.hear("I'm looking to buy a house.")
    call.state = advance(call.state, CallerHungUp(), NOW, AGENCY).state
    assert disposition(call.state) is Disposition.ABANDONED
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
    call = Call()
    call.hear("I'm looking to buy a house.")
    facts = understand(text, expects=call.state.expects, tenant=AGENCY, now=NOW)
    assert (facts.lead.budget_cents if facts.lead else None) == cents
    assert facts.when is None
