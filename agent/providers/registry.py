"""Which recogniser, voice and speech detector a call uses, by configuration."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp
from livekit.agents import inference, stt, vad

from agent.domain.errors import ConfigError, FleetError
from agent.domain.providers import LOCAL, AllClosed, Unreported
from agent.inference.client import InferenceClient
from agent.providers.clauses import clauses
from agent.providers.local_stream import Ears, Expectation
from agent.providers.local_stt import LocalSTT
from agent.providers.speech_cache import SpeechCache
from agent.providers.voice_chain import ChainTTS
from agent.providers.voices import open_voice_chain
from agent.runtime.settings import WorkerSettings
from agent.runtime.tasks import TaskSet

#: Shorter and a breath ends the turn; longer and every reply waits for it.
_MIN_SILENCE_S = 0.1
#: Longer than a caller's turn and a reply, so that the next request finds its connection open.
_KEEPALIVE_S = 90.0


@dataclass(slots=True)
class Providers:
    """The providers of one call, and what has to be closed after it."""

    stt: stt.STT[Any]
    tts: ChainTTS
    vad: vad.VAD
    client: InferenceClient
    http: aiohttp.ClientSession | None = None
    tasks: TaskSet = field(default_factory=lambda: TaskSet("providers"))

    def prefetch(self, text: str) -> None:
        """Synthesise `text` into the cache, clause by clause, as it will be asked for."""
        if text:
            self.tasks.start(self._synthesise(text), name="prefetch")

    async def _synthesise(self, text: str) -> None:
        with contextlib.suppress(FleetError):  # the real request will report it
            for clause in clauses(text):
                await self.tts.prefetch(clause)

    async def aclose(self) -> None:
        """Release connections."""
        await self.tasks.aclose()
        await self.tts.aclose()
        if self.http is not None:
            await self.http.close()
        await self.client.aclose()


def open_providers(settings: WorkerSettings, expectation: Expectation) -> Providers:
    """Build what the settings name.

    Args:
        expectation: what the caller has been asked, at any moment of the call.
    Raises:
        ConfigError: a setting that a provider needs is missing.
    """
    voice, client, http = open_voice(settings)
    detector = open_detector(settings.vad)
    providers = Providers(LocalSTT(Ears(client, detector, expectation)), voice, detector, client, http)
    providers.tasks.start(voice.open_connection(), name="prewarm_voice")
    return providers


def open_voice(settings: WorkerSettings) -> tuple[ChainTTS, InferenceClient, aiohttp.ClientSession | None]:
    """The configured voices with their cache, and the connections to close after them."""
    if settings.inference_socket is None:
        raise ConfigError("VOICEFLEET_INFERENCE_SOCKET: required by the local speech providers")
    client = InferenceClient(settings.inference_socket)
    chain = settings.tts_chain
    http = _http() if any(each.vendor != LOCAL for each in chain) else None
    cache = SpeechCache(settings.speech_cache_dir)
    return open_voice_chain(chain, settings, http, client, cache, AllClosed(), Unreported()), client, http


def _http() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(keepalive_timeout=_KEEPALIVE_S))


def open_detector(name: Literal["livekit", "silero"]) -> vad.VAD:
    """Who tells speech from silence, by name; its model is loaded."""
    if name == "silero":
        from livekit.plugins import silero

        return silero.VAD.load(min_silence_duration=_MIN_SILENCE_S)
    return inference.VAD(min_silence_duration=_MIN_SILENCE_S)
