"""Leaving a message, in the words of callers: taken, corrected, read back, stored once, never lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.call import new_call
from agent.domain.events import CallerHungUp, PromptCut, Silent
from agent.domain.lines import LineKey as K
from agent.domain.notes import Message, Reason, message_key
from agent.domain.outcome import Disposition, disposition
from agent.domain.requests import TakeMessage
from agent.domain.state import Stage
from agent.domain.tenant import MessageRules
from tests.unit.domain.desk import CALLER, TENANT, Desk


def answered(**rules: bool) -> Desk:
    desk = Desk(tenant=replace(TENANT, messages=MessageRules(**rules)))
    desk.answer()
    return desk


def to_the_read_back() -> Desk:
    desk = answered()
    assert desk.hear("Can I leave a message for Dr. Lee?") == [K.ASK_MESSAGE]
    assert desk.hear("I'm running about ten minutes late.") == [K.ASK_MESSAGE_URGENT]
    assert desk.hear("No.") == [K.ASK_NAME]
    assert desk.hear("Dana Smith.") == [K.READ_BACK_MESSAGE]
    return desk


def taken(desk: Desk) -> Message:
    (message,) = desk.messages.values()
    return message


def test_a_message_is_asked_for_read_back_and_stored_on_a_yes() -> None:
    desk = to_the_read_back()
    assert not desk.messages
    assert desk.hear("Yes, that's right.") == [K.MESSAGE_TAKEN, K.ASK_ANYTHING_ELSE]
    words = "I'm running about ten minutes late."
    assert taken(desk) == Message(Reason.MESSAGE, words, "Dr. Lee", False, "Dana Smith", CALLER, is_confirmed=True)
    assert desk.hear("No, that's all.") == [K.FAREWELL]
    assert disposition(desk.state) is Disposition.MESSAGE


def test_words_that_come_with_the_wish_are_not_asked_for_again() -> None:
    desk = answered()
    assert desk.hear("Just tell Dr. Lee that I'm running late, no rush.") == [K.ASK_NAME]
    assert desk.hear("Dana Smith.") == [K.READ_BACK_MESSAGE]
    desk.hear("Yes.")
    assert taken(desk).text == "tell Dr. Lee that I'm running late, no rush."
    assert taken(desk).is_urgent is False


def test_no_urgency_is_asked_for_where_the_business_does_not_want_it() -> None:
    desk = answered(asks_urgency=False)
    desk.hear("I'd like to leave a message.")
    assert desk.hear("My crown fell out again.") == [K.ASK_NAME]


def test_this_trades_urgent_words_make_a_message_urgent() -> None:
    desk = Desk(tenant=replace(TENANT, messages=MessageRules(urgent_words=("swelling",))))
    desk.answer()
    desk.hear("Have someone call me back.")
    assert desk.hear("There is some swelling after the filling.") == [K.ASK_NAME]
    assert desk.hear("Dana Smith.") == [K.MESSAGE_IS_URGENT, K.READ_BACK_MESSAGE]


@pytest.mark.parametrize(
    ("correction", "question", "answer", "read_back"),
    [
        ("No, make it urgent.", None, None, [K.MESSAGE_IS_URGENT, K.READ_BACK_MESSAGE]),
        ("That's not the right number.", K.ASK_PHONE, "555-012-3456", [K.READ_BACK_MESSAGE]),
        ("No, the number is 555-012-3456.", None, None, [K.READ_BACK_MESSAGE]),
        ("No, my name is Dana Smythe.", None, None, [K.READ_BACK_MESSAGE]),
        ("That's not what I said.", K.ASK_MESSAGE, "I need a new appointment card.", [K.READ_BACK_MESSAGE]),
        ("No.", K.ASK_WHAT_TO_CHANGE, "Tell them that I cannot find the place.", [K.READ_BACK_MESSAGE]),
    ],
)
def test_a_correction_is_read_back_again_and_only_then_stored(
    correction: str, question: K | None, answer: str | None, read_back: list[K]
) -> None:
    desk = to_the_read_back()
    before = desk.state.aside
    heard = desk.hear(correction)
    if question is not None and answer is not None:
        assert heard == [question]
        heard = desk.hear(answer)
    assert heard == read_back
    assert not desk.messages
    desk.hear("Yes.")
    assert before is not None
    assert before.message is not None
    assert taken(desk) != replace(before.message, is_confirmed=True)


def test_a_yes_to_a_read_back_that_was_cut_off_stores_nothing() -> None:
    desk = to_the_read_back()
    desk.happen(PromptCut(0.3))
    assert desk.hear("Yes.") == [K.READ_BACK_MESSAGE]
    assert not desk.messages
    assert desk.hear("Yes.")[0] is K.MESSAGE_TAKEN


def test_the_same_message_said_again_to_what_should_change_is_read_back_again() -> None:
    desk = answered()
    desk.hear("Can I leave a message?")
    desk.hear("Please tell the doctor that I will be late tomorrow.")
    desk.hear("It's not urgent.")
    assert desk.hear("Dana Smith.") == [K.READ_BACK_MESSAGE]
    assert desk.hear("No.") == [K.ASK_WHAT_TO_CHANGE]
    assert desk.hear("Please tell the doctor that I will be late tomorrow.") == [K.READ_BACK_MESSAGE]
    assert desk.hear("Yes.")[0] is K.MESSAGE_TAKEN


def test_the_rest_of_a_message_said_after_a_pause_is_kept() -> None:
    desk = answered()
    desk.hear("Can I leave a message?")
    desk.hear("I was there on Tuesday")
    assert desk.hear("and I think I left my umbrella.") == [K.SORRY, K.ASK_MESSAGE_URGENT]
    desk.hear("Whenever you have time.")
    desk.hear("Dana Smith.")
    desk.hear("Yes.")
    assert taken(desk).text == "I was there on Tuesday and I think I left my umbrella."


def test_who_goes_on_asking_is_answered_and_not_written_down() -> None:
    desk = answered()
    desk.hear("Can I leave a message?")
    desk.hear("I was there on Tuesday")
    assert desk.hear("how much is a cleaning?") == [K.SORRY, K.ASK_MESSAGE_URGENT]
    assert desk.hear("How much is a cleaning?") == [K.ANSWER_PRICE, K.ASK_MESSAGE_URGENT]


def test_a_withheld_number_is_asked_for_and_may_be_refused() -> None:
    desk = Desk(state=new_call(None))
    desk.answer()
    desk.hear("Can I leave a message?")
    desk.hear("The front door was locked. It's not urgent.")
    assert desk.hear("Dana Smith.") == [K.ASK_PHONE]
    assert desk.hear("No.") == [K.READ_BACK_MESSAGE_ONLY]
    desk.hear("Yes.")
    assert taken(desk).phone == ""


def test_a_booking_under_way_goes_on_after_the_message() -> None:
    desk = answered()
    desk.hear("A cleaning on Thursday at 3, my name is Dana Smith.")
    desk.hear("The number I'm calling from.")
    assert desk.state.stage is Stage.CONFIRMING
    assert desk.hear("Yes, and please tell Dr. Lee that I'm allergic to latex.") == [K.ASK_MESSAGE_URGENT]
    assert desk.hear("No.") == [K.READ_BACK_MESSAGE]
    assert desk.hear("Yes.") == [K.MESSAGE_TAKEN, K.READ_BACK]
    assert not desk.booked
    assert desk.hear("Yes.")[0] is K.BOOKED
    assert taken(desk).text == "tell Dr. Lee that I'm allergic to latex."


def test_a_message_that_was_misheard_is_dropped_wherever_it_is_refused() -> None:
    for said in ((), ("Please of tell thank that one more time",), ("I left my umbrella there.", "No.")):
        desk = answered()
        desk.hear("A cleaning.")
        desk.hear("Can I leave a message?")
        for words in said:
            desk.hear(words)
        assert desk.hear("No, I don't want to leave a message.") == [K.MESSAGE_DROPPED, K.ASK_WHEN]
        assert not desk.messages
    desk = to_the_read_back()
    assert desk.hear("No, no message, thank you.") == [K.MESSAGE_DROPPED, K.ASK_ANYTHING_ELSE]
    assert not desk.messages


def test_a_message_that_is_not_wanted_after_all_leads_back() -> None:
    desk = answered()
    desk.hear("A cleaning.")
    assert desk.hear("Can I leave a message?") == [K.ASK_MESSAGE]
    assert desk.hear("No.") == [K.MESSAGE_DROPPED, K.ASK_WHEN]
    assert not desk.messages


def test_a_caller_who_hangs_up_before_confirming_leaves_the_words_unconfirmed() -> None:
    for last in ("hang up", "goodbye", "silence"):
        desk = to_the_read_back()
        if last == "hang up":
            desk.happen(CallerHungUp())
        elif last == "goodbye":
            assert desk.hear("Goodbye.") == [K.FAREWELL]
        else:
            assert desk.happen(Silent(3)) == [K.GIVE_UP_SILENCE]
        assert desk.is_hung_up
        assert not taken(desk).is_confirmed, last
        assert disposition(desk.state) is Disposition.MESSAGE


def test_a_caller_who_leaves_before_saying_anything_leaves_nothing() -> None:
    desk = answered()
    desk.hear("Can I leave a message?")
    desk.happen(CallerHungUp())
    assert not desk.messages


def test_a_message_that_cannot_be_stored_is_tried_again_under_the_same_key() -> None:
    desk = to_the_read_back()
    desk.failing = 1
    assert desk.hear("Yes.") == [K.STORE_TROUBLE]
    assert desk.hear("Yes.") == [K.MESSAGE_TAKEN, K.ASK_ANYTHING_ELSE]
    first, second = [effect for effect in desk.effects if isinstance(effect, TakeMessage)]
    assert first == second


def test_nothing_is_promised_that_could_not_be_stored() -> None:
    desk = to_the_read_back()
    desk.failing = 2
    desk.hear("Yes.")
    assert desk.hear("Yes.") == [K.GIVE_UP_CALL_AGAIN]
    assert not desk.state.has_left_message


def test_a_caller_whom_we_lost_is_to_be_called_back() -> None:
    desk = answered()
    desk.hear("A cleaning.")
    desk.happen(CallerHungUp(is_cut_off=True))
    assert taken(desk) == Message(Reason.CUT_OFF, phone=CALLER)
    assert disposition(desk.state) is Disposition.CALLBACK


def test_the_beginning_of_a_card_number_is_not_kept_with_a_message() -> None:
    desk = answered()
    desk.hear("Can I leave a message?")
    desk.hear("My card is 4111 1111")
    desk.happen(CallerHungUp())
    assert "4111" not in taken(desk).text


def test_capitals_and_punctuation_make_no_other_message() -> None:
    one, other = Message(text="I'm late, sorry!"), Message(text="i'm late sorry")
    assert message_key(TENANT.id, CALLER, one) == message_key(TENANT.id, CALLER, other)
    assert message_key(TENANT.id, CALLER, one) != message_key(TENANT.id, "+15550190002", one)
    assert message_key(TENANT.id, CALLER, one) != message_key(TENANT.id, CALLER, Message(text="I'm later"))


def test_what_is_said_beside_the_yes_joins_the_message_and_is_read_back() -> None:
    desk = to_the_read_back()
    words = desk.state.aside.message.text if desk.state.aside and desk.state.aside.message else ""
    assert desk.hear("Yes, please tell him to call me back today.")[-1] is K.READ_BACK_MESSAGE
    desk.hear("Yes.")
    assert taken(desk).text == f"{words} please tell him to call me back today."


def test_what_is_said_beside_the_urgency_joins_the_message() -> None:
    desk = answered(asks_urgency=True)
    desk.hear("Tell the landlord that the heating is off.")
    assert desk.said[-1] is K.ASK_MESSAGE_URGENT
    desk.hear("Yes, and please tell him that the basement is under water.")
    assert desk.state.aside is not None
    assert desk.state.aside.message is not None
    assert desk.state.aside.message.is_urgent
    assert desk.state.aside.message.text.endswith("heating is off. tell him that the basement is under water.")
