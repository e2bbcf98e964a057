"""When a key is pressed: into our speech, before it, and how long an entry waits for more."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from agent.domain.state import Stage
from tests.dialogue.keys import TO_THE_NUMBER, at, virtually
from tests.dialogue.telephone import Telephone


@virtually
async def test_a_key_stops_our_speech_and_what_was_not_heard_books_nothing() -> None:
    phone = await at(*TO_THE_NUMBER)
    await phone.press("5550123456", every_s=0.1)
    await phone.heard_up_to("So that's cleaning on")
    again = await phone.keys("1")
    assert phone.line.heard[-2].endswith("So that's cleaning on")
    assert "Just to be sure" in again
    assert phone.state.stage is Stage.CONFIRMING
    assert not phone.caller.desk.confirmations
    await phone.keys("1")
    assert len(phone.caller.desk.bookings) == 1


@virtually
async def test_a_key_pressed_while_the_keys_are_named_books_what_was_heard() -> None:
    phone = await at(*TO_THE_NUMBER)
    await phone.press("5550123456", every_s=0.1)
    await phone.heard_up_to("Is that right?")
    assert "You are booked" in await phone.keys("1")
    assert phone.line.heard[-2].endswith("Is that right?")
    assert len(phone.caller.desk.bookings) == 1


@virtually
async def test_a_key_pressed_before_the_reply_sounds_answers_nothing() -> None:
    phone = await at(*TO_THE_NUMBER)
    await phone.press("5550123456", every_s=0.1)
    await asyncio.sleep(0.6)  # the number counts now, and nothing of the read-back has been heard
    await phone.press("1")
    assert "Is that right?" in await phone.listened()
    assert phone.state.stage is Stage.CONFIRMING
    assert phone.state.is_readback_heard


@virtually
async def test_pound_after_the_tenth_digit_ends_the_number_and_interrupts_nothing() -> None:
    for pause_s in (0.1, 1.5):
        phone = await at(*TO_THE_NUMBER)
        await phone.press("5550123456", every_s=0.1)
        await asyncio.sleep(pause_s)
        await phone.press("#")
        assert "Is that right?" in await phone.listened()
        assert phone.state.phone == "+15550123456"
        assert phone.state.misses == 0


@virtually
async def test_a_number_is_complete_shortly_after_its_tenth_digit() -> None:
    phone = await at(*TO_THE_NUMBER)
    loop = asyncio.get_running_loop()
    await phone.press("5550123456", every_s=0.1)
    last_at = loop.time() - 0.1
    await phone.heard_up_to("So")
    assert loop.time() - last_at < 1.5


@virtually
async def test_a_slow_number_is_asked_for_piece_by_piece() -> None:
    phone = await at(*TO_THE_NUMBER)
    assert "So far I have 5 5 5." in await phone.keys("555")
    assert "555-012-3456" in await phone.keys("0123456")


@virtually
async def test_star_takes_back_what_was_entered_and_repeats_the_question() -> None:
    phone = await at(*TO_THE_NUMBER)
    asked_for = phone.line.heard[-1]
    assert await phone.keys("5559*") == asked_for
    assert phone.state.phone_digits is None
    assert "555-012-3456" in await phone.keys("5550123456")


@virtually
async def test_a_card_number_pressed_is_kept_nowhere() -> None:
    phone = await at(*TO_THE_NUMBER)
    assert "Please don't give me card" in await phone.keys("4111111111111111")
    kept = repr(phone.caller.journal)
    assert "41111111" not in kept
    assert "[****]" in kept
    assert "555-012-3456" in await phone.keys("5550123456")


@virtually
async def test_pressed_keys_are_turns_of_the_call() -> None:
    phone = await at("1", "1")
    texts = [proposal.text for proposal in phone.caller.journal.proposals]
    assert texts == ["", "[1]", "[1]"]
    assert phone.session.cleared_turns == 2


@virtually
async def test_keys_before_the_greeting_and_after_the_farewell_do_nothing() -> None:
    phone = Telephone()
    await phone.press("1")
    assert phone.state.stage is Stage.RINGING
    await phone.answered()
    for keys in (*TO_THE_NUMBER, "1", "1", "2"):
        await phone.keys(keys)
    await phone.press("11")
    await phone.hung_up.wait()
    assert len(phone.caller.desk.bookings) == 1


@virtually
async def test_digits_forgotten_for_words_are_not_joined_to_later_ones() -> None:
    phone = await at(*TO_THE_NUMBER)
    await phone.press("555")
    phone.session.emit("conversation_item_added", _said("my number is 555 098 7654"))
    await asyncio.sleep(10.0)
    assert phone.state.phone_digits is None


def _said(words: str) -> Any:
    from livekit.agents import llm

    return SimpleNamespace(item=llm.ChatMessage(role="user", content=[words]))
