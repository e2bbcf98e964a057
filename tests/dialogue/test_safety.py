"""An emergency comes before everything else, and the call goes on where it was."""

from __future__ import annotations

import pytest

from agent.domain.call import Stage
from agent.domain.facts import Emergency
from tests.dialogue.fakes import Caller
from tests.dialogue.test_conversation import to_the_readback

BOOKING = ("I'd like to book a cleaning.", "Thursday at 3 PM.", "Dana Smith.", "555-012-3456.", "Yes.")


@pytest.mark.parametrize("turns", range(len(BOOKING) + 1))
async def test_an_emergency_at_any_stage_is_answered_first_and_the_question_again(turns: int) -> None:
    caller = Caller()
    await caller.answered()
    for words in BOOKING[:turns]:
        await caller.says(words)
    before = caller.conversation.state
    reply = await caller.says("Wait, my husband is having a heart attack!")
    assert reply.startswith("If this is an emergency, please hang up, and dial 911 now.")
    assert reply.count("911") == 1
    assert reply.endswith("?")
    after = caller.conversation.state
    assert (after.stage, after.question, after.misses) == (before.stage, before.question, before.misses)
    assert after.emergency is Emergency.DANGER
    for words in BOOKING[turns:]:
        await caller.says(words)
    assert caller.conversation.state.stage is Stage.DONE
    assert len(caller.desk.bookings) == 1


async def test_gas_and_suicide_have_words_of_their_own() -> None:
    caller = Caller()
    await caller.answered()
    assert "leave the building" in await caller.says("I smell gas.")
    assert "nine eight eight" in await caller.says("I want to kill myself.")
    assert caller.conversation.state.emergency is Emergency.SUICIDE


async def test_an_emergency_ends_the_callers_turn_at_once() -> None:
    caller = Caller()
    await caller.answered()
    assert caller.conversation.is_over("I think I'm having a heart attack")
    assert not caller.conversation.is_over("I think I'm having a")


async def test_yes_with_an_emergency_books_nothing() -> None:
    caller = Caller()
    await to_the_readback(caller)
    assert "911" in await caller.says("Yes, oh no, there's a fire!")
    assert "911" in await caller.says("Yes. My husband collapsed five minutes ago.")
    assert not caller.desk.bookings
    assert "booked" in await caller.says("Yes.")


@pytest.mark.parametrize(
    ("words", "refusal"),
    [("Should I take ibuprofen?", "medical advice"), ("Can I sue them?", "legal advice")],
)
async def test_advice_is_refused_in_one_line_and_the_question_asked_again(words: str, refusal: str) -> None:
    caller = Caller()
    await caller.answered()
    await caller.says("I'd like to book a cleaning.")
    before = caller.conversation.state
    reply = await caller.says(words)
    assert refusal in reply
    assert reply.endswith("?")
    assert caller.conversation.state.question == before.question


async def test_a_wish_beside_a_question_for_a_doctor_is_still_heard() -> None:
    caller = Caller()
    await caller.answered()
    reply = await caller.says("Can I take aspirin before a cleaning on Thursday at 3 PM?")
    assert caller.conversation.state.service_id == "cleaning"
    assert "medical advice" in reply


async def test_a_misheard_telephone_number_is_asked_for_again_and_not_taken_for_a_card() -> None:
    caller = Caller()
    await caller.answered()
    for words in BOOKING[:3]:
        await caller.says(words)
    assert "once more" in await caller.says("555-795-425-4220")
    await caller.says("555-795-4220")
    assert caller.conversation.state.phone == "+15557954220"


async def test_a_card_number_is_refused_and_forgotten() -> None:
    caller = Caller()
    await caller.answered()
    for words in BOOKING[:3]:
        await caller.says(words)
    assert "4 5 3, 9" in await caller.says("4539 5787")
    reply = await caller.says("6362 1486")
    assert "card" in reply
    assert reply.endswith("?")
    assert caller.conversation.state.phone_digits is None
    assert "4539" not in str(caller.conversation.state)
    await caller.says("555-012-3456.")
    assert caller.conversation.state.phone == "+15550123456"
