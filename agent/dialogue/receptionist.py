"""The LiveKit agent: hands turns to the conversation and its words to the synthesiser.

Everything a caller experiences as a decision is made in `Conversation`; this class only keeps
LiveKit's hooks. `on_user_turn_completed` must not touch the chat context: that would discard the
reply LiveKit has already prepared.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from typing import Any, Protocol, runtime_checkable

from livekit import rtc
from livekit.agents import Agent, APIConnectOptions, APIError, ModelSettings, llm, stt, tts

from agent.dialogue.backchannel import is_backchannel
from agent.dialogue.conversation import Conversation
from agent.dialogue.cut_in import CutIn
from agent.dialogue.line_out import CLAUSE
from agent.dialogue.playback import MAKING, Making
from agent.dialogue.recording import Recording
from agent.dialogue.turn_end import TurnEnd
from agent.dialogue.turn_marks import TurnMarks
from agent.dialogue.word_of_patience import WordOfPatience
from agent.providers.clauses import clauses
from agent.runtime import traces
from agent.runtime.logs import get_logger

#: LiveKit's own second try would be heard as silence.
_ONE_TRY = APIConnectOptions(max_retry=0, timeout=3.0)
#: A voice that is not back by then is believed lost; with both engines and a worker restarting it took 11 s, n = 1.
_VOICE_RETURNS_S = 18.0
_STALL_EVERY_S = 6.0
_RETRY_S = 0.5
#: The pace at which the fixed prompts were put into the cache.
_AS_WARMED = 1.0
_log = get_logger("agent.dialogue.receptionist")


@runtime_checkable
class Paced(Protocol):
    """A voice whose pace can be set; another one is asked to repeat itself only."""

    rate: float


@runtime_checkable
class Sourced(Protocol):
    """Speech that says where it comes from, once its first audio has come."""

    spoken_by: str
    is_cached: bool
    failed: tuple[str, ...]


class Receptionist(Agent):
    """Answers one call.

    Args:
        conversation: what to say.
        voice: how to say it.
        on_voice_lost: told when speech could not be made, after the last words that could.
        recording: given what the caller says.
        cut_in: given the words while they are spoken.
        patience: asked of the caller when the reply to a turn takes longer than its budget.
        marks: told when what happens.
        turn_end: told what is heard.
        is_speaking: whether a reply is in the middle of being heard, paused or not.
    """

    def __init__(
        self,
        conversation: Conversation,
        voice: tts.TTS[Any],
        on_voice_lost: Callable[[], None],
        recording: Recording | None = None,
        cut_in: CutIn | None = None,
        patience: WordOfPatience | None = None,
        marks: TurnMarks | None = None,
        turn_end: TurnEnd | None = None,
        is_speaking: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(instructions="")
        self._conversation = conversation
        self._voice = voice
        self._on_voice_lost = on_voice_lost
        self._recording = recording
        self._cut_in = cut_in
        self._patience = patience
        self._marks = marks
        self._turn_end = turn_end
        self._is_speaking = is_speaking

    async def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncGenerator[stt.SpeechEvent | str, None]:
        """The caller's audio on its way to the recogniser, and into the recording if there is one."""
        heard = audio if self._recording is None else _kept(audio, self._recording)
        heard = heard if self._marks is None else _marked(heard, self._marks)
        async for event in Agent.default.stt_node(self, heard, model_settings):
            if not isinstance(event, stt.SpeechEvent):
                yield event
            elif not self._is_only_listening(event):
                self._told(event)
                yield event

    def _is_only_listening(self, event: stt.SpeechEvent) -> bool:
        """A sound made into our speech; LiveKit, which has paused it, goes on where no words come."""
        said = event.alternatives[0].text if event.alternatives else ""
        return bool(said) and self._is_speaking() and is_backchannel(said)

    def _told(self, event: stt.SpeechEvent) -> None:
        if self._marks is not None:
            self._marks.words(event)
        if self._cut_in is not None:
            self._cut_in.heard(event)
        if self._turn_end is not None:
            self._turn_end.heard(event)

    async def on_user_turn_completed(self, turn_ctx: llm.ChatContext, new_message: llm.ChatMessage) -> None:
        """The caller's turn is over: this is what counts."""
        words = new_message.text_content or ""
        if self._cut_in is not None:
            await self._cut_in.turn_over(words)
        if self._marks is not None:
            self._marks.turn_over(words)
        reply = self._conversation.commit(words, new_message.id)
        silent_since = None if self._marks is None else self._marks.silent_since
        proposal = await (reply if self._patience is None else self._patience.during(reply, silent_since=silent_since))
        if self._cut_in is not None:
            await self._cut_in.said()
        if self._marks is not None:
            self._marks.adopted(proposal)

    async def llm_node(
        self, chat_ctx: llm.ChatContext, tools: list[llm.Tool], model_settings: ModelSettings
    ) -> AsyncGenerator[str, None]:
        """The words of the reply; also called for turns that may never be committed."""
        message = _last_from_caller(chat_ctx)
        if message is None:
            return
        speech = await self._conversation.reply_to(message.text_content or "", message.id, asked_at=message.created_at)
        async for piece in speech:
            yield piece + " "

    async def tts_node(
        self, text: AsyncIterable[str], model_settings: ModelSettings
    ) -> AsyncGenerator[rtc.AudioFrame, None]:
        """Audio of the reply, clause by clause, each marked with its words."""
        patience, making = _Patience(), Making()
        try:
            async for piece in text:
                making.text_at = making.text_at or time.time()
                for clause in clauses(piece):
                    async for frame in self._spoken_in_the_end(clause, patience, making):
                        yield frame
        except APIError as error:
            _log.error("speech.failed", error=str(error))
            for clause in clauses(self._conversation.last_resort):
                async for frame in self._spoken(clause, _AS_WARMED, making):  # from the cache, where the worker put it
                    yield frame
            self._on_voice_lost()

    async def _spoken_in_the_end(
        self, clause: str, patience: _Patience, making: Making
    ) -> AsyncGenerator[rtc.AudioFrame, None]:
        """A clause whose synthesis fails is tried again behind a word of patience: a dead voice is soon restarted."""
        while True:
            try:
                async for frame in self._spoken(clause, self._conversation.delivery.rate, making):
                    yield frame
                return
            except APIError as error:
                if not error.retryable or patience.is_spent():
                    raise
                _log.warning("speech.retried", error=str(error))
            if patience.is_due():
                async for frame in self._spoken(self._conversation.stall, _AS_WARMED, making):  # from the cache
                    yield frame
            await asyncio.sleep(_RETRY_S)

    async def _spoken(self, clause: str, rate: float, making: Making) -> AsyncGenerator[rtc.AudioFrame, None]:
        words: str | None = clause
        if isinstance(self._voice, Paced):
            self._voice.rate = rate
        span = traces.tracer().start_span(traces.TTS_STREAM)
        try:
            async with self._voice.synthesize(clause, conn_options=_ONE_TRY) as stream:
                async for audio in stream:
                    if not making.audio_at:
                        _note_source(making, stream)
                        audio.frame.userdata[MAKING] = making
                    if words is not None:
                        audio.frame.userdata[CLAUSE] = words
                        words = None
                    yield audio.frame
        finally:
            span.end()


