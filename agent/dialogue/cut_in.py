"""Cutting in on a caller because somebody is in danger: at once, and over their words if they speak on.

Like any other speech LiveKit would hold it back until they are silent, and stop it at their next word; who is in
distress does not fall silent. So it cannot be interrupted, and the caller's turn goes on beneath it: the turn ends
only when it has been said, so that its own reply neither talks over it nor is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from livekit.agents import AgentSession, stt
from livekit.agents.voice.speech_handle import SpeechHandle

from agent.dialogue.conversation import Conversation
from agent.dialogue.hearing import MOST_CHARACTERS
from agent.dialogue.speech import Speech
from agent.domain.events import EmergencyHeard
from agent.runtime.logs import get_logger
from agent.runtime.tasks import TaskSet

_log = get_logger("agent.dialogue.cut_in")
#: What we were saying is stopped first; for longer nobody waits for that.
_LONGEST_STOP_S = 0.5
#: The longest warning takes 8 s; a voice that is away must not hold the caller's turn for ever.
_LONGEST_WARNING_S = 12.0


class CutIn:
    """Reads one call's turns while they are spoken.

    Args:
        on_cut_in: told before anything is said.
    """

    def __init__(self, session: AgentSession[None], conversation: Conversation, on_cut_in: Callable[[], None]) -> None:
        self._session = session
        self._conversation = conversation
        self._on_cut_in = on_cut_in
        self._said = ""
        self._speech: SpeechHandle | None = None
        self._is_silent = asyncio.Event()
        self._is_silent.set()
        self._tasks = TaskSet("cut_in")

    @property
    def untold(self) -> str:
        """Recognised words of a turn that has not ended yet."""
        return self._said

    def heard(self, event: stt.SpeechEvent) -> None:
        """The recogniser's next words; those of a pause that may be the end are left to the finished turn."""
        if not event.alternatives:
            return
        words = f"{self._said} {event.alternatives[0].text}".strip()[:MOST_CHARACTERS]
        if event.type is stt.SpeechEventType.FINAL_TRANSCRIPT:
            self._said = words
        elif event.type is stt.SpeechEventType.INTERIM_TRANSCRIPT and self._session.user_state == "speaking":
            emergency = self._conversation.emergency_in(words, is_whole=False) if self._is_silent.is_set() else None
            if emergency is not None:
                self._is_silent.clear()
                self._tasks.start(self._warn(emergency), name="warn")

    async def turn_over(self, words: str) -> None:
        """The turn has ended with these words: begin the warning they need, before anything else comes of them."""
        self._said = ""
        emergency = self._conversation.emergency_in(words, is_whole=True)
        if emergency is not None:
            self._is_silent.clear()
            await self._warn(emergency)

    async def said(self) -> None:
        """Wait until nothing of ours is being said over the caller."""
        try:
            async with asyncio.timeout(_LONGEST_WARNING_S):
                await self._is_silent.wait()
        except TimeoutError:
            self._done()

    async def aclose(self) -> None:
        """The call is over."""
        await self._tasks.aclose()

    async def _warn(self, emergency: EmergencyHeard) -> None:
        with contextlib.suppress(TimeoutError, RuntimeError):  # the latter: the session is closing
            async with asyncio.timeout(_LONGEST_STOP_S):
                await self._session.interrupt()
        proposal = self._conversation.cut_in(emergency)
        _log.warning("emergency.cut_in", kind=emergency.kind.value, stage=self._conversation.state.stage.value)
        self._on_cut_in()
        try:
            self._speech = self._session.say(_pieces(proposal.speech), allow_interruptions=False)
        except RuntimeError:  # the session has closed
            self._done()
            return
        self._speech.add_done_callback(lambda _: self._done())

    def _done(self) -> None:
        if self._speech is not None:
            self._speech.allow_interruptions = True  # else LiveKit drops the turn that ends just now
            self._speech = None
        self._is_silent.set()


async def _pieces(speech: Speech) -> AsyncIterator[str]:
    async for piece in speech:
        yield piece + " "
