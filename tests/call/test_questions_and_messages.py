"""Callers who want no appointment: one asks three things, one leaves a message."""

from __future__ import annotations

import pytest

from tests.call.afternoon import ASKING, WRITING, Afternoon, Errands
from tests.call.stack import CallStack


@pytest.fixture
def errands(afternoon: Afternoon) -> Errands:
    return afternoon.errands.result()


def test_three_questions_are_answered_from_the_businesss_own_facts(stack: CallStack, errands: Errands) -> None:
    heard = errands.questions
    assert heard.failures == []
    assert "120" in heard.turn_with("price")
    assert "behind the building" in heard.turn_with("parking")
    assert "saturday" in heard.turn_with("closed")
    call = stack.ended_call(ASKING)
    assert call["facts"].count('"questions": 3') == 1
    assert stack.appointments(ASKING) == []


def test_a_message_is_stored_as_it_was_read_back_with_its_urgency_and_the_number(
    stack: CallStack, errands: Errands
) -> None:
    assert errands.message.failures == []
    assert stack.ended_call(WRITING)["disposition"] == "message"
    (row,) = stack.rows("SELECT * FROM messages WHERE caller_e164 = $1", WRITING)
    assert (row["reason"], row["urgent"], row["confirmed"]) == ("message", True, True)
    assert "tooth is hurting" in row["text"]
    assert "hurting" in errands.message.turn_with("is that right")
    assert (row["name"].lower(), row["phone"]) == ("linda baker", WRITING)
