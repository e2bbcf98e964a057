"""What the knowledge base found, in the rules: spoken, asked about, or refused and kept for the business."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import UUID

import pytest

from agent.domain.call import advance, new_call
from agent.domain.events import Answered, Said
from agent.domain.facts import Expect, Facts, Step
from agent.domain.lines import Line, LineKey, cited
from agent.domain.objections import Objection
from agent.domain.passages import Finding, Found, Verdict
from agent.domain.questions import Question, Topic
from agent.domain.state import CallState, Stage, Transition
from tests.unit.domain.desk import CALLER, NOW, TENANT
from tests.unit.domain.test_call_table import states_of

K = LineKey
PARKING = Found(UUID(int=1), 3, "visits.md", "parking", "Parking", "Behind the house.", 0.9)
FINDING = Finding(Verdict.ACCEPT, (PARKING,), 0.6, 0.4)
LIKELY = replace(FINDING, verdict=Verdict.CONFIRM)
REFUSED = replace(FINDING, verdict=Verdict.REFUSE)


def asks(finding: Finding | None, topic: Topic = Topic.PASSAGE, **more: object) -> Facts:
    question = Question(topic, "where do I put my car", finding=finding)
    is_doubtful = topic is Topic.PASSAGE and finding is LIKELY
    return replace(Facts(questions=(question,), step=Step.PASSAGE, is_doubtful=is_doubtful), **more)  # type: ignore[arg-type]


def said(state: CallState, facts: Facts) -> Transition:
    return advance(state, Said(facts), NOW, TENANT)


@pytest.fixture
def asked() -> CallState:
    return advance(new_call(CALLER), Answered(), NOW, TENANT).state


def test_a_certain_passage_is_spoken_with_its_source(asked: CallState) -> None:
    step = said(asked, asks(FINDING))
    assert step.say[0] == cited(PARKING)
    assert dict(step.say[0].args)["passage_id"] == str(PARKING.passage_id)
    assert dict(step.say[0].args)["text"] == "Behind the house."
    assert (step.state.side.answered, step.state.side.unanswered) == (1, ())


def test_a_likely_one_is_asked_about_by_its_title_and_spoken_on_a_yes(asked: CallState) -> None:
    step = said(asked, asks(LIKELY))
    assert [each.key for each in step.say] == [K.MEANT_PASSAGE]
    assert dict(step.say[0].args)["text"] == "Parking"
    assert step.state.side.answered == 0
    confirmed = said(step.state, Facts(answer=True))
    assert confirmed.say[0] == cited(PARKING)


def test_a_no_to_it_is_an_unanswered_question(asked: CallState) -> None:
    step = said(said(asked, asks(LIKELY)).state, Facts(answer=False))
    assert step.say[0].key in (K.DONT_KNOW, K.DONT_KNOW_ONLY)
    assert [question.words for question in step.state.side.unanswered] == ["where do I put my car"]
    assert (step.reads, step.effects) == ((), ())


def test_what_is_refused_is_kept_for_the_business_without_what_was_found(asked: CallState) -> None:
    step = said(asked, asks(REFUSED, Topic.UNKNOWN))
    assert step.say[0].key in (K.DONT_KNOW, K.DONT_KNOW_ONLY)
    assert [question.finding for question in step.state.side.unanswered] == [None]


def test_a_passage_that_is_only_likely_is_never_spoken_beside_other_facts(asked: CallState) -> None:
    step = said(asked, asks(LIKELY, Topic.UNKNOWN, service_id="cleaning"))
    assert K.OWN_WORDS not in [each.key for each in step.say]


@pytest.mark.parametrize(("finding", "is_spoken"), [(FINDING, True), (LIKELY, False), (REFUSED, False), (None, False)])
def test_how_much_is_parking_asks_for_no_services_price(
    asked: CallState, finding: Finding | None, is_spoken: bool
) -> None:
    step = said(asked, asks(finding, Topic.PRICE))
    assert (step.say[0].key is K.OWN_WORDS) is is_spoken


def test_a_passage_that_was_meant_is_surer_than_a_fact_that_shares_a_word(asked: CallState) -> None:
    assert said(asked, asks(FINDING, Topic.FACT)).say[0] == cited(PARKING)
    assert said(asked, asks(LIKELY, Topic.FACT)).say[0].key is not K.OWN_WORDS


def test_a_named_services_price_is_computed_whatever_the_base_says(asked: CallState) -> None:
    question = Question(Topic.PRICE, "how much is a cleaning", "cleaning", finding=FINDING)
    step = said(asked, Facts(questions=(question,)))
    assert step.say[0].key is K.ANSWER_PRICE


def test_opening_hours_are_computed_whatever_the_base_says(asked: CallState) -> None:
    step = said(asked, asks(FINDING, Topic.HOURS))
    assert step.say[0].key is K.ANSWER_WEEK


def test_an_objection_is_met_in_the_businesss_own_words_once_and_the_goal_stands() -> None:
    state = states_of(Stage.CONFIRMING)[0]
    reply = Finding(Verdict.ACCEPT, (replace(PARKING, is_objection=True, spoken="It lasts longer."),), 0.6, 0.4)
    step = said(state, Facts(objection=Objection.PRICE, reply=reply))
    assert dict(step.say[0].args)["text"] == "It lasts longer."
    assert (step.state.stage, step.state.hold) == (state.stage, state.hold)
    assert step.state.question == state.question
    again = said(step.state, Facts(objection=Objection.PRICE, reply=reply))
    assert "It lasts longer." not in [dict(each.args).get("text") for each in again.say]


def test_a_question_in_mid_booking_loses_nothing_of_it() -> None:
    for state in states_of(Stage.CONFIRMING):
        step = said(state, asks(FINDING))
        assert (step.state.stage, step.state.hold, step.state.name) == (state.stage, state.hold, state.name)
        assert step.effects == ()


def test_a_state_with_an_open_question_about_a_passage_survives_json(asked: CallState) -> None:
    state = said(asked, asks(LIKELY)).state
    assert CallState.from_json(json.loads(json.dumps(state.to_json()))) == state
    assert state.expects is Expect.YES_NO


def test_lines_of_the_business_bear_their_source_and_others_none() -> None:
    assert "passage_id" in dict(cited(PARKING).args)
    assert dict(Line(K.DONT_KNOW).args) == {}
