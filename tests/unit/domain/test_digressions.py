"""Questions, doubts and requests about how we speak, at every point of a booking."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from agent.dialogue.prompts import phrase
from agent.domain.answering import answer
from agent.domain.call import PENDING_STAGES, TABLE, Stage, advance, new_call
from agent.domain.events import CallerHungUp, PromptCut, Said, Silent
from agent.domain.facts import Emergency, Expect, Facts, Wish
from agent.domain.knowledge import Knowledge
from agent.domain.lines import LineKey
from agent.domain.manner import GAINS, RATES, gain_of, rate_of
from agent.domain.objections import Objection
from agent.domain.outcome import Disposition, disposition
from agent.domain.questions import Question, Topic
from agent.domain.requests import ConfirmBooking
from agent.domain.side_talk import MOST_UNANSWERED
from agent.domain.tenant import LocalInterval, MessageRules, Recording
from tests.unit.domain.desk import NOW, TENANT, Desk
from tests.unit.domain.test_call_table import states_of

K = LineKey
PARKING = Question(Topic.FACT, fact_id="parking")
#: Where words without a sense of their own are, or go on with, a message.
DICTATED = (Stage.MESSAGE, Stage.MESSAGE_URGENCY)
ASKING = sorted({stage for stage, kind in TABLE if kind is Said} - PENDING_STAGES, key=lambda stage: stage.value)


def said(question: Question, now: datetime = NOW) -> str | None:
    lines = answer(question, new_call(None), now, TENANT)
    return phrase(lines, TENANT, now, seed=0) if lines else None


def desk_after(*turns: str) -> Desk:
    desk = Desk()
    desk.answer()
    for turn in turns:
        desk.hear(turn)
    return desk


BOOKING = ("A cleaning.", "Next Thursday at 3.", "Dana Smith.", "555-012-3456")


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


def test_a_doubt_is_answered_in_the_businesss_words_once_and_then_let_rest() -> None:
    desk = desk_after(*BOOKING)
    assert desk.hear("That's too expensive.") == [K.OWN_WORDS, K.READ_BACK_SHORT]
    assert desk.hear("It's really too expensive.") == [K.OFFER_REST]
    assert desk.hear("No.") == [K.READ_BACK_SHORT]
    assert desk.state.side.paused is None
    assert desk.hear("Yes.")[0] is K.BOOKED


def test_a_yes_to_leave_it_books_nothing_and_gives_the_hold_back() -> None:
    desk = desk_after(*BOOKING)
    assert desk.hear("I need to think about it.") == [K.OBJECTION_HEARD, K.OFFER_REST]
    assert desk.hear("Yes.") == [K.FAREWELL]
    assert desk.is_hung_up
    assert not desk.booked
    assert not desk.holds


def test_leaving_it_stays_the_open_question_through_silence_and_interruption() -> None:
    desk = desk_after(*BOOKING)
    desk.hear("I need to think about it.")
    assert desk.happen(Silent(1)) == [K.OFFER_REST, K.KEYS_YES_NO]
    desk.happen(PromptCut(0.1))
    assert desk.hear("What?") == [K.OFFER_REST]
    assert desk.hear("Louder, please.") == [K.LOUDER_NOW, K.OFFER_REST]
    desk.happen(Silent(2))
    assert desk.hear("Yes.") == [K.OFFER_REST]
    assert desk.hear("Yes.") == [K.FAREWELL]
    assert not desk.booked


def test_another_wish_instead_of_leaving_it_is_followed() -> None:
    desk = desk_after(*BOOKING)
    desk.hear("I need to think about it.")
    assert desk.hear("Actually, Friday at ten.") == [K.READ_BACK]
    assert desk.state.expects is Expect.YES_NO


def test_a_doubt_beside_a_yes_takes_the_yes_back() -> None:
    desk = desk_after(*BOOKING)
    desk.happen(Said(Facts(objection=Objection.PRICE, answer=True)))
    assert not any(isinstance(effect, ConfirmBooking) for effect in desk.effects)


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


@pytest.mark.parametrize("stage", ASKING)
def test_slower_and_louder_repeat_what_was_said_and_last_for_the_call(stage: Stage) -> None:
    for state in states_of(stage):
        if state.side.paused is not None:
            continue
        for wish, notice in ((Wish.SLOWER, K.SLOWER_NOW), (Wish.LOUDER, K.LOUDER_NOW)):
            step = advance(state, Said(Facts(wishes=frozenset({wish}))), NOW, TENANT)
            assert [line.key for line in step.say] == [notice, *(line.key for line in state.last_lines)]
            assert step.state.stage is stage
            again = advance(step.state, Said(Facts(wishes=frozenset({wish}))), NOW, TENANT)
            assert again.say == step.say
            assert (rate_of(again.state) < rate_of(step.state) < 1.0) is (wish is Wish.SLOWER)
            assert (gain_of(again.state) > gain_of(step.state) > 1.0) is (wish is Wish.LOUDER)


def test_slower_and_louder_are_bounded() -> None:
    state = states_of(Stage.TIME)[0]
    for _ in range(9):
        state = advance(state, Said(Facts(wishes=frozenset({Wish.SLOWER, Wish.LOUDER}))), NOW, TENANT).state
    assert (rate_of(state), gain_of(state)) == (RATES[-1], GAINS[-1])


def test_the_name_is_spelled_and_the_question_stays_open() -> None:
    desk = desk_after(*BOOKING)
    assert desk.hear("Can you spell that?") == [K.SPELLED, K.READ_BACK_SHORT]
    spelled = phrase(desk.state.last_lines[:1], TENANT, NOW, seed=0)
    assert spelled.startswith("The letters are: S, like Sam. M, like Mary. I, like island.")


def test_one_offer_is_said_again_and_still_to_be_chosen() -> None:
    desk = desk_after("A cleaning.", "Thursday after three.")
    assert desk.hear("What was the first one?") == [K.FIRST_WAS, K.OFFER_TWO_SAME_DAY]
    first = desk.state.offered[0].start_at.isoformat()
    assert desk.state.last_lines[0].args == (("start_at", first),)
    assert desk.state.hold is None
    assert desk.hear("What was the third one?") == [K.OFFER_TWO_SAME_DAY]
    assert desk.hear("The first one.") == [K.HELD, K.ASK_NAME]


def test_not_now_ends_a_call_in_which_nothing_is_open() -> None:
    parting = replace(new_call(None), stage=Stage.DONE, expects=Expect.YES_NO)
    step = advance(parting, Said(Facts(objection=Objection.TIMING)), NOW, TENANT)
    assert step.state.stage is Stage.ENDED
