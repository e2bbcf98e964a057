"""Several voices as one LiveKit voice: the first speaks, the next takes over when it fails, all behind one cache."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from livekit.agents import APIConnectionError, APIConnectOptions, tts, utils
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS

from agent.domain.providers import Breakers, Provider, Reports
from agent.providers.casting import AS_A_CALLER, Casting, Patience
from agent.providers.edges import BYTES_A_SECOND, SAMPLE_RATE_HZ
from agent.providers.resumption import left_to_say
from agent.providers.speech_cache import SpeechCache
from agent.providers.takes import Takes
from agent.providers.voice import Unspoken, Voice
from agent.runtime import traces
from agent.runtime.logs import get_logger
from agent.wording.spoken_form import spoken_form

#: Of a prompt that is made ahead, which nobody waits for.
_PATIENT_S = 10.0
_log = get_logger("agent.providers.voice_chain")


@dataclass(frozen=True, slots=True)
class Sound:
    """A piece of a clause: mono int16 at SAMPLE_RATE_HZ, and whose.

    Attributes:
        failed: names of the providers that were asked for the clause before, and failed.
    """

    pcm: bytes
    provider: Provider
    is_cached: bool
    failed: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it is heard."""
        return len(self.pcm) / BYTES_A_SECOND


class ChainTTS(tts.TTS[str]):
    """One clause a request; whatever was said once comes from the cache.

    Args:
        voices: at least one, the first to be asked first.
        clock: seconds, monotonic.

    Attributes:
        rate: of what is spoken from now on; 1.0 is a voice's own pace.
    """

    def __init__(
        self,
        voices: Sequence[Voice],
        cache: SpeechCache,
        breakers: Breakers,
        reports: Reports,
        patience: Patience = AS_A_CALLER,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=SAMPLE_RATE_HZ, num_channels=1)
        self._voices = tuple(voices)
        self._casting = Casting(voices, breakers, clock)
        self._patience = patience
        self._takes = Takes(cache, reports, patience.stall_s)
        self.rate = 1.0

    @property
    def model(self) -> str:
        return self._casting.first().provider.name

    @property
    def provider(self) -> str:
        return self._casting.first().provider.vendor

    @property
    def use_hosted(self) -> bool:
        """Whether clauses that were never said may be asked of voices that cost money; a chain of no others does."""
        return self._casting.use_hosted

    @use_hosted.setter
    def use_hosted(self, value: bool) -> None:
        self._casting.use_hosted = value

    def prefer(self, provider: Provider | None) -> None:
        """Ask this one before the others from the next reply on; None is as configured."""
        self._casting.preferred = provider

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        return _ChainSpeech(tts=self, input_text=text, conn_options=conn_options)

    async def speech(self, clause: str) -> AsyncGenerator[Sound, None]:
        """A clause's audio, by whichever voice says it.

        Raises: Unspoken: none did, or none its rest; it can be tried again if one of them can.
        """
        order = self._casting.order()
        if (known := await self._known(order, spoken_form(clause))) is not None:
            yield self._handed_over(known, self._casting.first(), is_cached=True)
            return
        budgets_s = dict(zip((voice.provider for voice in order), self._patience.first_sounds_s(order), strict=True))
        rest, fault = clause, None
        failed: tuple[str, ...] = ()
        with ExitStack() as ready:
            while order:
                voice = await self._next(order, spoken_form(rest), is_hurried=fault is not None)
                order.remove(voice)
                if fault is not None:
                    self._make_ready(order, spoken_form(rest), ready)
                heard_s = 0.0
                try:
                    async for sound in self._said(voice, spoken_form(rest), budgets_s[voice.provider]):
                        heard_s += sound.seconds
                        yield replace(sound, failed=failed)
                    return
                except Unspoken as error:
                    self._failed(voice, error, heard_s)
                    failed = (*failed, voice.provider.name)
                    rest = left_to_say(rest, heard_s * self.rate, is_nonsense=error.is_nonsense)
                    fault = error if fault is None or error.retryable else fault
                if not rest:
                    return
        raise fault or Unspoken("no voice")

    async def prefetch(self, clause: str) -> None:
        """Have a clause that will probably be spoken in the cache, or on its way there. Raises Unspoken."""
        spoken = spoken_form(clause)
        order = self._casting.order()
        is_dear = order[0].is_hosted and not self.use_hosted
        if is_dear or await self._known(order, spoken) is not None:
            return
        try:
            async for _ in self._takes.audio(order[0], spoken, self.rate, self._patience.first_sounds_s(order)[0]):
                pass
        except Unspoken as error:
            self._failed(order[0], error, 0.0)
            raise

    async def keep(self, clause: str, voice: Voice) -> None:
        """Have a clause in the cache in this voice. Raises Unspoken."""
        spoken = spoken_form(clause)
        async for _ in self._takes.audio(voice, spoken, self.rate, _PATIENT_S):
            pass

    def kept(self) -> list[Voice]:
        """The voices in which fixed prompts are to be in the cache: the first, and those that cost nothing."""
        first = self._casting.first()
        return [voice for voice in self._voices if voice is first or not voice.is_hosted]

    async def open_connection(self) -> None:
        """Spare the first request the handshake with the voice that will be asked; never raises."""
        await self._casting.order()[0].prewarm()

    async def aclose(self) -> None:
        """Break off what is being said, and close the voices."""
        await self._takes.aclose()
        for voice in self._voices:
            await voice.aclose()

    async def _known(self, order: list[Voice], spoken: str) -> bytes | None:
        """What the first voice said once, where another is to be asked: so a caller hears it also while it is away."""
        first = self._casting.first()
        if order[0] is first or self._casting.keeps_to_spare():
            return None
        return await self._takes.cached(first, spoken, self.rate)

    async def _next(self, order: list[Voice], spoken: str, *, is_hurried: bool) -> Voice:
        """The next to be asked; where time was lost already, or would be, rather one that has said it before."""
        if is_hurried or self._casting.is_doubtful(order[0]):
            for voice in order:
                if await self._takes.cached(voice, spoken, self.rate) is not None:
                    return voice
        return order[0]

    async def _said(self, voice: Voice, spoken: str, first_s: float) -> AsyncIterator[Sound]:
        is_cached = await self._takes.cached(voice, spoken, self.rate) is not None
        async for pcm in self._takes.audio(voice, spoken, self.rate, first_s):
            yield self._handed_over(pcm, voice, is_cached=is_cached)

    def _handed_over(self, pcm: bytes, voice: Voice, *, is_cached: bool) -> Sound:
        sound = Sound(pcm, voice.provider, is_cached)
        self._casting.spoke(voice, sound.seconds)
        return sound

    def _failed(self, voice: Voice, error: Unspoken, heard_s: float) -> None:
        self._casting.failed(voice)
        _log.warning("voice.failed", provider=voice.provider.name, error=str(error), heard_s=round(heard_s, 2))

    def _make_ready(self, order: list[Voice], spoken: str, ready: ExitStack) -> None:
        """Have the local voice say it while the next is tried, so that it need not be waited for after it as well."""
        for voice in order:
            if not voice.is_hosted:
                ready.enter_context(self._takes.of(voice, spoken, self.rate, _PATIENT_S))


class _ChainSpeech(tts.ChunkedStream):
    """A clause; it knows who spoke its beginning, whether from the cache, and who did not, when its audio comes."""

    _tts: ChainTTS
    spoken_by = ""
    is_cached = False
    failed: tuple[str, ...] = ()

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        output_emitter.initialize(
            request_id=utils.shortuuid(),
            sample_rate=SAMPLE_RATE_HZ,
            num_channels=1,
            mime_type="audio/pcm",
            frame_size_ms=20,
        )
        first = traces.tracer().start_span(traces.TTS_TTFB)
        try:
            async for sound in self._tts.speech(self._input_text):
                if not self.spoken_by:
                    self.spoken_by, self.is_cached, self.failed = sound.provider.name, sound.is_cached, sound.failed
                    first.end()
                output_emitter.push(sound.pcm)
        except Unspoken as error:
            raise APIConnectionError(str(error), retryable=error.retryable) from error
        finally:
            if not self.spoken_by:
                first.end()
        output_emitter.flush()
