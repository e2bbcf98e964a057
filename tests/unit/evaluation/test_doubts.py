"""What callers answer where the agent is not sure what they meant: yes to their own wish, and no to any other."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from loadtest.evaluation.business import load_business
from loadtest.evaluation.caller import Caller
from loadtest.evaluation.corpus import Corpus, all_turns
from loadtest.evaluation.plans import QUESTIONS, Booking, Goal, Plan

BUSINESS = load_business(Path("infra/local/tenants/riverside-dental.yaml"))
WISH = Booking("cleaning", datetime(2026, 12, 10, 10, 30), "Dana Smith", "+15550123456")
OWN = replace(WISH, start=datetime(2026, 12, 3, 9))
GOALS = {
    "book": Goal("book", WISH), "move": Goal("move", WISH, own=OWN), "cancel": Goal("cancel", own=OWN),
    "message": Goal("message"), "message_instead": Goal("message_instead"), "human": Goal("human"),
    "ask": Goal("ask", questions=QUESTIONS[:3]),
}  # fmt: skip
BOOK, MOVE = "Would you like to book cleaning?", "Would you like to move an appointment you already have?"
CANCEL = "Would you like to cancel an appointment you already have?"
PERSON = "Would you like to speak with a person?"
TIME, OTHER_TIME = "Do you mean Thursday, December 10th at 10:30 AM?", "Do you mean Thursday, December 10th at 10 AM?"
DAY, OTHER_DAY = "Do you mean Thursday, December 10th?", "Do you mean Friday, December 11th?"
RIGHT = {
    BOOK: {"book"}, MOVE: {"move"}, CANCEL: {"cancel"}, PERSON: {"message_instead", "human"}, TIME: {"book", "move"},
    OTHER_TIME: set(), DAY: {"book", "move"}, OTHER_DAY: set(), "Would you like to book filling?": set(),
    "Do you still want your cleaning on Thursday, December 10th at 10:30 AM?": {"book", "move"},
    "Do you still want to move your cleaning on Thursday, December 3rd at 9 AM?": {"move"},
    "Do you still want to move your cleaning on Friday, December 4th at 9 AM?": set(),
    "Do you still want to leave a message?": {"message", "message_instead"},
    "That's the list for cleaning on Thursday, December 10th, for Dana Smith, phone: 555-012-3456. Is that right?":
        set(),
}  # fmt: skip


def caller(kind: str, seed: int = 1) -> Caller:
    booked = (OWN,) if GOALS[kind].own else ()
    plan = Plan(1, datetime(2026, 12, 1, 8), WISH.name, WISH.phone, WISH.phone, (GOALS[kind],), booked)
    made = Caller(plan, BUSINESS, Corpus("development"), random.Random(seed))
    made.reply("How can I help you today?")
    return made


def said(asked: Caller, words: str) -> str:
    utterance = asked.reply(words).utterance
    assert utterance is not None
    return utterance.text


@pytest.mark.parametrize("kind", [kind for kind in GOALS if kind != "ask"])
@pytest.mark.parametrize("question", RIGHT)
def test_a_doubt_is_answered_by_what_the_caller_wants(kind: str, question: str) -> None:
    yes = {turn.text for turn in all_turns() if turn.kind == "affirm"}
    assert (said(caller(kind), question) in yes) is (kind in RIGHT[question])


@pytest.mark.parametrize(("question", "named"), [(OTHER_TIME, "10"), ("Would you like to book filling?", "cleaning")])
def test_what_is_not_his_is_corrected_with_what_is(question: str, named: str) -> None:
    assert named in said(caller("book"), question)


def test_who_has_not_got_everything_says_so_when_asked_whether_that_is_all() -> None:
    asked = caller("cancel")
    assert "cancel" in said(asked, "Is that all for today?").lower()
    asked.pursuit.is_done = True
    assert said(asked, "Is that all for today?") == "Yes."


def test_who_only_asks_asks_again() -> None:
    asked = caller("ask")
    assert "?" in said(asked, BOOK)
