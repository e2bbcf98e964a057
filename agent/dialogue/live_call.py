"""One call as LiveKit lives it: session events in, conversation events out.

Owns the session's event handlers: it greets, notices silence and interruption, keeps the turns, and
hangs up once the farewell has been spoken.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from livekit.agents import AgentSession, llm
from livekit.agents.voice.events import (
    AgentStateChangedEvent,
    ConversationItemAddedEvent,
    SpeechCreatedEvent,
    UserStateChangedEvent,
)
from livekit.agents.voice.io import PlaybackFinishedEvent
from livekit.agents.voice.speech_handle import SpeechHandle

from agent.dialogue.conversation import Conversation, Proposal
from agent.dialogue.line_out import LineOut
from agent.dialogue.overlap import Overlap
from agent.dialogue.record import CallRecord
from agent.dialogue.recording import Recording
from agent.dialogue.silence import SilenceWatch
from agent.domain.call import PENDING_STAGES
from agent.domain.events import Answered, CallerHungUp, Event, Silent, StoreFailed
from agent.domain.state import Stage
from agent.runtime.logs import get_logger
from agent.runtime.tasks import TaskSet

_log = get_logger("agent.dialogue.live_call")
SILENCE_S = 8.0
#: A farewell that nobody lets us finish still ends the call.
_LONGEST_FAREWELL_S = 12.0
_LONGEST_DELETE_S = 5.0
#: The caller cut our farewell short, so they are still saying something.
_AFTER_CUT_FAREWELL_S = 1.5


class LiveCall:
    """Joins a conversation to the session that speaks and hears it.

    Args:
        session: started by the caller of this class.
        line: the session's audio output.
        conversation: decides.
        record: keeps.
        hang_up: ends the call for the caller; called at most once.
        recording: begun once its announcement has been heard; None when the tenant records nothing.
    """

    def __init__(
        self,
        session: AgentSession[None],
        line: LineOut,
        conversation: Conversation,
        record: CallRecord,
        hang_up: Callable[[], Awaitable[None]],
        recording: Recording | None,
    ) -> None:
        self._session = session
        self._line = line
        self._conversation = conversation
        self._record = record
        self._hang_up = hang_up
        self._recording = recording
        self._is_greeting = True
        self._tasks = TaskSet("live_call")
        self._silence = SilenceWatch(self._on_silence, after_s=SILENCE_S)
        self._playbacks = 0
        self._is_over = False
        self._ending: asyncio.Task[None] | None = None
        self._was_heard_out = True
        self._caller_is_quiet = asyncio.Event()
        self._caller_is_quiet.set()
        self._caller_ms: dict[str, float] = {}
        self._overlap = Overlap()
        self.latencies_ms: list[float] = []
        self.interruptions = 0
        self.has_voice = True
        session.on("user_state_changed", self._on_user_state)
        session.on("agent_state_changed", self._on_agent_state)
        session.on("conversation_item_added", self._on_item)
        session.on("speech_created", self._on_speech)
        line.on("playback_finished", self._on_playback_finished)

    async def begin(self) -> None:
        """The caller can hear us: greet, or go on where another agent lost this call."""
        self._line.answered()
        stage = self._conversation.state.stage
        self._is_greeting = stage is Stage.RINGING
        self._say(await self._conversation.happen(_opening_event(stage)))

    def voice_lost(self) -> None:
        """Speech cannot be made any more: end the call once what could be said has been heard."""
        self.has_voice = False
        self._end(after_s=_LONGEST_FAREWELL_S)

    async def aclose(self) -> None:
        """The call is over: give back what it held; effects in progress are given time to finish."""
        await self._silence.aclose()
        if not self._record.superseded.is_set():  # else the call goes on, and its hold is another agent's
            await self._conversation.happen(CallerHungUp(is_cut_off=not self.has_voice))
        await self._conversation.aclose()
        await self._stop_tasks()
        if self._recording is not None:
            await self._recording.stop()

    async def _stop_tasks(self) -> None:
        """Deleting a recording that was objected to is finished; a hang-up still waited for is not needed now."""
        if self._ending is not None:
            self._ending.cancel()
        await self._tasks.join(timeout_s=_LONGEST_DELETE_S)
        await self._tasks.aclose()

    def _say(self, proposal: Proposal) -> None:
        self._session.say(_with_spaces(proposal))

    async def _on_silence(self, count: int) -> None:
        _log.info("caller.silent", count=count)
        self._say(await self._conversation.happen(Silent(count)))

    def _on_user_state(self, event: UserStateChangedEvent) -> None:
        if event.new_state == "speaking":
            self._overlap.caller_began(event.created_at)
            self._caller_is_quiet.clear()
            self._silence.sound()
            return
        self._caller_is_quiet.set()
        if event.new_state == "listening":
            self._maybe_quiet()

    def _on_agent_state(self, event: AgentStateChangedEvent) -> None:
        if event.new_state != "listening":
            self._silence.sound()
            return
        self._maybe_quiet()
        if self._conversation.is_ended or not self.has_voice:
            self._end(after_s=0.0 if self._was_heard_out else _AFTER_CUT_FAREWELL_S)

    def _maybe_quiet(self) -> None:
        if self._session.agent_state == "listening" and self._session.user_state != "speaking":
            self._silence.quiet()

    def _on_speech(self, event: SpeechCreatedEvent) -> None:
        """A reply cut off before its first sound plays nothing and so finishes no playback."""
        before = self._playbacks

        def ended(handle: SpeechHandle) -> None:
            if handle.scheduled and handle.interrupted and self._playbacks == before:
                self._is_greeting = False  # and with it the announcement: nothing will be recorded
                self._conversation.cut_off(0.0)

        event.speech_handle.add_done_callback(ended)

    def _on_playback_finished(self, event: PlaybackFinishedEvent) -> None:
        self._playbacks += 1
        self._was_heard_out = not event.interrupted
        if event.interrupted:
            self.interruptions += 1
            self._conversation.cut_off(self._line.heard_fraction)
        if self._is_greeting:
            self._is_greeting = False
            self._start_recording(event)

    def _start_recording(self, greeting: PlaybackFinishedEvent) -> None:
        """Only when the caller has heard that we record: a greeting cut short before it announces nothing."""
        notice = self._conversation.tenant.recording_text
        if self._recording is None:
            return
        if greeting.interrupted and notice not in (greeting.synchronized_transcript or ""):
            _log.info("recording.not_announced")
            return
        try:
            self._recording.start()
        except OSError as error:
            _log.error("recording.failed", error=str(error))
            return
        self._record.recording("announced")

    def _on_item(self, event: ConversationItemAddedEvent) -> None:
        message = event.item
        if not isinstance(message, llm.ChatMessage):
            return
        if message.role == "user":
            self._silence.caller_spoke()
            self._caller_ms = _timings_ms(message) | self._stop_ms()
            self._honour_objection()
            if self._conversation.is_ended:
                self._end(after_s=_LONGEST_FAREWELL_S)
        elif message.role == "assistant":
            self._keep_own_turn(message)

    def _stop_ms(self) -> dict[str, float]:
        stop_ms = self._overlap.turn_over(began_at=self._line.began_at, stopped_at=self._line.stopped_at)
        return {} if stop_ms is None else {"barge_in_stop_ms": stop_ms}

    def _honour_objection(self) -> None:
        """Stop recording when the caller objects; what was kept so far is deleted."""
        if not self._conversation.state.declines_recording or self._recording is None:
            return
        recording, self._recording = self._recording, None
        self._tasks.start(recording.stop(discard=True), name="stop_recording")
        self._record.recording("declined")

    def _keep_own_turn(self, message: llm.ChatMessage) -> None:
        timings = self._caller_ms | _timings_ms(message)
        self._caller_ms = {}
        if (latency_ms := timings.get("e2e_ms")) is not None:
            self.latencies_ms.append(latency_ms)
        spoken = (message.text_content or "").strip()
        self._record.turn("agent", spoken, heard_text=spoken if message.interrupted else None, timings=timings)

    def _end(self, *, after_s: float) -> None:
        if self._is_over:
            return
        if self._ending is not None:
            self._ending.cancel()
        self._ending = self._tasks.start(self._end_soon(after_s), name="hang_up")

    async def _end_soon(self, after_s: float) -> None:
        """Hang up once the caller, who may be saying goodbye over ours, has finished."""
        await asyncio.sleep(after_s)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_FAREWELL_S):
                await self._caller_is_quiet.wait()
        if not self._is_over:
            self._is_over = True
            await self._hang_up()


def _opening_event(stage: Stage) -> Event:
    if stage is Stage.RINGING:
        return Answered()
    # what the lost agent had set in motion may have happened or not; the rules ask before they repeat it
    return StoreFailed() if stage in PENDING_STAGES else Silent(1)


async def _with_spaces(proposal: Proposal) -> Any:
    async for piece in proposal.speech:
        yield piece + " "


def _timings_ms(message: llm.ChatMessage) -> dict[str, float]:
    """LiveKit's own figures for this turn, in milliseconds; see docs/glossary.md for what they mean."""
    names = {
        "e2e_latency": "e2e_ms",
        "llm_node_ttft": "rules_ms",
        "tts_node_ttfb": "first_audio_ms",
        "playback_latency": "playback_ms",
        "end_of_turn_delay": "end_of_turn_ms",
        "transcription_delay": "transcription_ms",
    }
    return {
        ours: round(float(value) * 1000, 1)
        for theirs, ours in names.items()
        if isinstance(value := message.metrics.get(theirs), float)
    }
