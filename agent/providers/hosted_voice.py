"""A voice behind LiveKit's official plugin, asked for one clause a request over HTTP.

Over HTTP and not over a websocket: a clause is known whole when it is asked for, so a socket would give its first
sound no sooner (ADR 45), and a socket is lost with each barge-in.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from livekit.agents import APIConnectionError, APIConnectOptions, APIError, APIStatusError, APITimeoutError, tts

from agent.domain.errors import Blame
from agent.domain.providers import Provider
from agent.providers.edges import SAMPLE_RATE_HZ
from agent.providers.voice import Unspoken
from agent.runtime.logs import get_logger

#: A chain has a second voice; a second try of the first would be heard as silence.
_ONE_TRY = APIConnectOptions(max_retry=0, timeout=5.0)
_PREWARM_S = 5.0
_log = get_logger("agent.providers.hosted_voice")


class HostedVoice:
    """Speaks a clause as it is made.

    Args:
        plugin: gives PCM at SAMPLE_RATE_HZ.
        pace: sets the plugin's rate of speech.
        rates: the slowest and the fastest that it knows; None where it knows only its own.
        connect: opens the connection that the first request will use.
    """

    is_hosted = True

    def __init__(
        self,
        provider: Provider,
        plugin: tts.TTS[Any],
        *,
        pace: Callable[[float], None] | None = None,
        rates: tuple[float, float] | None = None,
        connect: Callable[[], Awaitable[None]],
    ) -> None:
        self.provider = provider
        self._plugin = plugin
        self._pace = pace
        self._rates = rates
        self._connect = connect

    def nearest_rate(self, rate: float) -> float:
        """Within what the vendor takes."""
        return 1.0 if self._rates is None else min(max(rate, self._rates[0]), self._rates[1])

    def cached_as(self, rate: float) -> str:
        """By the names of provider and voice."""
        name = f"{self.provider.name}@{self.provider.voice}"
        rate = self.nearest_rate(rate)
        return name if rate == 1.0 else f"{name} at {rate:g}"

    async def request(self, spoken: str, rate: float) -> AsyncGenerator[bytes, None]:
        """Pieces as they come."""
        if self._pace is not None:
            self._pace(self.nearest_rate(rate))
        try:
            async with self._plugin.synthesize(spoken, conn_options=_ONE_TRY) as stream:
                async for audio in stream:
                    if (audio.frame.sample_rate, audio.frame.num_channels) != (SAMPLE_RATE_HZ, 1):
                        raise Unspoken(f"audio of {audio.frame.sample_rate} Hz", is_nonsense=True)
                    yield audio.frame.data.tobytes()
        except APIError as error:
            raise Unspoken(_reason(error), blame=_blame(error), retryable=error.retryable) from None

    async def prewarm(self) -> None:
        """Shake hands."""
        try:
            async with asyncio.timeout(_PREWARM_S):
                await self._connect()
        except Exception as error:  # of whatever client the plugin has; the first request will tell
            _log.info("voice.not_prewarmed", provider=self.provider.name, error=type(error).__name__)

    async def aclose(self) -> None:
        """Close the plugin."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PREWARM_S):
                await self._plugin.aclose()


def _reason(error: APIError) -> str:
    """What went wrong, without the message: plugins put the text to be spoken into it."""
    if isinstance(error, APIStatusError):
        return f"status {error.status_code}"
    if isinstance(error, APITimeoutError):
        return "timeout"
    cause = error.__cause__
    kind = type(cause).__name__ if cause is not None else type(error).__name__
    return kind if isinstance(error, APIConnectionError) else "no audio"


def _blame(error: APIError) -> Blame:
    """Ours is what the vendor refuses and would refuse again, such as a wrong key."""
    is_refused = isinstance(error, APIStatusError) and not error.retryable
    return Blame.CLIENT if is_refused else Blame.UPSTREAM
