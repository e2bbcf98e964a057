"""Whether a fault reached a call, by the timings of its turns."""

from __future__ import annotations

from typing import Any

import pytest

from loadtest.chaos.calling import Stored
from loadtest.chaos.plan import Kind, Pair, Target
from loadtest.chaos.reached import was_spared

STT = Pair(Target(Kind.RECOGNISER, "deepgram/flux", "flux"), "mute")
MODEL = Pair(Target(Kind.MODEL, "groq/gpt-oss", "chat"), "hanging")
TTS = Pair(Target(Kind.VOICE, "elevenlabs/flash", "elevenlabs"), "stalling")


def stored(*answers: dict[str, Any]) -> Stored:
    """A greeting, and answers to the caller's words."""
    timings: list[dict[str, Any]] = [{"begun_by": "event"}, *({"begun_by": "words"} | each for each in answers)]
    return Stored({}, [{"role": "agent", "text": "words", "timings": each} for each in timings])


@pytest.mark.parametrize(
    ("pair", "answers"),
    [
        (STT, [{"heard_by": "deepgram/flux"}, {"heard_by": "local"}]),
        (MODEL, [{"asked_model": False}, {"asked_model": True}, {"asked_model": False}]),
        (TTS, [{"spoken_by": "local"}, {"spoken_by": "local", "not_spoken_by": "elevenlabs/flash"}]),
        (TTS, [{"spoken_by": "local"}, {"spoken_by": "elevenlabs/flash", "is_cached": False}]),
        (TTS, [{"spoken_by": "local"}, {"spoken_by": "a/b", "not_spoken_by": "c/d, elevenlabs/flash"}]),
    ],
)
def test_a_provider_that_was_used_was_struck(pair: Pair, answers: list[dict[str, Any]]) -> None:
    assert not was_spared(pair, stored(*answers))


@pytest.mark.parametrize(
    ("pair", "answers"),
    [
        (STT, [{"heard_by": "local"}, {"heard_by": "deepgram/flux"}]),
        (MODEL, [{"asked_model": True}, {"asked_model": False}]),
        (TTS, [{"spoken_by": "elevenlabs/flash", "is_cached": False}, {"spoken_by": "local"}]),
        (TTS, [{"spoken_by": "local"}, {"spoken_by": "elevenlabs/flash", "is_cached": True}]),
    ],
)
def test_one_that_was_left_alone_after_the_first_answer_was_not(pair: Pair, answers: list[dict[str, Any]]) -> None:
    assert was_spared(pair, stored(*answers))


@pytest.mark.parametrize("pair", [STT, MODEL, TTS])
def test_a_call_that_broke_down_before_an_answer_counts_as_struck(pair: Pair) -> None:
    assert not was_spared(pair, stored({"heard_by": "deepgram/flux", "spoken_by": "local", "asked_model": False}))
    assert not was_spared(pair, stored())
