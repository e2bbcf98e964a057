"""Which recogniser, voice and speech detector a call uses, by configuration."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Literal, Protocol

import aiohttp
from livekit.agents import inference, vad

from agent.domain.errors import FleetError
from agent.domain.keyterms import keyterms_of
from agent.domain.premium import with_premium
from agent.domain.providers import LOCAL, Breakers, Provider, Reports
from agent.domain.tenant import Tenant
from agent.inference.client import InferenceClient
from agent.providers.clauses import clauses
from agent.providers.hosted_stream import Expects, Hearing
from agent.providers.in_place import InPlace
from agent.providers.local_stream import Ears, Expectation
from agent.providers.recogniser import open_recogniser
from agent.providers.speech_cache import SpeechCache
from agent.providers.stt_chain import ChainSTT
from agent.providers.voice_chain import ChainTTS
from agent.providers.voices import open_voice_chain
from agent.runtime.logs import get_logger
from agent.runtime.settings import SpeechSettings, WorkerSettings
from agent.runtime.tasks import TaskSet

_log = get_logger("agent.providers.registry")
#: Shorter and a breath ends the turn; longer and every reply waits for it.
_MIN_SILENCE_S = 0.05
#: Longer than a caller's turn and a reply, so that the next request finds its connection open.
_KEEPALIVE_S = 90.0


class CallsExpectation(Expectation, Expects, Protocol):
    """Who knows what the caller has been asked, for recognisers of either kind."""


@dataclass(slots=True)
class Providers:
    """The providers of one call, and what has to be closed after it."""

    stt: ChainSTT
    tts: ChainTTS
    vad: vad.VAD
    client: InferenceClient | None
    http: aiohttp.ClientSession
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
        await self.stt.aclose()
        await self.http.close()
        if self.client is not None:
            await self.client.aclose()


@dataclass(frozen=True, slots=True)
class Chains:
    """Whom one call may be heard and spoken by, the first to be tried first."""

    stt: tuple[Provider, ...]
    tts: tuple[Provider, ...]


def chains_of(settings: SpeechSettings, tenant: Tenant) -> Chains:
    """The tenant's own chains as they are written, where any of them can be used, else the fleet's."""
    chosen = tenant.providers
    stt = _own(chosen.stt, settings.stt_chain, settings)
    return Chains(stt, with_premium(_own(chosen.tts, settings.tts_chain, settings), tenant))


def _own(chain: tuple[Provider, ...], fleets: tuple[Provider, ...], settings: SpeechSettings) -> tuple[Provider, ...]:
    def is_usable(provider: Provider) -> bool:
        return settings.inference_socket is not None if provider.vendor == LOCAL else settings.has_key(provider.vendor)

    if not chain or any(is_usable(provider) for provider in chain):
        return chain or fleets
    _log.warning("providers.not_configured", chain=[provider.name for provider in chain])
    return fleets


def open_providers(
    settings: WorkerSettings,
    tenant: Tenant,
    chains: Chains,
    expectation: CallsExpectation,
    breakers: Breakers,
    reports: Reports,
) -> Providers:
    """Build one call's.

    Args:
        expectation: what the caller has been asked, at any moment of the call.
    Raises:
        ConfigError: of a chain no provider can be used, because settings that they need are missing.
    """
    voice, client, http = open_voice(settings, chains.tts, breakers, reports)
    detector = open_detector(settings.vad)
    recogniser = open_recogniser(
        chains.stt,
        settings,
        http,
        Hearing(detector, expectation),
        None if client is None else Ears(client, detector, expectation),
        keyterms_of(tenant),
        breakers,
        reports,
    )
    providers = Providers(recogniser, voice, detector, client, http)
    providers.tasks.start(voice.open_connection(), name="prewarm_voice")
    return providers


def open_voice(
    settings: WorkerSettings, chain: tuple[Provider, ...], breakers: Breakers, reports: Reports
) -> tuple[ChainTTS, InferenceClient | None, aiohttp.ClientSession]:
    """The voices with their cache, and the connections to close after them."""
    client = None if settings.inference_socket is None else InferenceClient(settings.inference_socket)
    http = _http()
    cache = SpeechCache(settings.speech_cache_dir)
    return open_voice_chain(chain, settings, http, client, cache, breakers, reports), client, http


def _http() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(keepalive_timeout=_KEEPALIVE_S))


def open_detector(name: Literal["livekit", "silero"]) -> vad.VAD:
    """Who tells speech from silence, by name; its model is loaded."""
    if name == "silero":
        from livekit.plugins import silero

        return silero.VAD.load(min_silence_duration=_MIN_SILENCE_S)
    return inference.VAD(min_silence_duration=_MIN_SILENCE_S, executor=InPlace())
