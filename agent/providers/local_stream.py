"""One call's audio on its way through the local recogniser: when to decode, and when to believe the words.

The recogniser decodes whole utterances, not streams, so the work starts early and is thrown away
when the caller goes on: at every pause of `pause_s` the utterance so far is decoded; if the caller is
still silent when the words arrive they go out as PREFLIGHT, and as FINAL once the silence has lasted
as long as those words deserve. Of an utterance that goes on there are interims, pauses or not.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

from livekit import rtc
from livekit.agents import APIConnectOptions, stt, vad
from livekit.agents.language import LanguageCode

from agent.domain.errors import FleetError
from agent.domain.events import INAUDIBLE
from agent.inference.client import InferenceClient, Priority
from agent.providers.speech_watch import SpeechWatch
from agent.providers.unread import Unread
from agent.runtime import traces
from agent.runtime.logs import get_logger
from agent.runtime.tasks import TaskSet

SAMPLE_RATE_HZ = 16_000
_BYTES_PER_S = SAMPLE_RATE_HZ * 2
_LANGUAGE = LanguageCode("en")
_log = get_logger("agent.providers.local_stream")


@dataclass(frozen=True, slots=True)
class ListeningOptions:
    """When to decode and when to believe.

    Attributes:
        pause_s: silence that starts a speculative decode.
        final_silence_s: silence after which words that finish a turn are believed to be all.
        second_look_s: silence after which words that do not finish a turn are decoded once more.
        patience_s: silence after which such words are believed all the same; meanwhile the caller may go on
            and the whole is decoded anew, because half a phone number is recognised worse than all of it.
        interim_every_s: speech nobody has read after which its words so far are asked for. The recogniser
            takes such a request only while idle, so it delays nobody by more than one decode.
        lead_in_s: audio kept from before the first sign of speech.
        longest_s: of a longer utterance the beginning is forgotten; a recogniser window holds no more.
        deadline_s: how long a decode may take before the words count as lost.
    """

    pause_s: float = 0.06
    final_silence_s: float = 0.20
    second_look_s: float = 0.30
    patience_s: float = 1.3
    interim_every_s: float = 1.5
    lead_in_s: float = 0.35
    longest_s: float = 25.0
    deadline_s: float = 4.0


class Expectation(Protocol):
    """Who knows what the caller has been asked."""

    @property
    def cue(self) -> str:
        """A sentence like the one expected now; empty when anything may be said."""

    def is_over(self, text: str) -> bool:
        """Whether these words, said now, finish the caller's turn."""

    def is_misheard(self, text: str) -> bool:
        """Whether these words, said now, cannot be what was said."""


@dataclass(frozen=True, slots=True)
class Ears:
    """What a stream listens with.

    Attributes:
        client: connection to the inference process.
        speech_detector: decides what is speech; energy alone decides when it pauses.
        expectation: of the call.
    """

    client: InferenceClient
    speech_detector: vad.VAD
    expectation: Expectation
    options: ListeningOptions = field(default_factory=ListeningOptions)


