"""What a caller wants passed on, and what only sounds like it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.facts import Expect, Facts, Wish
from agent.domain.tenant import MessageRules
from agent.understanding import is_complete, understand
from agent.understanding.messages import read_urgency
from agent.understanding.words import joined, split_words
from tests.unit.domain.desk import NOW, TENANT


def understood(text: str, expects: Expect = Expect.SERVICE) -> Facts:
    return understand(text, expects=expects, tenant=TENANT, now=NOW)


@pytest.mark.parametrize(
    "text",
    [
        "Can I leave a message?", "I'd like to leave a message for the office.", "Could you take a message please",
        "Can you have someone call me back?", "Just have somebody call me.", "Please call me back.",
        "Can I get a call back?", "Could Dr. Lee return my call?", "Put me through to voicemail.", "Leave a message.",
        "Just tell Dr. Lee that I'm running late.", "Please let them know I'll be ten minutes late.", "Message.",
        "I want someone to call me about my bill.", "Can you pass along a message?",
    ],
)  # fmt: skip
def test_the_wish_to_leave_a_message(text: str) -> None:
    assert Wish.MESSAGE in understood(text).wishes


@pytest.mark.parametrize(
    "text",
    [
        "Can you tell me your hours?", "I can't tell if it's a cavity.", "To tell you the truth, I'd like a cleaning.",
        "Let me know when Thursday is free.", "I don't want to leave a message.", "No need to call me back.",
        "Can you send me a text message?", "A cleaning on Thursday at three.", "Can I call you back?",
        "I got your message about my appointment.",
    ],
)  # fmt: skip
def test_what_only_sounds_like_it(text: str) -> None:
    assert Wish.MESSAGE not in understood(text).wishes


@pytest.mark.parametrize(
    ("text", "is_refused"),
    [
        ("No, I don't want to leave a message.", True), ("No, no message, thank you.", True),
        ("I do not need a message.", True), ("Please don't leave a message with my wife.", False),
        ("No.", False), ("I got no message from you.", False),
    ],
)  # fmt: skip
def test_the_wish_to_leave_none(text: str, is_refused: bool) -> None:
    for expects in (Expect.MESSAGE, Expect.YES_NO, Expect.NAME):
        assert (Wish.NO_MESSAGE in understood(text, expects).wishes) is is_refused


@pytest.mark.parametrize(
    ("text", "message", "recipient"),
    [
        ("Just tell Dr. Lee that I'm running late.", "tell Dr. Lee that I'm running late.", None),
        ("Can you let them know I'll be late?", "let them know I'll be late?", None),
        ("Can I leave a message for Dr. Ortiz?", None, "Dr. Ortiz"),
        ("I have a message for the front desk, please.", None, "the front desk"),
        ("Can I leave a message?", None, None),
    ],
)
def test_words_and_recipient_that_come_with_the_wish(text: str, message: str | None, recipient: str | None) -> None:
    facts = understood(text)
    assert (facts.message, facts.recipient) == (message, recipient)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("My crown came off.", "My crown came off."),
        ("Yes, please tell her I said thank you and goodbye.", "tell her I said thank you and goodbye."),
        ("Um, call me back.", "call me back."),
        ("I need to cancel my appointment on Thursday.", "I need to cancel my appointment on Thursday."),
        ("The bill is wrong.", "The bill is wrong."), ("The form was totally wrong.", "The form was totally wrong."),
        ("The number is wrong.", None), ("That's wrong.", None), ("No, the bill is wrong.", None),
        ("No.", None), ("Never mind.", None), ("What was that?", None), ("Goodbye.", None), ("Yes.", None),
    ],
)  # fmt: skip
def test_what_is_a_message_when_one_was_asked_for(text: str, message: str | None) -> None:
    assert understood(text, Expect.MESSAGE).message == message


@pytest.mark.parametrize(
    ("text", "is_urgent"),
    [
        ("It's urgent.", True), ("As soon as possible, please.", True), ("No, make it urgent.", True),
        ("It can't wait.", True), ("Whenever you have time.", False), ("No rush.", False),
        ("It's not that urgent.", False),
        ("It can wait.", False), ("When she gets a chance.", False), ("My crown came off.", None),
    ],
)  # fmt: skip
def test_how_urgent_it_is(text: str, is_urgent: bool | None) -> None:
    assert understood(text, Expect.YES_NO).is_urgent is is_urgent


@pytest.mark.parametrize(
    ("text", "is_urgent"),
    [
        ("My car won't start.", True), ("There is NO HEAT in here.", True), ("The basement is flooding.", True),
        ("My furnace heats.", None), ("It won't start, but there's no rush.", False),
    ],
)  # fmt: skip
def test_words_of_the_trade_make_it_urgent(text: str, is_urgent: bool | None) -> None:
    tenant = replace(TENANT, messages=MessageRules(urgent_words=("won't start", "no heat", "flood")))
    assert read_urgency(joined(split_words(text)), tenant) is is_urgent


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("That's not the right number.", Expect.PHONE), ("The number is wrong.", Expect.PHONE),
        ("No, the number.", Expect.PHONE), ("That's the wrong name.", Expect.NAME),
        ("That's not what I said.", Expect.MESSAGE), ("Yes, the number is right.", None), ("Yes.", None),
    ],
)  # fmt: skip
def test_what_is_not_right(text: str, wrong: Expect | None) -> None:
    assert understood(text, Expect.YES_NO).wrong is wrong


def test_a_message_is_never_taken_for_finished_before_its_pause() -> None:
    for expects in (Expect.MESSAGE, Expect.SERVICE):
        text = "Please tell Dr. Lee that I'm running late."
        assert not is_complete(text, expects, understood(text, expects))
