"""Questions at every point of a call, and what becomes of the booking meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.call import Stage, advance
from agent.domain.events import CallerHungUp, Said
from agent.domain.facts import Emergency, Facts
from agent.domain.lines import LineKey
from agent.domain.objections import Objection
from agent.domain.outcome import Disposition, disposition
from agent.domain.questions import Question, Topic
from agent.domain.requests import ConfirmBooking
from agent.domain.side_talk import MOST_UNANSWERED
from agent.domain.tenant import MessageRules
from tests.unit.domain.asking import ASKING, BOOKING, desk_after
from tests.unit.domain.desk import NOW, TENANT
from tests.unit.domain.test_call_table import states_of

K = LineKey
PARKING = Question(Topic.FACT, fact_id="parking")
#: Where words without a sense of their own are, or go on with, a message.
DICTATED = (Stage.MESSAGE, Stage.MESSAGE_URGENCY)


@pytest.mark.parametrize("stage", [stage for stage in ASKING if stage not in DICTATED])
def test_a_question_is_answered_at_every_stage_and_nothing_is_lost(stage: Stage) -> None:
    for state in states_of(stage):
        if state.side.paused is not None:
            continue
        step = advance(state, Said(Facts(questions=(PARKING,))), NOW, TENANT)
        assert step.say[0].key is K.OWN_WORDS
        assert len(step.say) > 1
        assert not step.effects
        assert not step.reads
        assert step.state.misses == 0, "a question we can answer is understood"
        kept = ("service_id", "when", "hold", "name", "phone", "offered", "change", "lead", "aside", "appointments")
        if step.state.stage is stage:
            assert [getattr(step.state, name) for name in kept] == [getattr(state, name) for name in kept]
        else:
            assert (stage, step.state.stage) == (Stage.SERVICE, Stage.DONE)


@pytest.mark.parametrize("turns", range(len(BOOKING) + 1))
def test_a_booking_goes_on_after_questions_wherever_they_are_asked(turns: int) -> None:
    desk = desk_after(*BOOKING[:turns])
    assert desk.hear("Do you have parking?")[0] is K.OWN_WORDS
    assert desk.hear("How late are you open on Thursday?")[0] is K.ANSWER_CLOSES
    for turn in BOOKING[turns:]:
        desk.hear(turn)
    assert desk.hear("Yes.")[0] is K.BOOKED


def test_the_read_back_is_asked_again_shortly_and_its_yes_still_books() -> None:
    desk = desk_after(*BOOKING)
    assert desk.hear("How much is a cleaning?") == [K.ANSWER_PRICE, K.READ_BACK_SHORT]
    assert desk.hear("Yes.")[0] is K.BOOKED


def test_okay_and_a_question_books_nothing() -> None:
    desk = desk_after(*BOOKING)
    assert desk.hear("Okay, do you have parking?") == [K.OWN_WORDS, K.READ_BACK_SHORT]
    assert not any(isinstance(effect, ConfirmBooking) for effect in desk.effects)


def test_a_yes_and_a_question_book_and_answer() -> None:
    desk = desk_after(*BOOKING)
    assert desk.hear("Yes. And do you have parking?") == [K.OWN_WORDS, K.BOOKED, K.ASK_ANYTHING_ELSE]


def test_a_question_beside_a_wish_is_answered_before_the_booking_goes_on() -> None:
    desk = desk_after()
    spoken = desk.hear("How much is a cleaning, and do you have Thursday at three?")
    assert spoken == [K.ANSWER_PRICE, K.HELD, K.ASK_NAME]


def test_a_service_asked_about_is_the_one_that_is_booked_next() -> None:
    desk = desk_after()
    assert desk.hear("How much is a whitening?") == [K.ANSWER_PRICE, K.ASK_ANYTHING_ELSE]
    assert desk.hear("Can I book one for Thursday at three?") == [K.HELD, K.ASK_NAME]
    assert desk.state.service_id == "whitening"


def test_whoever_only_asks_is_served_and_not_declined() -> None:
    desk = desk_after("What are your hours?")
    assert desk.hear("No, that's all, thanks.") == [K.FAREWELL]
    assert disposition(desk.state) is Disposition.ANSWERED
    gone = desk_after("Where are you located?")
    gone.happen(CallerHungUp())
    assert disposition(gone.state) is Disposition.ANSWERED


def test_what_nobody_told_us_is_refused_in_a_sentence_and_kept() -> None:
    desk = desk_after("A cleaning.")
    assert desk.hear("Do you have a waiting room?") == [K.DONT_KNOW, K.ASK_WHEN]
    (question,) = desk.state.side.unanswered
    assert question.words == "Do you have a waiting room?"
    desk.hear("Do you have parking?")
    assert disposition(desk.state) is Disposition.ABANDONED


def test_questions_we_have_no_answer_to_lead_to_a_message_and_not_in_a_circle() -> None:
    desk = desk_after("A cleaning.")
    unknown = "Do you have a waiting room?"
    assert [desk.hear(unknown) for _ in range(2)] == [[K.DONT_KNOW, K.ASK_WHEN]] * 2
    assert desk.hear(unknown) == [K.LOST, K.OFFER_MESSAGE]
    assert desk.hear("Thursday at three.") == [K.HELD, K.ASK_NAME], "and the booking goes on"
    assert desk.hear(unknown) == [K.DONT_KNOW, K.ASK_NAME]
    assert desk.hear("How late are you open?")[0] is K.ANSWER_CLOSES
    assert [desk.hear(unknown) for _ in range(2)] == [[K.DONT_KNOW, K.ASK_NAME]] * 2, "only those in a row count"


def test_somebody_who_only_asks_what_we_do_not_know_is_parted_from() -> None:
    desk = desk_after()
    for _ in range(MOST_UNANSWERED):
        if not desk.is_hung_up:
            desk.hear("Do you have a waiting room?")
    assert desk.is_hung_up
    assert len(desk.state.side.unanswered) < MOST_UNANSWERED


def test_a_question_in_a_message_is_the_message() -> None:
    desk = desk_after("Can I leave a message?")
    assert desk.hear("Are you a robot?") == [K.IS_ASSISTANT, K.ASK_MESSAGE]
    assert desk.hear("Slower, please.") == [K.SLOWER_NOW, K.IS_ASSISTANT, K.ASK_MESSAGE]
    assert desk.hear("What are your hours?") == [K.ASK_MESSAGE_URGENT]
    desk.hear("And how much is a cleaning?")
    assert desk.state.aside is not None
    assert desk.state.aside.message is not None
    assert desk.state.aside.message.text == "What are your hours? And how much is a cleaning?"
    assert desk.state.side.answered == 0


def test_a_doubt_never_ends_a_message_that_is_being_taken() -> None:
    for state in states_of(Stage.CONFIRMING_MESSAGE):
        step = advance(state, Said(Facts(objection=Objection.THINK)), NOW, TENANT)
        assert step.state.side.paused is None
        assert step.state.aside == state.aside


def test_nobody_is_offered_a_message_where_none_is_taken() -> None:
    silent = replace(TENANT, messages=MessageRules(is_taken=False))
    step = advance(states_of(Stage.TIME)[0], Said(Facts(questions=(Question(Topic.UNKNOWN),))), NOW, silent)
    assert step.say[0].key is K.DONT_KNOW_ONLY


def test_a_question_to_be_passed_on_is_not_asked_of_us() -> None:
    desk = desk_after()
    assert K.ANSWER_CLOSES not in desk.hear("Tell Dr. Lee I need to know how late are you open on Thursday?")
    assert desk.state.aside is not None


def test_a_message_is_taken_after_the_question_beside_it() -> None:
    desk = desk_after()
    assert desk.hear("How much is a cleaning, and can I leave a message?") == [K.ANSWER_PRICE, K.ASK_MESSAGE]


def test_an_emergency_comes_before_any_question() -> None:
    step = advance(states_of(Stage.TIME)[0], Said(Facts(questions=(PARKING,), emergency=Emergency.DANGER)), NOW, TENANT)
    assert step.say[0].key is K.EMERGENCY
    assert all(line.key is not K.OWN_WORDS for line in step.say)
