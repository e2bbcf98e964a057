"""A telephone on a live call: LiveKit's session as far as a call uses it, speaking at the pace of a voice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from livekit import rtc
from livekit.agents.voice.io import PlaybackFinishedEvent

from agent.dialogue.announced_recording import AnnouncedRecording
from agent.dialogue.live_call import LiveCall
from agent.dialogue.live_switchboard import LiveSwitchboard
from agent.dialogue.recording import Recording
from agent.domain.call import CallState
from tests.dialogue.fakes import Caller

#: Characters of speech a second.
PACE = 15.0
_LONGEST_WAIT_S = 60.0


class _Handle:
    """One reply of the agent's."""

    def __init__(self) -> None:
        self.scheduled = self.allow_interruptions = True
        self.interrupted = False
        self._is_done = False
        self._callbacks: list[Callable[[Any], None]] = []

    def done(self) -> bool:
        return self._is_done

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        self._callbacks.append(callback)

    def finish(self) -> None:
        if not self._is_done:
            self._is_done = True
            for callback in self._callbacks:
                callback(self)


class Session(rtc.EventEmitter[str]):
    """Says one thing at a time into the line, and can be interrupted."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self.line = line
        self.agent_state = "listening"
        self.user_state = "listening"
        self.cleared_turns = 0
        self._speeches: list[tuple[_Handle, asyncio.Task[None]]] = []

    @property
    def current_speech(self) -> _Handle | None:
        """What is being said, or made ready to be."""
        return next((handle for handle, _ in self._speeches if not handle.done()), None)

    def say(self, speech: AsyncIterable[str] | str, **_: Any) -> _Handle:
        handle = _Handle()
        self.emit("speech_created", SimpleNamespace(speech_handle=handle))
        before = self._speeches[-1][1] if self._speeches else None
        self._speeches.append((handle, asyncio.create_task(self._speak(handle, speech, before))))
        return handle

    async def interrupt(self) -> None:
        for handle, task in [speech for speech in self._speeches if not speech[0].done()]:
            handle.interrupted = True
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            handle.finish()

    def clear_user_turn(self) -> None:
        self.cleared_turns += 1

    async def _speak(
        self, handle: _Handle, speech: AsyncIterable[str] | str, before: asyncio.Task[None] | None
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        self._become("thinking")
        try:
            text = speech if isinstance(speech, str) else "".join([piece async for piece in speech]).strip()
            if text:
                await self.line.play(text)
        finally:
            handle.finish()
            self._become("listening")

    def _become(self, state: str) -> None:
        self.agent_state = state
        self.emit("agent_state_changed", SimpleNamespace(new_state=state))


class Line(rtc.EventEmitter[str]):
    """What the caller hears.

    Attributes:
        heard: the agent's replies as far as they were played.
        begun, finished: replies, whole, as they begin and when they have been heard out.
    """

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []
        self.begun: asyncio.Queue[str] = asyncio.Queue()
        self.finished: asyncio.Queue[str] = asyncio.Queue()
        self.heard_fraction = 1.0
        self.began_at = self.stopped_at = 0.0
        self.is_up = False

    def answered(self) -> None:
        self.is_up = True

    async def play(self, text: str) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0.3)  # the voice begins, and its audio travels
        began_at, whole_s = loop.time(), len(text) / PACE
        self.begun.put_nowait(text)
        self.emit("playback_started", SimpleNamespace())
        is_cut = True
        try:
            await asyncio.sleep(whole_s)
            is_cut = False
        finally:
            self.heard_fraction = min(1.0, (loop.time() - began_at) / whole_s)
            self.heard.append(text[: round(len(text) * self.heard_fraction)])
            if not is_cut:
                self.finished.put_nowait(text)
            self.emit("playback_finished", PlaybackFinishedEvent(self.heard_fraction * whole_s, interrupted=is_cut))


@dataclass
class _Record:
    """Only what a live call asks of a record."""

    turns: list[tuple[str, str]] = field(default_factory=list)
    superseded: asyncio.Event = field(default_factory=asyncio.Event)

    def turn(self, role: str, text: str, **_: Any) -> None:
        self.turns.append((role, text))

    def recording(self, became: str) -> None:
        """Nobody asks here."""


class _NoTransfers:
    """The servers, of which a call without transfers asks nothing but to be left."""

    async def aclose(self) -> None:
        """Nothing to do."""


def _nobody() -> LiveSwitchboard:
    """A switchboard that is never asked for anybody."""
    return LiveSwitchboard(
        cast(Any, _NoTransfers()),
        cast(Any, SimpleNamespace(remote_participants={})),
        "",
        cast(Any, None),
        cast(Any, None),
    )


class Telephone:
    """A caller with a keypad and a voice, on a call that has just been answered."""

    def __init__(self, caller: Caller | None = None, recording: Recording | None = None) -> None:
        self.caller = caller or Caller()
        self.line = Line()
        self.record = _Record()
        self.session = Session(self.line)
        self.hung_up = asyncio.Event()
        self.live = LiveCall(
            cast(Any, self.session), cast(Any, self.line), self.caller.conversation, cast(Any, self.record),
            self._hang_up, AnnouncedRecording(recording, cast(Any, self.record), ""), _nobody(), lambda: None,
        )  # fmt: skip

    @property
    def state(self) -> CallState:
        """Of the call now."""
        return self.caller.conversation.state

    async def answered(self) -> str:
        """The greeting, heard out."""
        await self.live.begin()
        return await self.listened()

    async def press(self, keys: str, *, every_s: float = 0.2) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.live.press(key)
            await asyncio.sleep(every_s)

    async def keys(self, keys: str) -> str:
        """Press keys and hear the reply out."""
        await self.press(keys)
        return await self.listened()

    async def listened(self) -> str:
        """The agent's next words, heard out."""
        return await self._next(self.line.finished)

    async def speaking(self) -> str:
        """The agent's next words, as soon as they begin."""
        return await self._next(self.line.begun)

    async def heard_up_to(self, words: str) -> None:
        """Listen until these words have been played."""
        text = await self.speaking()
        while words not in text:
            text = await self.speaking()
        await asyncio.sleep((text.index(words) + len(words)) / PACE)

    async def says(self, words: str) -> str:
        """A turn in words, whose reply LiveKit would speak."""
        return await self.caller.says(words)

    async def hang_up(self) -> None:
        """The caller leaves."""
        await self.session.interrupt()
        await self.live.aclose()

    async def _next(self, texts: asyncio.Queue[str]) -> str:
        async with asyncio.timeout(_LONGEST_WAIT_S):
            return await texts.get()

    async def _hang_up(self) -> None:
        self.hung_up.set()
