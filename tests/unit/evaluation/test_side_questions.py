"""Callers who ask the business something in the middle of what they came for."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from loadtest.evaluation.base_questions import BaseQuestion, QuestionsError, load_questions
from loadtest.evaluation.business import load_business
from loadtest.evaluation.caller import Caller
from loadtest.evaluation.corpus import Corpus
from loadtest.evaluation.dialogue import Exchange, Transcript
from loadtest.evaluation.judge import judge
from loadtest.evaluation.phrasing import Utterance
from loadtest.evaluation.plans import Booking, Goal, Plan, draw
from loadtest.evaluation.question_figures import question_figures, question_lines
from loadtest.evaluation.question_judging import Told
from loadtest.evaluation.run import Case, Run, with_question
from loadtest.evaluation.side_question import what_is_asked

BUSINESS = load_business(Path("infra/local/tenants/riverside-dental.yaml"))
WISH = Booking("cleaning", datetime(2026, 12, 10, 10, 30), "Dana Smith", "+15550123456")
PARKING = BaseQuestion("where do i put my car", frozenset({"first-visit.md#where-can-i-park"}))
UNKNOWN = BaseQuestion("do you cut hair")
HELP, NAME = "How can I help you today?", "What name should I put it under?"
MORE = "Is there anything else I can help with?"
WISHED = re.compile("clean|hygienist")
NO = re.compile(r"\b(?:no|nope|not|doesn't|don't)\b", re.IGNORECASE)
READ_BACK = (
    "So that's cleaning on Thursday, December 10th at 10:30 AM, for Dana Smith, phone: 555-012-3456. Is that right?"
)
SPOKEN = {"passage": "riverside-dental/first-visit.md#where-can-i-park", "used": "spoken", "score": 0.9}
OTHER = {"passage": "riverside-dental/policies.md#deposits", "used": "spoken", "score": 0.8}
ABOUT = {**SPOKEN, "used": "asked_about"}
DONT_KNOW = "I don't know that, but I can take a message for the team. What name should I put it under?"


def plan(question: BaseQuestion | None = PARKING, at: int = 1) -> Plan:
    return Plan(
        1, datetime(2026, 12, 1, 8), WISH.name, WISH.phone, WISH.phone, (Goal("book", WISH),), question=question,
        asks_at=at, talkative=1.0,
    )  # fmt: skip


def caller(question: BaseQuestion | None = PARKING, at: int = 1) -> Caller:
    return Caller(plan(question, at), BUSINESS, Corpus("development"), random.Random(1))


def said(asked: Caller, words: str) -> str:
    utterance = asked.reply(words).utterance
    assert utterance is not None
    return utterance.text


def test_the_sets_of_the_businesses_can_be_read_and_what_is_none_is_named(tmp_path: Path) -> None:
    questions = load_questions(Path("tests/data/knowledge/riverside-dental/usual.jsonl"))
    assert len(questions) > 150
    assert 40 < sum(not each.expects for each in questions) < 60
    (tmp_path / "set.jsonl").write_text(json.dumps({"asked": "x"}))
    for path in (tmp_path / "set.jsonl", tmp_path / "none.jsonl"):
        with pytest.raises(QuestionsError, match=path.name):
            load_questions(path)


def test_a_third_of_those_who_want_an_appointment_ask_and_differ_in_nothing_else() -> None:
    drawn = [draw(index, seed=1, business=BUSINESS) for index in range(600)]
    asking = [with_question(each, (PARKING, UNKNOWN), seed=1) for each in drawn]
    assert [replace(each, question=None, asks_at=1) for each in asking] == drawn
    with_one = [each for each in asking if each.question is not None]
    kinds = {"book", "move", "cancel"}
    may = [each for each in drawn if kinds & {goal.kind for goal in each.goals}]
    assert 0.28 < len(with_one) / len(may) < 0.38
    assert all(kinds & {goal.kind for goal in each.goals} for each in with_one)
    assert [with_question(each, (), seed=1) for each in drawn[:50]] == drawn[:50]


def test_he_asks_once_and_then_goes_on_with_his_goal() -> None:
    asked = caller()
    assert said(asked, HELP) == PARKING.words
    assert WISHED.search(said(asked, f"Behind the house. {MORE}"))
    assert said(asked, NAME) != PARKING.words


def test_he_waits_for_his_turn_and_asks_nothing_where_a_yes_is_wanted() -> None:
    asked = caller(at=2)
    assert said(asked, HELP) != PARKING.words
    assert said(asked, READ_BACK) != PARKING.words
    assert said(asked, NAME) == PARKING.words


@pytest.mark.parametrize(
    ("title", "is_his"),
    [("Where can I park?", True), ("Where can I bark", True), ("Do I pay a deposit?", False), ("Parking", False)],
)
def test_asked_whether_a_question_was_meant_he_says_yes_to_his_own(title: str, is_his: bool) -> None:
    asked = caller()
    said(asked, HELP)
    answer = said(asked, f"Is this your question: {title}")
    refused = caller()
    said(refused, HELP)
    no = said(refused, "Do you want to know this: Can Dr. Lee cancel my name?")
    assert (answer != no) is is_his
    assert WISHED.search(said(asked, f"Behind the house. {MORE}"))


def test_who_asked_nothing_meant_no_question() -> None:
    assert NO.search(said(caller(None), "Is this your question: Where can I park?"))


@pytest.mark.parametrize(
    ("reply", "heeded"),
    [
        ("A filling takes an hour. Our whitening is on Monday, May 3rd at 3 PM. What name is it?", "What name is it?"),
        (f"We do whitening. {READ_BACK}", READ_BACK),
        ("Ask Dr. Lee on Friday. On Thursday, December 3rd I have 9 AM or 10 AM. Which would you like?",
         "On Thursday, December 3rd I have 9 AM or 10 AM. Which would you like?"),
        ("It's free. So far I have 555, 012. What's the rest of the number?",
         "So far I have 555, 012. What's the rest of the number?"),
        ("Parking is free. I have Friday, June 4th at 2 PM with Dr. Lee. Would that work?",
         "I have Friday, June 4th at 2 PM with Dr. Lee. Would that work?"),
        ("You are booked for cleaning on Friday, June 4th at 2 PM. Anything else?",
         "You are booked for cleaning on Friday, June 4th at 2 PM. Anything else?"),
        ("Thank you, and see you then. Goodbye.", "Thank you, and see you then. Goodbye."),
    ],
)  # fmt: skip
def test_of_an_answer_he_keeps_what_he_is_asked(reply: str, heeded: str) -> None:
    assert what_is_asked(reply) == heeded


def test_only_of_the_reply_to_his_question() -> None:
    asked = caller()
    assert asked.heeded(f"First. {NAME}") == f"First. {NAME}"
    said(asked, HELP)
    assert asked.heeded(f"First. {NAME}") == NAME
    said(asked, "Is this your question: Where can I park?")
    assert asked.heeded(f"First. {NAME}") == NAME
    said(asked, NAME)
    assert asked.heeded(f"First. {NAME}") == f"First. {NAME}"


def case(question: BaseQuestion | None, *replies: tuple[str, list[dict[str, Any]]]) -> Case:
    """A call in which a question is the first turn; the replies to it and to what he says then."""
    call = Transcript(plan(question), caller(question))
    for place, (reply, cited) in enumerate(replies):
        words = Utterance(question.words, is_side_question=True) if question and not place else Utterance("Yes.")
        call.exchanges.append(Exchange(words, words.text, reply, None, {}, "name", (), tuple(cited)))
    return Case(call, judge(call))


@pytest.mark.parametrize(
    ("question", "replies", "told"),
    [
        (PARKING, [("Behind the house. What name?", [SPOKEN, {**OTHER, "used": "passed_over"}])], Told.ANSWERED),
        (PARKING, [("A deposit is fifty dollars. What name?", [OTHER])], Told.WRONG),
        (PARKING, [("Is this your question: Parking", [ABOUT]), ("Behind the house.", [SPOKEN])], Told.ANSWERED),
        (PARKING, [("Is this your question: Parking", [ABOUT]), (DONT_KNOW, [])], Told.REFUSED),
        (PARKING, [(DONT_KNOW, [{**SPOKEN, "used": "passed_over"}])], Told.REFUSED),
        (PARKING, [("Sorry, I missed that. What name?", []), ("Behind the house.", [SPOKEN])], Told.OTHERWISE),
        (UNKNOWN, [(DONT_KNOW, [])], Told.REFUSED),
        (UNKNOWN, [("A deposit is fifty dollars. What name?", [OTHER])], Told.WRONG),
    ],
)
def test_a_question_is_judged_by_the_passages_that_were_said(
    question: BaseQuestion, replies: list[tuple[str, list[dict[str, Any]]]], told: Told
) -> None:
    result = case(question, *replies).verdict.question
    assert result is not None
    assert (result.told, result.is_asked_about) == (told, "Is this" in replies[0][0])


def test_figures_set_callers_with_a_question_beside_the_others() -> None:
    cases = [case(PARKING, ("Behind the house.", [SPOKEN])), case(UNKNOWN, ("A deposit.", [OTHER])), case(None)]
    figured = question_figures(Run(tuple(cases)))
    assert figured is not None
    assert (figured["callers"], figured["asked"]) == (2, 2)
    told = figured["told"]["all"]
    assert (told["with_answer"]["answered"], told["without_answer"]["wrong"]) == (1, 1)
    assert [figured["goals"]["book"][group]["all"]["eligible"] for group in ("with", "without")] == [2, 1]
    page = "\n".join(question_lines(figured))
    assert "| with an answer | all | 1 | 1 | 0 | 0 | 0 | 0 | 100.0% |" in page
    assert "| book | without a question | all | 1 | 0 | 0.0% |" in page


def test_where_nobody_asks_there_is_nothing_to_report() -> None:
    assert question_figures(Run((case(None),))) is None
    assert question_lines(None) == []
