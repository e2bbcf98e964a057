"""Slower and louder, from the caller's words to the voice and the line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

from livekit import rtc
from livekit.agents import ModelSettings, tts

from agent.dialogue.receptionist import Receptionist
from agent.domain.manner import GAINS, RATES, Delivery
from tests.dialogue.fakes import Caller


class PacedVoice:
    """A voice with a pace; keeps at what rate each clause was asked for."""

    def __init__(self) -> None:
        self.rate = 1.0
        self.asked: list[tuple[str, float]] = []

    @asynccontextmanager
    async def synthesize(self, text: str, *, conn_options: object) -> AsyncIterator[AsyncIterator[Any]]:
        self.asked.append((text, self.rate))

        async def audio() -> AsyncIterator[Any]:
            yield SimpleNamespace(frame=rtc.AudioFrame(bytes(960), 24_000, 1, 480))

        yield audio()


async def spoken_by(caller: Caller, sentence: str) -> float:
    voice = PacedVoice()
    receptionist = Receptionist(caller.conversation, cast(tts.TTS[Any], voice), lambda: None)

    async def text() -> AsyncIterator[str]:
        yield sentence

    assert [frame async for frame in receptionist.tts_node(text(), ModelSettings())]
    ((_, rate),) = voice.asked
    return rate


async def test_slower_changes_the_voice_for_the_rest_of_the_call() -> None:
    caller = Caller()
    await caller.answered()
    assert await spoken_by(caller, "One moment.") == RATES[0]
    reply = await caller.says("Can you slow down, please?")
    assert reply.endswith("How can I help you today?")
    assert await spoken_by(caller, "One moment.") == RATES[1]
    await caller.says("I'd like a cleaning.")
    assert caller.conversation.delivery == Delivery(RATES[1], GAINS[0])
    await caller.says("Louder, please.")
    assert caller.conversation.delivery == Delivery(RATES[1], GAINS[1])


async def test_the_reply_to_slower_is_itself_spoken_slower_before_it_counts() -> None:
    caller = Caller()
    await caller.answered()
    await caller.conversation.reply_to("Slower, please.", "speculation", asked_at=caller.later())
    assert caller.conversation.state.side.slower == 0
    assert await spoken_by(caller, "Of course.") == RATES[1]


async def test_a_question_that_was_dropped_leaves_no_trace() -> None:
    caller = Caller()
    await caller.answered()
    await caller.conversation.reply_to("Do you have parking?", "speculation", asked_at=caller.later())
    assert "cleaning" in await caller.says("A cleaning, please.")
    assert caller.conversation.state.side.answered == 0
