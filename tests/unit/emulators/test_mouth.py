"""Texts spoken in order, with what a fault of one leaves of it, and whole sentences of a text that grows."""

from __future__ import annotations

import asyncio

import pytest

from loadtest.emulators.behaviour import Behaviour
from loadtest.emulators.mouth import Mouth, Sound, Speech, sentences
from loadtest.emulators.profiles import Fault
from loadtest.emulators.speaker import Hum


@pytest.mark.parametrize(
    ("text", "whole", "rest"),
    [
        ("Good morning", [], "Good morning"),
        ("Good morning.", [], "Good morning."),
        ("Good morning. ", ["Good morning."], ""),
        ("Good morning! Is it you? I ", ["Good morning!", "Is it you?"], "I "),
        ("It is 3.5 now", [], "It is 3.5 now"),
    ],
)
def test_a_sentence_is_whole_when_something_follows_it(text: str, whole: list[str], rest: str) -> None:
    assert sentences(text) == (whole, rest)


async def said(*texts: tuple[str, Fault]) -> tuple[list[Sound], Behaviour]:
    heard: list[Sound] = []

    async def sound(piece: Sound) -> None:
        heard.append(piece)

    async def dropped() -> None:
        over.set()

    async def ended() -> None:
        over.set()

    over = asyncio.Event()
    behaviour = Behaviour()
    mouth = Mouth(Speech(Hum(), behaviour, 8000), sound, dropped)
    for text, fault in texts:
        mouth.say(text, fault)
    mouth.then(ended)
    async with asyncio.timeout(10):
        await over.wait()
    await mouth.stop()
    return heard, behaviour


async def test_texts_are_said_in_order_on_one_clock() -> None:
    heard, behaviour = await said(("Good morning. ", Fault.NONE), ("And you?", Fault.NONE))
    begins = [piece for piece in heard if piece.text]
    assert [piece.text for piece in begins] == ["Good morning. ", "And you?"]
    assert begins[1].start_ms == begins[0].start_ms + begins[0].length_ms == 13 * 60
    assert sum(len(piece.pcm) for piece in heard) // 2 // 8 == (13 + 8) * 60
    assert behaviour.counts() == {"characters": 22, "audio_ms": 21 * 60, "faults": {}, "planned": 0}


async def test_what_is_dropped_ends_all_that_was_to_come() -> None:
    heard, _ = await said(("Good morning.", Fault.DROPPING), ("And you?", Fault.NONE))
    assert {piece.text for piece in heard} == {"Good morning.", ""}


async def test_audio_of_a_wrong_rate_has_another_length() -> None:
    heard, _ = await said(("Good morning.", Fault.WRONG_RATE))
    assert sum(len(piece.pcm) for piece in heard) // 2 // 16 == 13 * 60
