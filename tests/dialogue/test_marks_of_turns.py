"""A turn through LiveKit's own session leaves every mark, in the order in which things can have happened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from livekit import rtc

from agent.dialogue.announced_recording import AnnouncedRecording
from agent.dialogue.line_out import SAMPLE_RATE_HZ, LineOut
from agent.dialogue.live_call import LiveCall
from agent.dialogue.receptionist import Receptionist
from agent.dialogue.turn_marks import RATE_HZ
from agent.runtime.tasks import TaskSet
from tests.dialogue.fakes import Caller
from tests.dialogue.session import RealSession, _Voice
from tests.dialogue.telephone import _nobody, _Record

_SOUND_S = 0.3
_WAIT_S = 20.0


class _LoudVoice(_Voice):
    """0.1 s of sound a clause, from the cache of a voice that says who it is."""

    @asynccontextmanager
    async def synthesize(self, text: str, **_: Any) -> AsyncIterator[AsyncIterator[Any]]:  # type: ignore[override]
        yield _Speech()


class _Speech:
    spoken_by = "deepgram/aura-2"
    is_cached = True
    failed = ()

    def __aiter__(self) -> AsyncGenerator[Any, None]:
        return self._frames()

    async def _frames(self) -> AsyncGenerator[Any, None]:
        count = SAMPLE_RATE_HZ // 50
        for _ in range(5):
            pcm = np.full(count, 6000, dtype=np.int16).tobytes()
            yield SimpleNamespace(frame=rtc.AudioFrame(pcm, SAMPLE_RATE_HZ, 1, count))


class _Kept(_Record):
    """Turns of ours with their timings."""

    def __init__(self) -> None:
        super().__init__()
        self.own: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()

    def turn(self, role: str, text: str, *, timings: Mapping[str, Any] | None = None, **_: Any) -> None:
        if role == "agent":
            self.own.put_nowait(timings or {})


class _MarkedSession(RealSession):
    """A live call whose line really plays, into no room."""

    def __init__(self, caller: Caller) -> None:
        super().__init__(caller.conversation)
        self.line, self.record, self._tasks = LineOut(), _Kept(), TaskSet("test")
        self.session.output.audio = self.line
        record = cast(Any, self.record)
        nothing = AnnouncedRecording(None, record, "")
        self.live = LiveCall(
            self.session, self.line, caller.conversation, record, cast(Any, None), nothing, _nobody(), lambda: None
        )
        self.cut_in = self.live.cut_in
        self.marks = self.live.timings.marks
        self._agent = Receptionist(
            caller.conversation, _LoudVoice(), lambda: None, None, self.cut_in, self.live.patience, self.marks
        )

    async def __aenter__(self) -> _MarkedSession:
        await super().__aenter__()
        self.line.answered()
        self._tasks.start(self.line._pump(), name="pump")
        return self

    async def __aexit__(self, *exit_: object) -> None:
        await super().__aexit__(*exit_)
        await self._tasks.aclose()
        await self.line.aclose()

    def says(self, words: str) -> None:
        self.begins()
        self.marks.sound(np.full(int(_SOUND_S * RATE_HZ), 6000, dtype=np.int16).tobytes())
        self.ends(words)

    async def kept(self) -> Mapping[str, Any]:
        """What is kept with our next turn."""
        async with asyncio.timeout(_WAIT_S):
            return await self.record.own.get()


async def test_marks_of_a_turn_are_in_the_order_in_which_its_stages_need_each_other() -> None:
    caller = Caller()
    await caller.answered()
    async with _MarkedSession(caller) as call:
        call.says("How much is a cleaning?")
        timings = await call.kept()
    needed = ("words_ms", "committed_ms", "captured_ms", "sounded_ms", "silent_ms")
    assert sorted(timings[name] for name in needed) == [timings[name] for name in needed]
    assert timings["text_ms"] <= timings["audio_ms"] <= timings["captured_ms"]
    assert timings["caller_began_ms"] == round(-1000 * _SOUND_S, 1)
    assert {timings["begun_by"], timings["understood_by"], timings["spoken_by"]} == {
        "words", "grammar", "deepgram/aura-2",
    }  # fmt: skip
    assert timings["is_cached"]


async def test_every_turn_has_marks_of_its_own() -> None:
    caller = Caller()
    await caller.answered()
    async with _MarkedSession(caller) as call:
        call.says("How much is a cleaning?")
        first = await call.kept()
        call.says("Where can I park?")
        second = await call.kept()
    assert second["caller_ended_at"] > first["caller_ended_at"] + first["silent_ms"] / 1000
    assert second["words_ms"] < second["sounded_ms"]


async def test_what_silence_made_us_say_has_none() -> None:
    caller = Caller()
    await caller.answered()
    async with _MarkedSession(caller) as call:
        await call.live._on_silence(1)
        timings = await call.kept()
    assert timings["begun_by"] == "silence"
    assert "sounded_ms" not in timings
