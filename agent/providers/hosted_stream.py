"""One call's audio on its way through a hosted recogniser: its words, and our own judgement of when a turn is over.

The recogniser's own end of a turn comes late. So it is asked for all words at the first pause; they go out as PREFLIGHT
when they have come, and as FINAL once the silence has lasted as long as they deserve. START_OF_SPEECH and END_OF_SPEECH
tell of speech and of each pause in it, words or not: whoever listens can tell a recogniser that is mute from noise.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import Any, Protocol

from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, stt, utils, vad
from livekit.agents.language import LanguageCode

from agent.providers.speech_watch import SpeechWatch
from agent.providers.turn_words import TurnWords
from agent.runtime import traces

SAMPLE_RATE_HZ = 16_000
#: How long the last words may take after the last audio.
_LONGEST_END_S = 1.0
_BEHIND_S = 0.1
_MOMENT_S = 0.02
_LANGUAGE = LanguageCode("en")
#: Key in a final transcript's metadata: the recogniser itself says that the turn has ended.
SURE_END = "voicefleet.sure_end"
_Kind = stt.SpeechEventType


class Expects(Protocol):
    """Who knows what the caller has been asked."""

    def is_over(self, text: str) -> bool:
        """Whether these words, said now, finish the caller's turn."""

    def is_unfinished(self, text: str) -> bool:
        """Whether these words, said now, plainly go on."""

    def is_misheard(self, text: str) -> bool:
        """Whether these words, said now, cannot be what was said."""


@dataclass(frozen=True, slots=True)
class TurnOptions:
    """When to ask for words and when to believe them.

    Attributes:
        ask_after_s: silence after which the recogniser is asked for all words so far.
        none_more_s: silence after which a recogniser that was asked and told nothing has nothing to tell.
        final_silence_s: silence after which words that finish a turn are believed to be all.
        misheard_silence_s: the same for words that cannot be what was said: the rest of them may be late.
        patience_s: silence after which words that do not finish a turn are believed, if the recogniser itself
            does not say before that the turn has ended.
        nothing_s: silence after which what was taken for speech was none.
    """

    ask_after_s: float = 0.08
    none_more_s: float = 0.4
    final_silence_s: float = 0.20
    misheard_silence_s: float = 0.30
    patience_s: float = 1.3
    nothing_s: float = 4.0


@dataclass(frozen=True, slots=True)
class Hearing:
    """What hosted recognisers of a call are listened through.

    Attributes:
        speech_detector: decides what is speech; energy alone decides when it pauses.
        expectation: of the call.
    """

    speech_detector: vad.VAD
    expectation: Expects
    options: TurnOptions = TurnOptions()