class _Patience:
    """How long one reply waits for a lost voice, and when the caller hears of it, from the first failure on."""

    def __init__(self) -> None:
        self._give_up_at: float | None = None
        self._stall_at = 0.0

    def is_spent(self) -> bool:
        """Whether the voice has been away too long."""
        if self._give_up_at is None:
            self._give_up_at = time.monotonic() + _VOICE_RETURNS_S
        return time.monotonic() >= self._give_up_at

    def is_due(self) -> bool:
        """Whether to ask for patience now; each yes starts the next wait."""
        is_due = time.monotonic() >= self._stall_at
        if is_due:
            self._stall_at = time.monotonic() + _STALL_EVERY_S
        return is_due


def _note_source(making: Making, stream: object) -> None:
    making.audio_at = time.time()
    if isinstance(stream, Sourced):
        making.spoken_by, making.is_cached, making.failed = stream.spoken_by, stream.is_cached, stream.failed


async def _marked(audio: AsyncIterable[rtc.AudioFrame], marks: TurnMarks) -> AsyncGenerator[rtc.AudioFrame, None]:
    async for frame in audio:
        marks.sound(frame.data.cast("B").tobytes())
        yield frame


async def _kept(audio: AsyncIterable[rtc.AudioFrame], recording: Recording) -> AsyncGenerator[rtc.AudioFrame, None]:
    async for frame in audio:
        if recording.is_on:
            recording.caller(frame.data.cast("B").tobytes(), frame.sample_rate)
        yield frame


def _last_from_caller(chat_ctx: llm.ChatContext) -> llm.ChatMessage | None:
    for item in reversed(chat_ctx.items):
        if isinstance(item, llm.ChatMessage) and item.role == "user":
            return item
    return None
