"""The voices that configuration names, as a chain."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aiohttp

from agent.domain.errors import ConfigError
from agent.domain.providers import LOCAL, Breakers, Provider, Reports
from agent.inference.client import InferenceClient
from agent.providers import clients
from agent.providers.casting import AS_A_CALLER, Patience
from agent.providers.configured import opened
from agent.providers.hosted_voice import HostedVoice
from agent.providers.local_voice import LocalVoice
from agent.providers.speech_cache import SpeechCache
from agent.providers.voice import Voice
from agent.providers.voice_chain import ChainTTS
from agent.runtime.accounts import Accounts

#: ElevenLabs takes no speed without these two; they are its own defaults.
_STABILITY, _SIMILARITY = 0.5, 0.75


def open_voice_chain(
    chain: Sequence[Provider],
    accounts: Accounts,
    http: aiohttp.ClientSession | None,
    client: InferenceClient | None,
    cache: SpeechCache,
    breakers: Breakers,
    reports: Reports,
    patience: Patience = AS_A_CALLER,
) -> ChainTTS:
    """The configured voices; `aclose` closes them, and neither `http` nor `client`.

    Args:
        http: for hosted voices. Idle connections should outlive a caller's turn: its connector's `keepalive_timeout`
            is 15 s unless it is told otherwise.
        client: for the local voice.
    A voice that cannot be opened, because a key is missing, is left out.

    Raises:
        ConfigError: none can be opened.
    """
    voices = opened(chain, lambda provider: open_voice(provider, accounts, http, client))
    return ChainTTS(voices, cache, breakers, reports, patience)


def open_voice(
    provider: Provider, accounts: Accounts, http: aiohttp.ClientSession | None, client: InferenceClient | None
) -> Voice:
    """One of them, by itself. Raises ConfigError as `open_voice_chain`."""
    if provider.vendor == LOCAL:
        if client is None:
            raise ConfigError("VOICEFLEET_INFERENCE_SOCKET: required by the local speech providers")
        return LocalVoice(client)
    if http is None:
        raise ConfigError(f"tts {provider.name}: no HTTP session was opened")
    return _HOSTED[provider.vendor](provider, accounts, http)


def _deepgram(provider: Provider, accounts: Accounts, http: aiohttp.ClientSession) -> Voice:
    plugin: Any = clients.voice(provider, accounts, http)
    return HostedVoice(
        provider,
        plugin,
        pace=lambda rate: plugin.update_options(speed=None if rate == 1.0 else rate),
        rates=(0.7, 1.5) if provider.model.startswith("aura-2") else None,
        connect=_head(http, f"{accounts.deepgram_url}/v1/speak"),
    )


def _elevenlabs(provider: Provider, accounts: Accounts, http: aiohttp.ClientSession) -> Voice:
    from livekit.plugins.elevenlabs import VoiceSettings

    plugin: Any = clients.voice(provider, accounts, http)

    def pace(rate: float) -> None:
        settings = VoiceSettings(stability=_STABILITY, similarity_boost=_SIMILARITY, speed=rate)
        plugin.update_options(voice_settings=settings)  # left out, the pace before would stay

    return HostedVoice(
        provider, plugin, pace=pace, rates=(0.8, 1.2), connect=_head(http, f"{accounts.elevenlabs_url}/text-to-speech")
    )


def _openai(provider: Provider, accounts: Accounts, http: aiohttp.ClientSession) -> Voice:
    plugin: Any = clients.voice(provider, accounts, http)

    async def connect() -> None:
        plugin.prewarm()  # its client has a pool of its own

    is_paced = provider.model.startswith("tts-1")  # the newer models take a speed and ignore it
    return HostedVoice(
        provider,
        plugin,
        pace=lambda rate: plugin.update_options(speed=rate),
        rates=(0.25, 4.0) if is_paced else None,
        connect=connect,
    )


def _head(http: aiohttp.ClientSession, url: str) -> Callable[[], Awaitable[None]]:
    """Any answer will do, a refusal too: what is wanted is the connection it leaves in the pool."""

    async def connect() -> None:
        async with http.head(url):
            pass

    return connect


_HOSTED: dict[str, Callable[[Provider, Accounts, aiohttp.ClientSession], Voice]] = {
    "deepgram": _deepgram,
    "elevenlabs": _elevenlabs,
    "openai": _openai,
    "polly": clients.polly,
}