class LocalStream(stt.RecognizeStream):
    """Call audio in, speech events out.

    Args:
        parent: reported as the source of the events.
        ears: shared by all streams of the call.
    """

    def __init__(self, parent: stt.STT[Any], ears: Ears, conn_options: APIConnectOptions) -> None:
        super().__init__(stt=parent, conn_options=conn_options, sample_rate=SAMPLE_RATE_HZ)
        self._ears = ears
        self._options = ears.options
        self._audio = bytearray()
        self._watch = SpeechWatch(ears.speech_detector, SAMPLE_RATE_HZ, self._on_speech)
        self._speaking = False
        self._began_at = 0.0
        self._has_interim = False
        self._unread = Unread(ears.options.interim_every_s)
        self._decode: asyncio.Task[None] | None = None
        self._interim: asyncio.Task[None] | None = None
        self._tasks = TaskSet("local_stream")

    async def _run(self) -> None:
        try:
            async for item in self._input_ch:
                if isinstance(item, rtc.AudioFrame):
                    pcm = item.data.cast("B").tobytes()
                    self._audio += pcm
                    self._on_audio(len(pcm), await self._watch.hear(item, in_speech=self._speaking))
            await self._watch.finish()
        finally:
            await self._tasks.aclose()
            await self._watch.aclose()

    def _on_speech(self) -> None:
        if not self._speaking:
            self._begin()
        self._resume()

    def _begin(self) -> None:
        self._speaking = True
        self._began_at = time.time()
        self._has_interim = False
        self._unread.begin()
        self._event_ch.send_nowait(stt.SpeechEvent(type=stt.SpeechEventType.START_OF_SPEECH))

    def _on_audio(self, size: int, silent_s: float) -> None:
        keep_s = self._options.longest_s if self._speaking else self._options.lead_in_s + self._watch.unjudged_s
        del self._audio[: max(0, len(self._audio) - 2 * int(keep_s * SAMPLE_RATE_HZ))]
        if not self._speaking:
            return
        if silent_s == 0.0:
            self._resume()
            self._go_on(size / _BYTES_PER_S)
        elif self._decode is None and silent_s >= self._options.pause_s:
            self._stop_interim()
            self._decode = self._tasks.start(self._decode_pause(), name="decode")

    def _go_on(self, heard_s: float) -> None:
        if self._unread.speech(heard_s):
            self._interim = self._tasks.start(self._listen_ahead(), name="interim")

    def _stop_interim(self) -> None:
        if self._interim is not None:
            self._interim.cancel()
            self._interim = None
            self._unread.dropped()

    def _resume(self) -> None:
        if self._decode is not None:
            self._decode.cancel()
            self._decode = None

    async def _decode_pause(self) -> None:
        """Decode what was said before this pause, and believe it once the silence has lasted long enough."""
        cue = self._ears.expectation.cue
        text = await self._preflight(cue)
        is_misheard = self._ears.expectation.is_misheard(text)
        if not self._is_over(text) or is_misheard:
            # a soft last syllable may have come after the pause began: listen to it once more, whole; and words
            # that do not fit their cue may have been bent by it: listen with more care and without one
            await self._watch.lasts(self._options.second_look_s)
            again = await self._preflight(unlike=text, thorough=bool(cue))
            if cue and self._ears.expectation.is_misheard(again or text):
                # the quick decode alone gets some numbers right that neither its cue nor more care does
                again = await self._preflight(unlike=again or text) or again
            # words that went out and never come for good would leave the caller without an answer
            text = again or (INAUDIBLE if is_misheard else text)
        silence_s = self._options.final_silence_s if self._is_over(text) else self._options.patience_s
        await self._watch.lasts(silence_s)
        # from here on nothing awaits: the utterance ends whole or not at all
        self._speaking = False
        self._decode = None
        self._audio.clear()
        self._watch.end_utterance()
        if text:
            self._emit(stt.SpeechEventType.FINAL_TRANSCRIPT, text, self._watch.paused_at)

    async def _preflight(self, cue: str = "", *, unlike: str = "", thorough: bool = False) -> str:
        """Decode all that was heard; what is new goes out as PREFLIGHT."""
        with traces.tracer().start_as_current_span(traces.ASR_FINAL):
            text = await self._words(bytes(self._audio), cue, thorough=thorough)
        self._unread.all_read()
        if text and text != unlike:
            self._emit(stt.SpeechEventType.PREFLIGHT_TRANSCRIPT, text, self._watch.paused_at)
        return text

    def _is_over(self, text: str) -> bool:
        return not text or self._ears.expectation.is_over(text)

    async def _words(self, pcm: bytes, cue: str, *, thorough: bool) -> str:
        try:
            transcript = await self._ears.client.transcribe(
                pcm,
                sample_rate_hz=SAMPLE_RATE_HZ,
                deadline_s=self._options.deadline_s,
                cue=cue,
                thorough=thorough,
            )
        except FleetError as error:
            _log.warning("stt.failed", error=str(error), blame=error.blame.value)
            return INAUDIBLE
        return transcript.text.strip()

    async def _listen_ahead(self) -> None:
        """The words of an utterance that goes on; nothing when the recogniser has better to do."""
        try:
            transcript = await self._ears.client.transcribe(
                bytes(self._audio),
                sample_rate_hz=SAMPLE_RATE_HZ,
                deadline_s=self._options.deadline_s,
                priority=Priority.PARTIAL,
                cue=self._ears.expectation.cue,
            )
        except FleetError:
            self._interim = None
            self._unread.answered()
            return
        self._interim = None
        self._unread.answered()
        if not transcript.text:
            return
        if not self._has_interim:
            self._has_interim = True
            traces.tracer().start_span(traces.ASR_FIRST_PARTIAL, start_time=int(self._began_at * 1e9)).end()
        self._emit(stt.SpeechEventType.INTERIM_TRANSCRIPT, transcript.text.strip(), None)

    def _emit(self, kind: stt.SpeechEventType, text: str, ended_at: float | None) -> None:
        self._event_ch.send_nowait(
            stt.SpeechEvent(
                type=kind,
                alternatives=[stt.SpeechData(language=_LANGUAGE, text=text, confidence=1.0)],
                speech_end_time=ended_at,
            )
        )
