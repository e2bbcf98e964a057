"""Callers with questions: what they take for an answer, and when they ask again."""

from __future__ import annotations

import random
from datetime import date, datetime
from pathlib import Path

import pytest

from loadtest.evaluation.business import load_business
from loadtest.evaluation.caller import PATIENCE, Caller
from loadtest.evaluation.corpus import Corpus
from loadtest.evaluation.dialogue import PERSON, Transcript
from loadtest.evaluation.judge import Result, judge
from loadtest.evaluation.phrasing import Facts
from loadtest.evaluation.plans import Goal, Plan
from loadtest.evaluation.short_pursuits import Asking, is_answer

BUSINESS = load_business(Path("infra/local/tenants/riverside-dental.yaml"))
NOW = datetime(2026, 12, 1, 8)
THURSDAY = Facts(day=date(2026, 12, 3))
MORE = " Is there anything else I can help with?"
MISSED = "Sorry, I missed that. How can I help you today?"
PARKING = "There is free parking right behind the building."
ADDRESS = "Our address is 12 Elm Street, next to the public library."


def caller_for(*goals: Goal) -> Caller:
    plan = Plan(1, NOW, "Dana Smith", "+15550123456", "+15550123456", goals, digresses_at=2)
    return Caller(plan, BUSINESS, Corpus("held_back"), random.Random(1))


def asking(*questions: str) -> tuple[Caller, Asking]:
    caller = caller_for(Goal("ask", questions=questions))
    (pursuit,) = caller.pursuits
    assert isinstance(pursuit, Asking)
    caller.reply("How can I help you today?")
    return caller, pursuit


@pytest.mark.parametrize(
    ("said", "told", "is_right"),
    [
        ("How late are you open on Thursday?", "On Thursday, December 3rd we close at 7 PM.", True),
        ("How late are you open on Thursday?", "On Thursday, December 3rd we close at 5 PM.", False),
        ("How late are you open on Thursday?", "On Tuesday, December 1st we're open from 8 AM to 7 PM.", False),
        ("When are you open on Thursday?", "On Thursday, December 3rd we close at 7 PM.", False),
        ("When are you open on Thursday?", "On Thursday, December 3rd we're open from 8 AM to 7 PM.", True),
    ],
)
def test_who_asks_how_late_wants_the_end_of_that_day_and_others_both_ends(said: str, told: str, is_right: bool) -> None:
    assert is_answer(told, "ask_hours", BUSINESS, THURSDAY, said=said) is is_right


def test_a_question_that_was_missed_is_asked_once_more() -> None:
    caller, pursuit = asking("ask_parking", "ask_address")
    caller.reply(MISSED)
    caller.reply(PARKING + MORE)
    caller.reply(MISSED)
    caller.reply(ADDRESS + MORE)
    assert (pursuit.answered, pursuit.is_done) == (["ask_parking", "ask_address"], True)


def test_a_question_that_is_missed_twice_or_not_known_stays_unanswered() -> None:
    for replies in ((MISSED, MISSED), ("I don't know that, but I can take a message." + MORE,)):
        caller, pursuit = asking("ask_parking", "ask_address")
        for words in replies:
            caller.reply(words)
        caller.reply(ADDRESS + MORE)
        assert (pursuit.answered, pursuit.is_done) == (["ask_address"], False)


def test_who_came_to_ask_gives_no_name_for_an_appointment() -> None:
    caller, _ = asking("ask_parking")
    caller.reply(PARKING + " What name should I put it under?")
    act = caller.reply(PARKING + " What name should I put it under?")
    assert act.utterance is not None
    assert "Dana" not in act.utterance.text


def test_who_gets_answers_does_not_mind_the_same_question_after_each() -> None:
    caller, pursuit = asking(*["ask_parking", "ask_address"] * PATIENCE)
    for _ in range(PATIENCE):
        caller.reply(PARKING + " What day and time would you like?")
        caller.reply(ADDRESS + " What day and time would you like?")
    assert pursuit.is_done
    assert caller.left_because is None


@pytest.mark.parametrize(("transfers", "result"), [([PERSON], Result.DONE), ([], Result.FAILED)])
def test_a_person_is_reached_when_the_caller_was_put_through(transfers: list[str], result: Result) -> None:
    caller = caller_for(Goal("human"))
    caller.reply("How can I help you today?")
    offered = caller.reply("Shall I put you through to someone?")
    assert offered.utterance is not None
    assert not caller.pursuits[0].is_done
    caller.reply("I'll put you through. One moment, please.")
    call = Transcript(caller.plan, caller, transfers=transfers)
    assert [each.result for each in judge(call).goals] == [result]
