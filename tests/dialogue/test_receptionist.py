"""A voice that fails: waited for behind a word of patience, given up with an apology."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import rtc
from livekit.agents import APIConnectionError, ModelSettings, tts

from agent.dialogue import receptionist
from agent.dialogue.line_out import CLAUSE
from agent.dialogue.receptionist import Receptionist
from tests.dialogue.fakes import Caller


class _Voice:
    """Speaks what it has spoken before; of anything else it fails so many times.

    Attributes:
        tries: what was asked for, in order.
    """

    def __init__(self, known: set[str], *, failures: int, retryable: bool = True) -> None:
        self.known = known
        self.failures = failures
        self.retryable = retryable
        self.tries: list[str] = []

    @asynccontextmanager
    async def synthesize(self, text: str, *, conn_options: object) -> AsyncIterator[AsyncIterator[Any]]:
        self.tries.append(text)
        if text not in self.known and self.failures:
            self.failures -= 1
            raise APIConnectionError("the voice is away", retryable=self.retryable)
        yield self._audio()

    async def _audio(self) -> AsyncGenerator[Any, None]:
        yield SimpleNamespace(frame=rtc.AudioFrame(bytes(960), 24_000, 1, 480))


class _Call:
    """A receptionist who is to say one sentence, and what the caller hears of it."""

    def __init__(self, **voice: Any) -> None:
        conversation = Caller().conversation
        self.stall, self.apology = conversation.stall, conversation.last_resort
        self.voice = _Voice({self.stall, *receptionist.clauses(self.apology)}, **voice)
        self.losses = 0
        self._agent = Receptionist(conversation, cast(tts.TTS[Any], self.voice), self._lost)

    def _lost(self) -> None:
        self.losses += 1

    async def hear(self, sentence: str) -> list[str]:
        async def text() -> AsyncIterator[str]:
            yield sentence

        return [frame.userdata[CLAUSE] async for frame in self._agent.tts_node(text(), ModelSettings())]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receptionist, "_RETRY_S", 0.0)


async def test_a_voice_that_comes_back_is_waited_for_and_the_sentence_is_spoken() -> None:
    call = _Call(failures=3)
    assert await call.hear("You are booked.") == [call.stall, "You are booked."]
    assert call.voice.tries.count("You are booked.") == 4
    assert call.losses == 0


async def test_a_voice_that_stays_away_ends_in_the_apology(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receptionist, "_VOICE_RETURNS_S", 0.01)
    call = _Call(failures=1_000_000)
    assert await call.hear("You are booked.") == [call.stall, *receptionist.clauses(call.apology)]
    assert call.losses == 1


async def test_what_can_never_be_spoken_is_not_tried_again() -> None:
    call = _Call(failures=1, retryable=False)
    assert await call.hear("You are booked.") == receptionist.clauses(call.apology)
    assert (call.losses, call.voice.tries.count("You are booked.")) == (1, 1)
