"""Speech synthesis by the local inference process, as a LiveKit provider."""

from __future__ import annotations

import numpy as np
from livekit.agents import APIConnectionError, APIConnectOptions, tts, utils
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS

from agent.domain.errors import FleetError
from agent.inference.client import InferenceClient
from agent.providers.speech_cache import SpeechCache
from agent.runtime import traces
from agent.wording.spoken_form import spoken_form

SAMPLE_RATE_HZ = 24_000
_DEADLINE_S = 4.0
#: Root mean square of a 5 ms window, -45 dBov: what is below it a caller does not hear on a phone line.
_AUDIBLE = 184.0
_WINDOW = SAMPLE_RATE_HZ // 200
_LEAD_S = 0.01
#: The pause between two sentences of one reply.
_TAIL_S = 0.18


class LocalTTS(tts.TTS[str]):
    """One utterance a request; whatever was said once comes from the cache.

    Args:
        client: connection to the inference process.
        cache: synthesised speech by voice and text.
        voice: name of the voice.

    Attributes:
        rate: of what is synthesised from now on; 1.0 is the voice's own pace.
    """

    def __init__(self, client: InferenceClient, cache: SpeechCache, *, voice: str = "hibari") -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=SAMPLE_RATE_HZ, num_channels=1)
        self._client = client
        self._cache = cache
        self._voice = voice
        self.rate = 1.0

    @property
    def model(self) -> str:
        return self._voice

    @property
    def provider(self) -> str:
        return "local"

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        return _LocalSpeech(tts=self, input_text=text, conn_options=conn_options)

    async def pcm(self, text: str) -> bytes:
        """Mono int16 at SAMPLE_RATE_HZ for `text`.

        Raises:
            FleetError: the inference process is unreachable, overloaded or late.
        """
        spoken, rate = spoken_form(text), self.rate

        async def make() -> bytes:
            speech = await self._client.synthesize(spoken, voice=self._voice, rate=rate, deadline_s=_DEADLINE_S)
            return without_edges(speech.pcm)

        voice = self._voice if rate == 1.0 else f"{self._voice} at {rate:g}"

        with traces.tracer().start_as_current_span(traces.TTS_TTFB):
            return await self._cache.get_or_make(voice, SAMPLE_RATE_HZ, spoken, make)


def without_edges(pcm: bytes) -> bytes:
    """Cut the silence the voice begins and ends with; callers would hear the first as a slow answer.

    Args:
        pcm: mono int16 at SAMPLE_RATE_HZ.
    Returns: the same speech with _LEAD_S before its first sound and _TAIL_S after its last.
    """
    samples = np.frombuffer(pcm, dtype=np.int16)
    windows = samples[: samples.size - samples.size % _WINDOW].reshape(-1, _WINDOW).astype(np.float32)
    loud = np.flatnonzero(np.sqrt(np.mean(windows * windows, axis=1)) > _AUDIBLE)
    if loud.size == 0:
        return pcm
    begin = max(0, int(loud[0]) * _WINDOW - int(_LEAD_S * SAMPLE_RATE_HZ))
    end = min(samples.size, (int(loud[-1]) + 1) * _WINDOW + int(_TAIL_S * SAMPLE_RATE_HZ))
    return samples[begin:end].tobytes()


class _LocalSpeech(tts.ChunkedStream):
    _tts: LocalTTS

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        try:
            pcm = await self._tts.pcm(self._input_text)
        except FleetError as error:
            raise APIConnectionError(str(error), retryable=error.retryable) from error
        output_emitter.initialize(
            request_id=utils.shortuuid(),
            sample_rate=SAMPLE_RATE_HZ,
            num_channels=1,
            mime_type="audio/pcm",
            frame_size_ms=20,
        )
        output_emitter.push(pcm)
        output_emitter.flush()
