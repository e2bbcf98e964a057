"""AWS Polly, asked directly: one signed request a clause, PCM that is played while it arrives.

LiveKit's plugin would bring aiobotocore, open a connection for every clause, and fetch MP3 (ADR 45).
Source: Amazon Polly API reference, "SynthesizeSpeech".
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import aiohttp
from livekit import rtc

from agent.domain.errors import Blame
from agent.domain.providers import Provider
from agent.providers.edges import SAMPLE_RATE_HZ
from agent.providers.sigv4 import signed_headers
from agent.providers.voice import Unspoken
from agent.runtime.logs import get_logger

#: The best that Polly gives as PCM.
_RATE_HZ = 16_000
_VOICE = "Ruth"
#: The other engines do not all take a rate.
_PACED_ENGINES = frozenset({"standard", "neural"})
_SLOWEST, _FASTEST = 0.5, 2.0
_LIMITS = aiohttp.ClientTimeout(total=30, sock_connect=5)
_LIMITED = 429
_log = get_logger("agent.providers.polly")


@dataclass(frozen=True, slots=True)
class Credentials:
    """An AWS account's, for one region."""

    key_id: str
    secret: str
    region: str


class PollyVoice:
    """Speaks a clause as it is made; the provider's model is Polly's engine.

    Args:
        url: of Polly in the credentials' region, without a path.
    """

    is_hosted = True

    def __init__(self, provider: Provider, credentials: Credentials, url: str, http: aiohttp.ClientSession) -> None:
        self.provider = provider
        self._credentials = credentials
        self._url = f"{url}/v1/speech"
        self._http = http

    def nearest_rate(self, rate: float) -> float:
        """Any, of engines that take one."""
        return min(max(rate, _SLOWEST), _FASTEST) if self.provider.model in _PACED_ENGINES else 1.0

    def cached_as(self, rate: float) -> str:
        """By the names of provider and voice."""
        name, rate = f"{self.provider.name}@{self.provider.voice}", self.nearest_rate(rate)
        return name if rate == 1.0 else f"{name} at {rate:g}"

    async def request(self, spoken: str, rate: float) -> AsyncGenerator[bytes, None]:
        """Pieces as they come."""
        body = json.dumps(self._document(spoken, self.nearest_rate(rate))).encode()
        account = self._credentials
        headers = signed_headers(
            self._url,
            body,
            service="polly",
            region=account.region,
            key_id=account.key_id,
            secret=account.secret,
            at=datetime.now(UTC),
        )
        try:
            async with self._http.post(self._url, data=body, headers=headers, timeout=_LIMITS) as response:
                response.raise_for_status()
                if response.content_type != "audio/pcm":
                    raise Unspoken("no audio", is_nonsense=True)
                async for piece in _resampled(response):
                    yield piece
        except aiohttp.ClientResponseError as error:
            raise _refusal(error.status) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unspoken(type(error).__name__) from error

    async def prewarm(self) -> None:
        """Any answer will do: what is wanted is the connection it leaves in the pool."""
        try:
            async with self._http.head(self._url, timeout=_LIMITS):
                pass
        except (aiohttp.ClientError, TimeoutError) as error:
            _log.info("voice.not_prewarmed", provider=self.provider.name, error=type(error).__name__)

    async def aclose(self) -> None:
        """The session is its opener's."""

    def _document(self, spoken: str, rate: float) -> dict[str, str]:
        text, kind = spoken, "text"
        if rate != 1.0:
            text, kind = f'<speak><prosody rate="{rate:.0%}">{escape(spoken)}</prosody></speak>', "ssml"
        return {
            "Engine": self.provider.model,
            "OutputFormat": "pcm",
            "SampleRate": str(_RATE_HZ),
            "Text": text,
            "TextType": kind,
            "VoiceId": self.provider.voice or _VOICE,
        }


def _refusal(status: int) -> Unspoken:
    """Ours to blame is what would be refused again."""
    is_ours = 400 <= status < 500 and status != _LIMITED
    return Unspoken(f"status {status}", blame=Blame.CLIENT if is_ours else Blame.UPSTREAM, retryable=not is_ours)


async def _resampled(response: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
    resampler = rtc.AudioResampler(_RATE_HZ, SAMPLE_RATE_HZ)
    rest = b""
    async for piece in response.content.iter_any():
        pcm = rest + piece
        whole = len(pcm) // 2 * 2
        rest = pcm[whole:]
        for frame in resampler.push(bytearray(pcm[:whole])):
            yield frame.data.tobytes()
    for frame in resampler.flush():
        yield frame.data.tobytes()
