"""The client of each hosted provider: LiveKit's official plugin, pointed at the configured address.

A plugin is imported when it is first needed, or by `prepare`: a process without hosted providers spares the time.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp
from livekit.agents import NOT_GIVEN, stt, tts
from pydantic import SecretStr

from agent.domain.errors import ConfigError
from agent.domain.providers import Provider
from agent.providers.polly import Credentials, PollyVoice
from agent.runtime.accounts import Accounts

#: Compressed audio would have to be decoded; every vendor sends PCM at this rate.
SAMPLE_RATE_HZ = 24_000
#: How early a turn's end is guessed, so that the reply is ready at its end, and how sure its end must be.
_EAGER, _END = 0.3, 0.7
_PLUGINS = ("deepgram", "elevenlabs", "openai")
#: Models of OpenAI that can be told what to expect; the plugin refuses to tell the others.
_TAKES_KEYWORDS = ("gpt-transcribe", "gpt-live-transcribe")


def prepare(accounts: Accounts) -> None:
    """Import the plugins of vendors with whom there is an account: nearly a second that no call should wait for."""
    for vendor in _PLUGINS:
        if accounts.has_key(vendor):
            importlib.import_module(f"livekit.plugins.{vendor}")


def recogniser(
    provider: Provider, accounts: Accounts, http: aiohttp.ClientSession, keyterms: Sequence[str] = ()
) -> stt.STT[Any]:
    """A hosted recogniser.

    Args:
        keyterms: names and words of the business, which it is to expect.
    Raises:
        ConfigError: the key is missing.
    """
    if provider.vendor == "openai":
        from livekit.plugins import openai

        key = _key(provider, accounts.openai_key, "OPENAI_API_KEY")
        return openai.STT(
            model=provider.model,
            keywords=list(keyterms) if provider.model.startswith(_TAKES_KEYWORDS) else NOT_GIVEN,
            api_key=key,
            base_url=accounts.openai_url,
            use_realtime=True,
        )
    from livekit.plugins import deepgram

    key = _key(provider, accounts.deepgram_key, "DEEPGRAM_API_KEY")
    if provider.model.startswith("flux"):
        return deepgram.STTv2(
            model=provider.model,
            eager_eot_threshold=_EAGER,
            eot_threshold=_END,
            keyterm=list(keyterms),
            api_key=key,
            base_url=f"{_websocket(accounts.deepgram_url)}/v2/listen",
            http_session=http,
        )
    return deepgram.STT(
        model=provider.model,
        keyterm=list(keyterms),
        api_key=key,
        base_url=f"{accounts.deepgram_url}/v1/listen",
        http_session=http,
    )


def voice(provider: Provider, accounts: Accounts, http: aiohttp.ClientSession) -> tts.TTS[Any]:
    """A hosted voice that speaks PCM at SAMPLE_RATE_HZ.

    Raises:
        ConfigError: the key is missing.
    """
    return _VOICES[provider.vendor](provider, accounts, http)


def _deepgram_voice(provider: Provider, accounts: Accounts, http: aiohttp.ClientSession) -> tts.TTS[Any]:
    from livekit.plugins import deepgram

    return deepgram.TTS(
        model=provider.model,
        sample_rate=SAMPLE_RATE_HZ,
        api_key=_key(provider, accounts.deepgram_key, "DEEPGRAM_API_KEY"),
        base_url=f"{accounts.deepgram_url}/v1/speak",
        http_session=http,
    )


def _elevenlabs_voice(provider: Provider, accounts: Accounts, http: aiohttp.ClientSession) -> tts.TTS[Any]:
    from livekit.plugins import elevenlabs

    chosen: dict[str, Any] = {"voice_id": provider.voice} if provider.voice else {}
    return elevenlabs.TTS(
        model=provider.model,
        **chosen,
        encoding="pcm_24000",
        api_key=_key(provider, accounts.elevenlabs_key, "ELEVEN_API_KEY"),
        base_url=accounts.elevenlabs_url,
        http_session=http,
    )


def _openai_voice(provider: Provider, accounts: Accounts, http: aiohttp.ClientSession) -> tts.TTS[Any]:
    from livekit.plugins import openai

    chosen: dict[str, Any] = {"voice": provider.voice} if provider.voice else {}
    return openai.TTS(
        model=provider.model,
        **chosen,
        response_format="pcm",
        api_key=_key(provider, accounts.openai_key, "OPENAI_API_KEY"),
        base_url=accounts.openai_url,
    )


_Opens = Callable[[Provider, Accounts, aiohttp.ClientSession], tts.TTS[Any]]
_VOICES: dict[str, _Opens] = {
    "deepgram": _deepgram_voice,
    "elevenlabs": _elevenlabs_voice,
    "openai": _openai_voice,
}


def polly(provider: Provider, accounts: Accounts, http: aiohttp.ClientSession) -> PollyVoice:
    """AWS Polly, which has no plugin's interface.

    Raises:
        ConfigError: a key is missing.
    """
    credentials = Credentials(
        key_id=_key(provider, accounts.aws_key_id, "AWS_ACCESS_KEY_ID"),
        secret=_key(provider, accounts.aws_secret, "AWS_SECRET_ACCESS_KEY"),
        region=accounts.aws_region,
    )
    return PollyVoice(provider, credentials, accounts.polly_origin, http)


def _key(provider: Provider, key: SecretStr | None, variable: str) -> str:
    if key is None:
        raise ConfigError(f"{variable}: required by {provider.kind.value} {provider.name}")
    return key.get_secret_value()


def _websocket(url: str) -> str:
    return url.replace("http", "ws", 1)