class HostedStream(stt.RecognizeStream):
    """Call audio in, speech events out.

    Args:
        parent: reported as the source of the events.
        told: the recogniser's stream, opened for this one, which closes it.
        tells_turns: as `TurnWords` has it.
    """

    def __init__(
        self,
        parent: stt.STT[Any],
        told: stt.RecognizeStream,
        hearing: Hearing,
        conn_options: APIConnectOptions,
        *,
        tells_turns: bool,
    ) -> None:
        super().__init__(stt=parent, conn_options=conn_options, sample_rate=SAMPLE_RATE_HZ)
        self._told = told
        self._expectation = hearing.expectation
        self._options = hearing.options
        self._words = TurnWords(tells_turns=tells_turns)
        self._watch = SpeechWatch(hearing.speech_detector, SAMPLE_RATE_HZ, self._on_speech)
        self._pushed_s = 0.0
        self._heard_s = 0.0
        self._is_speaking = False
        self._began_at = 0.0
        self._has_interim = False
        self._said: tuple[stt.SpeechEventType, str] | None = None
        self._changed = asyncio.Event()
        self._believing: asyncio.Task[None] | None = None

    def push_frame(self, frame: rtc.AudioFrame) -> None:
        """Give audio to the recogniser at once; what we make of it ourselves may lag behind."""
        with contextlib.suppress(RuntimeError):  # it has ended: whoever reads it says why
            self._told.push_frame(frame)
        self._pushed_s += frame.duration
        super().push_frame(frame)

    async def _run(self) -> None:
        reading = asyncio.create_task(self._read(), name="hosted_stream.read")
        feeding = asyncio.create_task(self._feed(), name="hosted_stream.feed")
        try:
            await asyncio.wait({reading, feeding}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({reading}, timeout=_LONGEST_END_S)
            if reading.done():
                await reading
            if not self._input_ch.closed:
                raise APIConnectionError("the recogniser ended its stream")
            if self._words.text:
                self._finish(self._watch.paused_at)
        finally:
            await utils.aio.cancel_and_wait(reading, feeding, *([self._believing] if self._believing else []))
            await self._watch.aclose()
            await self._told.aclose()

    async def _feed(self) -> None:
        async for item in self._input_ch:
            if not isinstance(item, rtc.AudioFrame):
                continue
            self._heard_s += item.duration
            self._on_audio(await self._watch.hear(item, in_speech=self._is_speaking), item.duration)
        with contextlib.suppress(RuntimeError):
            self._told.end_input()

    def _on_speech(self) -> None:
        if not self._is_speaking:
            self._is_speaking = True
            self._began_at = time.time()
            self._has_interim = False
        self._go_on()
        self._emit(_Kind.START_OF_SPEECH)

    def _on_audio(self, silent_s: float, duration_s: float) -> None:
        if silent_s == 0.0:
            if self._believing is not None and self._is_speaking:
                self._emit(_Kind.START_OF_SPEECH)
            self._go_on()
            self._words.sounded(duration_s)
        elif self._believing is None and silent_s >= self._options.ask_after_s and self._is_awaiting_words:
            self._on_pause(silent_s)

    @property
    def _is_awaiting_words(self) -> bool:
        return (self._is_speaking or bool(self._words.text)) and not self._is_behind

    @property
    def _is_behind(self) -> bool:
        """The recogniser was given audio that we have not heard: its words may be of later than this silence."""
        return self._pushed_s - self._heard_s > _BEHIND_S

    def _go_on(self) -> None:
        if self._believing is not None:
            self._believing.cancel()
            self._believing = None

    def _on_pause(self, silent_s: float) -> None:
        self._words.paused(self._heard_s - silent_s)
        with contextlib.suppress(RuntimeError):
            self._told.flush()
        self._emit(_Kind.END_OF_SPEECH, ended_at=self._watch.paused_at)
        self._believing = asyncio.create_task(self._believe(), name="hosted_stream.believe")

    async def _believe(self) -> None:
        """Wait for the words before this pause, and believe them once the silence has lasted long enough."""
        with traces.tracer().start_as_current_span(traces.ASR_FINAL):
            await self._settled()
        while (left_s := self._silence_needed_s() - self._watch.silent_s) > 0 or self._is_behind:
            self._preflight()
            await self._change(max(left_s, _MOMENT_S))
        if self._words.text:
            self._finish(self._watch.paused_at)
        else:
            self._close()

    async def _settled(self) -> None:
        while not self._words.is_settled and self._watch.silent_s < self._options.nothing_s:
            if self._watch.silent_s >= self._options.none_more_s:
                self._words.no_more_came()
            await self._change(self._options.none_more_s)

    async def _change(self, within_s: float) -> None:
        """Until the words change or that time has passed; at most for a moment, for a pause may turn out older."""
        self._changed.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(within_s, _MOMENT_S)):
                await self._changed.wait()

    def _silence_needed_s(self) -> float:
        words, options = self._words, self._options
        if not words.text:
            return options.nothing_s
        if not words.is_settled:
            return options.patience_s
        if words.is_sure and not self._expectation.is_unfinished(words.text):
            return 0.0
        if not self._expectation.is_over(words.text):
            return options.patience_s
        is_misheard = self._expectation.is_misheard(words.text)
        return options.misheard_silence_s if is_misheard else options.final_silence_s

    def _preflight(self) -> None:
        if self._words.is_settled and self._said != (_Kind.PREFLIGHT_TRANSCRIPT, self._words.text):
            self._emit(_Kind.PREFLIGHT_TRANSCRIPT, self._words.text, self._watch.paused_at)

    def _finish(self, ended_at: float) -> None:
        text = self._words.text
        self._preflight()
        self._emit(_Kind.FINAL_TRANSCRIPT, text, ended_at, is_sure=self._words.is_sure)
        self._close()

    def _close(self) -> None:
        self._words.told()
        self._is_speaking = False
        self._believing = None
        self._said = None
        self._watch.end_utterance()

    async def _read(self) -> None:
        async for event in self._told:
            if event.alternatives:
                self._on_words(event.type, event.alternatives[0])

    def _on_words(self, kind: stt.SpeechEventType, said: stt.SpeechData) -> None:
        if kind is _Kind.FINAL_TRANSCRIPT:
            self._words.final(said.text, said.end_time)
        elif kind is _Kind.PREFLIGHT_TRANSCRIPT:
            self._words.eager(said.text, said.end_time)
        elif kind is _Kind.INTERIM_TRANSCRIPT:
            self._words.interim(said.text, said.end_time)
        self._changed.set()
        if self._believing is None and self._words.is_sure and not self._expectation.is_unfinished(self._words.text):
            self._finish(self._watch.paused_at)
        elif self._words.text and not self._words.is_settled:
            self._interim()

    def _interim(self) -> None:
        if self._said is not None and self._said[1] == self._words.text:
            return
        if not self._has_interim:
            self._has_interim = True
            began_at = self._began_at or time.time()
            traces.tracer().start_span(traces.ASR_FIRST_PARTIAL, start_time=int(began_at * 1e9)).end()
        self._emit(_Kind.INTERIM_TRANSCRIPT, self._words.text)

    def _emit(
        self, kind: stt.SpeechEventType, text: str = "", ended_at: float | None = None, *, is_sure: bool = False
    ) -> None:
        if text:
            self._said = (kind, text)
        about = {SURE_END: True} if is_sure else None
        said = [stt.SpeechData(language=_LANGUAGE, text=text, confidence=1.0, metadata=about)] if text else []
        self._event_ch.send_nowait(stt.SpeechEvent(type=kind, alternatives=said, speech_end_time=ended_at))
