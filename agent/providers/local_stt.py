"""Speech recognition by the local inference process, as a LiveKit provider.

The recogniser decodes whole utterances, not streams, so the work starts early and is thrown away
when the caller goes on: at every pause of `pause_s` the utterance so far is decoded; if the caller is
still silent when the words arrive they go out as PREFLIGHT, and as FINAL once the silence has lasted
as long as those words deserve.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from livekit import rtc
from livekit.agents import APIConnectOptions, stt, utils, vad
from livekit.agents.language import LanguageCode
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr

from agent.domain.errors import FleetError
from agent.inference.client import InferenceClient, Priority, Transcript
from agent.providers.pause import PauseDetector
from agent.runtime import traces
from agent.runtime.logs import get_logger
from agent.runtime.tasks import TaskSet

SAMPLE_RATE_HZ = 16_000
_BYTES_PER_S = SAMPLE_RATE_HZ * 2
#: What stands for an utterance that was heard but could not be recognised; never matches a rule.
INAUDIBLE = "[inaudible]"
_LANGUAGE = LanguageCode("en")
_log = get_logger("agent.providers.local_stt")


@dataclass(frozen=True, slots=True)
class ListeningOptions:
    """When to decode and when to believe.

    Attributes:
        pause_s: silence that starts a speculative decode.
        final_silence_s: silence after which words that finish a turn are believed to be all.
        second_look_s: silence after which words that do not finish a turn are decoded once more.
        patience_s: silence after which such words are believed all the same; meanwhile the caller may go on
            and the whole is decoded anew, because half a phone number is recognised worse than all of it.
        lead_in_s: audio kept from before the first sign of speech.
        longest_s: of a longer utterance the beginning is forgotten; a recogniser window holds no more.
        deadline_s: how long a decode may take before the words count as lost.
    """

    pause_s: float = 0.06
    final_silence_s: float = 0.20
    second_look_s: float = 0.30
    patience_s: float = 1.3
    lead_in_s: float = 0.35
    longest_s: float = 25.0
    deadline_s: float = 4.0


class LocalSTT(stt.STT[str]):
    """Whisper behind the inference socket.

    Args:
        client: connection to the inference process.
        speech_detector: decides what is speech; energy alone decides when it pauses.
        is_over: whether words, said now, finish the caller's turn.
    """

    def __init__(
        self,
        client: InferenceClient,
        speech_detector: vad.VAD,
        is_over: Callable[[str], bool],
        options: ListeningOptions | None = None,
    ) -> None:
        super().__init__(
            capabilities=stt.STTCapabilities(streaming=True, interim_results=True, offline_recognize=False)
        )
        self.client = client
        self.speech_detector = speech_detector
        self.is_over = is_over
        self.options = options or ListeningOptions()

    @property
    def model(self) -> str:
        return "whisper-tiny.en"

    @property
    def provider(self) -> str:
        return "local"

    async def _recognize_impl(
        self,
        buffer: utils.AudioBuffer,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions,
    ) -> stt.SpeechEvent:
        raise NotImplementedError("LocalSTT recognises streams only")

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> stt.RecognizeStream:
        return _LocalStream(self, conn_options)


class _LocalStream(stt.RecognizeStream):
    def __init__(self, parent: LocalSTT, conn_options: APIConnectOptions) -> None:
        super().__init__(stt=parent, conn_options=conn_options, sample_rate=SAMPLE_RATE_HZ)
        self._local = parent
        self._options = parent.options
        self._audio = bytearray()
        self._pause = PauseDetector(SAMPLE_RATE_HZ)
        self._speaking = False
        self._decode: asyncio.Task[None] | None = None
        self._tasks = TaskSet("local_stt")
        self._detector = parent.speech_detector.stream()

    async def _run(self) -> None:
        detector = self._detector
        listen = asyncio.create_task(self._follow_speech(detector), name="local_stt.follow_speech")
        try:
            async for item in self._input_ch:
                if isinstance(item, rtc.AudioFrame):
                    detector.push_frame(item)
                    self._on_audio(item.data.cast("B").tobytes())
            detector.end_input()
            await listen
        finally:
            await utils.aio.cancel_and_wait(listen)
            await self._tasks.aclose()
            await detector.aclose()

    async def _follow_speech(self, detector: vad.VADStream) -> None:
        async for event in detector:
            if event.type == vad.VADEventType.START_OF_SPEECH:
                self._speaking = True
                self._resume()

    def _on_audio(self, pcm: bytes) -> None:
        self._audio += pcm
        silent_s = self._pause.push(pcm, in_speech=self._speaking)
        keep_s = self._options.longest_s if self._speaking else self._options.lead_in_s
        del self._audio[: max(0, len(self._audio) - int(keep_s * _BYTES_PER_S))]
        if not self._speaking:
            return
        if silent_s == 0.0:
            self._resume()
        elif self._decode is None and silent_s >= self._options.pause_s:
            self._decode = self._tasks.start(self._decode_pause(silent_s), name="decode")

    def _resume(self) -> None:
        if self._decode is not None:
            self._decode.cancel()
            self._decode = None

    async def _decode_pause(self, silent_s: float) -> None:
        """Decode what was said before this pause, and believe it once the silence has lasted long enough."""
        paused_at = time.time() - silent_s
        text = await self._preflight(paused_at)
        if not self._is_over(text):
            # a soft last syllable may have come after the pause began: listen to it once more, whole
            await _until(paused_at + self._options.second_look_s)
            text = await self._preflight(paused_at, unlike=text)
        silence_s = self._options.final_silence_s if self._is_over(text) else self._options.patience_s
        await _until(paused_at + silence_s)
        # from here on nothing awaits: the utterance ends whole or not at all
        self._speaking = False
        self._decode = None
        self._audio.clear()
        self._detector.flush()  # the next word is a new start, even if the detector has not seen the end
        if text:
            self._emit(stt.SpeechEventType.FINAL_TRANSCRIPT, text, paused_at)

    async def _preflight(self, paused_at: float, *, unlike: str = "") -> str:
        """Decode all that was heard; what is new goes out as PREFLIGHT."""
        with traces.tracer().start_as_current_span(traces.ASR_FINAL):
            text = await self._words(bytes(self._audio))
        if text and text != unlike:
            self._emit(stt.SpeechEventType.PREFLIGHT_TRANSCRIPT, text, paused_at)
        return text

    def _is_over(self, text: str) -> bool:
        return not text or self._local.is_over(text)

    async def _words(self, pcm: bytes) -> str:
        try:
            transcript: Transcript = await self._local.client.transcribe(
                pcm,
                sample_rate_hz=SAMPLE_RATE_HZ,
                deadline_s=self._options.deadline_s,
                priority=Priority.FINAL,
            )
        except FleetError as error:
            _log.warning("stt.failed", error=str(error), blame=error.blame.value)
            return INAUDIBLE
        return transcript.text.strip()

    def _emit(self, kind: stt.SpeechEventType, text: str, ended_at: float) -> None:
        self._event_ch.send_nowait(
            stt.SpeechEvent(
                type=kind,
                alternatives=[stt.SpeechData(language=_LANGUAGE, text=text, confidence=1.0)],
                speech_end_time=ended_at,
            )
        )


async def _until(at: float) -> None:
    await asyncio.sleep(max(0.0, at - time.time()))
