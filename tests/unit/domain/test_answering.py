"""What a question is answered: computed from the document, never invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from agent.dialogue.prompts import phrase
from agent.domain.answering import answer
from agent.domain.call import advance, new_call
from agent.domain.events import Said
from agent.domain.facts import Facts
from agent.domain.knowledge import Knowledge
from agent.domain.lines import LineKey
from agent.domain.objections import Objection
from agent.domain.questions import Question, Topic
from agent.domain.tenant import LocalInterval, Recording
from tests.unit.domain.asking import desk_after
from tests.unit.domain.desk import NOW, TENANT

K = LineKey


def said(question: Question, now: datetime = NOW) -> str | None:
    lines = answer(question, new_call(None), now, TENANT)
    return phrase(lines, TENANT, now, seed=0) if lines else None


ANSWERS = [
    (Question(Topic.HOURS, first_on=date(2026, 11, 26), last_on=date(2026, 11, 26)),
     "On Thursday, November 26th we're open from 8 AM to 7 PM."),
    (Question(Topic.HOURS, first_on=date(2026, 12, 25), last_on=date(2026, 12, 25)),
     "We're closed on Friday, December 25th."),
    (Question(Topic.HOURS, first_on=date(2026, 11, 28), last_on=date(2026, 11, 29)),
     "We're closed on Saturday, November 28th and Sunday, November 29th."),
    (Question(Topic.HOURS),
     "We're open Monday, Tuesday, Wednesday and Friday from 8 AM to 5 PM and Thursday from 8 AM to 7 PM."),
    (Question(Topic.CLOSES, first_on=date(2026, 11, 26)), "On Thursday, November 26th we close at 7 PM."),
    (Question(Topic.CLOSES), "On Monday, November 23rd we close at 5 PM."),
    (Question(Topic.OPENS, first_on=date(2026, 11, 22)), "We're closed on Sunday, November 22nd."),
    (Question(Topic.OPEN_NOW), "We're closed right now. We open again on Monday, November 23rd at 8 AM."),
    (Question(Topic.HOLIDAYS), "We're closed on Friday, December 25th and Friday, January 1st."),
    (Question(Topic.PRICE, service_id="filling"), "The price for filling is $210."),
    (Question(Topic.DURATION, service_id="cleaning"), "Please allow 45 minutes for cleaning."),
    (Question(Topic.DURATION, service_id="filling"), "Please allow an hour for filling."),
    (Question(Topic.STAFF, service_id="whitening"), "You would be seen by Dr. Lee."),
    (Question(Topic.ADDRESS), "Our address is 12 Elm Street, next to the public library."),
    (Question(Topic.BUSINESS), "This is Riverside Dental."),
    (Question(Topic.FACT, fact_id="removed-since"), None),
]  # fmt: skip


@pytest.mark.parametrize(("question", "spoken"), ANSWERS)
def test_answers_are_computed_from_the_document(question: Question, spoken: str | None) -> None:
    assert said(question) == spoken


def test_open_now_knows_the_break_at_noon() -> None:
    broken = (LocalInterval(datetime(1, 1, 1, 8).time(), datetime(1, 1, 1, 12).time()),
              LocalInterval(datetime(1, 1, 1, 13).time(), datetime(1, 1, 1, 17).time()))  # fmt: skip
    tenant = replace(TENANT, opening_rules={0: broken})
    for hour_utc, key in ((14, K.ANSWER_OPEN_NOW), (17, K.ANSWER_CLOSED_NOW), (18, K.ANSWER_OPEN_NOW)):
        monday = datetime(2026, 11, 23, hour_utc, 30, tzinfo=UTC)
        lines = answer(Question(Topic.OPEN_NOW), new_call(None), monday, tenant)
        assert lines is not None
        assert lines[0].key is key


def test_a_price_that_is_not_quoted_is_not_invented() -> None:
    silent = replace(TENANT, services=tuple(replace(each, price_cents=None) for each in TENANT.services))
    for question in (Question(Topic.PRICE), Question(Topic.PRICE, service_id="cleaning")):
        assert answer(question, new_call(None), NOW, silent) is None


def test_no_list_is_longer_than_three() -> None:
    many = replace(TENANT, services=TENANT.services * 3, staff=TENANT.staff * 3, closures=TENANT.closures * 3)
    for topic in Topic:
        for line in answer(Question(topic), new_call(None), NOW, many) or ():
            assert all(value.count("|") <= 2 or name == "open_week" for name, value in line.args)
            assert all(value.count(",") <= 2 for name, value in line.args if name == "closed_days")


def test_we_say_what_we_are_and_whether_we_record() -> None:
    desk = desk_after("A cleaning.")
    assert desk.hear("Are you a robot?") == [K.IS_ASSISTANT, K.ASK_WHEN]
    assert desk.hear("Are you a robot?") == [K.IS_ASSISTANT, K.ASK_WHEN]
    assert desk.hear("Is this call recorded?") == [K.IS_RECORDED, K.ASK_WHEN]
    desk.hear("Stop recording.")
    assert desk.hear("Is this call recorded?") == [K.IS_NOT_RECORDED, K.ASK_WHEN]
    off = replace(TENANT, recording=Recording.OFF, recording_text="", knowledge=Knowledge())
    step = advance(desk.state, Said(Facts(objection=Objection.RECORDED)), NOW, off)
    assert step.say[0].key is K.IS_NOT_RECORDED
