"""When the call leads nowhere: a message, then a link, then another number; never a loop."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.call import new_call
from agent.domain.events import PromptCut
from agent.domain.lines import LineKey as K
from agent.domain.notes import Reason, TextKind
from agent.domain.outcome import Disposition, disposition
from agent.domain.requests import ReleaseHold
from agent.domain.state import Stage
from agent.domain.tenant import MessageRules, Tenant, TextRules
from tests.unit.domain.desk import CALLER, TENANT, Desk

TEXTING = replace(TENANT, texts=TextRules(is_enabled=True, booking_link="https://book.example/riverside"))
NO_MESSAGES = replace(TEXTING, messages=MessageRules(is_taken=False), overflow_number="+15550100199")


def lost(tenant: Tenant = TENANT) -> Desk:
    desk = Desk(tenant=tenant)
    desk.answer()
    for words in ("A cleaning.", "Banana.", "Banana."):
        desk.hear(words)
    desk.hear("Banana.")
    return desk


def test_after_two_failed_understandings_a_message_is_offered() -> None:
    desk = Desk()
    desk.answer()
    assert desk.hear("Banana.") == [K.SORRY, K.ASK_HELP]
    assert desk.hear("Banana.") == [K.OR_LEAVE_MESSAGE, K.HINT_SERVICE, K.KEYS_ON_STAR]
    assert desk.hear("Leave a message.") == [K.ASK_MESSAGE]


def test_an_offered_message_that_is_accepted_is_taken_and_the_booking_given_back() -> None:
    desk = Desk()
    desk.answer()
    desk.hear("A cleaning on Thursday at 3.")
    for _ in range(2):
        desk.hear("Banana banana banana banana banana.")
    assert desk.hear("Banana banana banana banana banana.") == [K.LOST, K.OFFER_MESSAGE]
    assert desk.hear("Yes.") == [K.ASK_MESSAGE]
    desk.hear("I want a cleaning on Thursday, please call me.")
    desk.hear("No.")
    desk.hear("Dana Smith.")
    assert desk.hear("Yes.") == [K.MESSAGE_TAKEN, K.ASK_ANYTHING_ELSE]
    assert any(isinstance(effect, ReleaseHold) for effect in desk.effects)
    assert not desk.holds


def test_a_refused_offer_asks_once_more_and_is_not_made_again() -> None:
    desk = lost()
    assert desk.hear("No.") == [K.ASK_WHEN]
    assert desk.hear("Banana.") == [K.GIVE_UP_CALL_AGAIN]
    assert not desk.messages


def test_words_about_the_booking_go_on_with_it() -> None:
    desk = lost()
    assert desk.hear("Thursday at 3 PM.") == [K.HELD, K.ASK_NAME]


def test_the_link_is_the_fallback_of_the_message_and_the_number_that_of_the_link() -> None:
    desk = lost(TEXTING)
    assert desk.hear("No.") == [K.OFFER_LINK]
    assert desk.hear("No.") == [K.ASK_WHEN]
    desk = lost(NO_MESSAGES)
    assert desk.state.stage is Stage.WAY_OUT
    assert desk.hear("Yes, please.") == [K.LINK_COMING, K.ASK_ANYTHING_ELSE]
    (text,) = desk.texts
    assert (text.kind, text.phone, text.words) == (TextKind.LINK, CALLER, "Yes, please.")
    desk = lost(NO_MESSAGES)
    desk.hear("No.")
    assert desk.hear("Banana.") == [K.GIVE_UP_OVERFLOW]


def link_offered() -> Desk:
    desk = lost(replace(TEXTING, messages=MessageRules(is_taken=False)))
    assert desk.lines[-1].key is K.OFFER_LINK
    return desk


def test_a_yes_over_the_offer_of_a_link_is_no_consent_until_the_offer_is_heard() -> None:
    desk = link_offered()
    desk.happen(PromptCut(0.05))
    assert desk.hear("Yes.")[-1] is K.OFFER_LINK
    assert not desk.texts
    assert K.LINK_COMING in desk.hear("Yes.")


@pytest.mark.parametrize("words", ["Yes, Thursday at three.", "No, I want Thursday at three."])
@pytest.mark.parametrize("heard", [0.05, 1.0])
def test_an_answer_with_a_time_goes_on_with_the_booking(heard: float, words: str) -> None:
    desk = link_offered()
    desk.happen(PromptCut(heard))
    assert desk.hear(words) == [K.HELD, K.ASK_NAME]
    assert not desk.texts


def test_a_yes_to_an_offer_is_none_to_the_read_back_behind_it() -> None:
    desk = Desk()
    desk.answer()
    desk.hear("I'd like a cleaning next Thursday at 3, my name is Dana Smith, 555-012-3456.")
    for _ in range(3):
        desk.hear("Banana.")
    assert desk.lines[-1].key is K.OFFER_MESSAGE
    assert desk.hear("Yes, Thursday at three.")[-1] is K.READ_BACK
    assert not desk.booked


def test_a_link_is_not_offered_to_a_number_nobody_knows() -> None:
    desk = Desk(state=new_call(None), tenant=NO_MESSAGES)
    desk.answer()
    for _ in range(2):
        desk.hear("Banana.")
    assert desk.hear("Banana.") == [K.GIVE_UP_OVERFLOW]


def test_whoever_asks_for_a_human_is_offered_a_message() -> None:
    desk = Desk()
    desk.answer()
    assert desk.hear("Can I speak to a person?") == [K.NO_HUMAN, K.OFFER_MESSAGE]
    assert desk.hear("No.") == [K.ASK_HELP]
    assert desk.hear("I want a human.") == [K.HUMAN_NOT_AVAILABLE, K.ASK_HELP]
    assert desk.hear("A cleaning.") == [K.ASK_WHEN]


def test_whoever_asked_for_a_human_hears_the_offer_once_more_when_the_answer_was_not_understood() -> None:
    desk = Desk()
    desk.answer()
    desk.hear("Can I speak to a person?")
    assert desk.hear("Banana.") == [K.SORRY, K.OFFER_MESSAGE]
    assert desk.hear("Yes.") == [K.ASK_MESSAGE]
    desk = Desk()
    desk.answer()
    desk.hear("Can I speak to a person?")
    desk.hear("Banana.")
    assert desk.hear("Banana.") == [K.GIVE_UP_NOT_UNDERSTOOD]


def test_a_caller_who_cannot_be_understood_at_all_is_called_back() -> None:
    desk = lost()
    assert desk.hear("Banana.") == [K.GIVE_UP_NOT_UNDERSTOOD]
    assert [message.reason for message in desk.messages.values()] == [Reason.NOT_UNDERSTOOD]
    assert disposition(desk.state) is Disposition.CALLBACK


def test_without_messages_the_wish_for_one_is_declined_and_the_call_goes_on() -> None:
    desk = Desk(tenant=replace(TENANT, messages=MessageRules(is_taken=False)))
    desk.answer()
    assert desk.hear("Can I leave a message?") == [K.NO_MESSAGES, K.ASK_HELP]


def booked(tenant: Tenant = TEXTING) -> Desk:
    desk = Desk(tenant=tenant)
    desk.answer()
    for words in ("A cleaning on Thursday at 3, my name is Dana Smith.", "The number I'm calling from."):
        desk.hear(words)
    desk.hear("Yes.")
    return desk


def test_a_text_is_offered_once_after_a_booking_and_sent_on_a_yes_only() -> None:
    desk = booked()
    assert desk.said == [K.BOOKED, K.ASK_TEXT]
    assert desk.hear("Yes, please.") == [K.TEXT_COMING, K.ASK_ANYTHING_ELSE]
    (text,) = desk.texts
    assert (text.kind, text.phone, text.words) == (TextKind.CONFIRMATION, CALLER, "Yes, please.")
    assert text.appointment == desk.state.appointments[0]
    desk.hear("Yes, I also need a filling on Friday at 10.")
    assert desk.hear("Yes.") == [K.BOOKED, K.ASK_ANYTHING_ELSE]


def test_a_no_to_a_text_sends_none() -> None:
    desk = booked()
    assert desk.hear("No, thanks.") == [K.ASK_ANYTHING_ELSE]
    assert desk.hear("No.") == [K.FAREWELL_BOOKED]
    assert not desk.texts


def test_a_yes_over_the_news_is_no_consent_to_a_text() -> None:
    desk = booked()
    desk.happen(PromptCut(0.2))
    assert desk.hear("Yes, that's right.") == [K.BOOKED, K.ASK_TEXT]
    assert not desk.texts


def test_no_text_is_offered_where_the_business_sends_none() -> None:
    assert booked(TENANT).said == [K.BOOKED, K.ASK_ANYTHING_ELSE]


def test_a_message_that_could_not_be_stored_is_not_forgotten_for_an_offer() -> None:
    desk = Desk()
    desk.answer()
    for words in ("I'd like to leave a message.", "Please call me about my bill.", "No.", "Dana Smith."):
        desk.hear(words)
    desk.failing = 1
    desk.hear("Yes.")
    assert desk.state.stage is Stage.TROUBLE
    desk.hear("Can I speak to a person?")
    assert desk.hear("Yes.") == [K.MESSAGE_TAKEN, K.ASK_ANYTHING_ELSE]
    assert len(desk.messages) == 1
