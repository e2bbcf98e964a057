"""The voice of the local inference process."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from agent.domain.errors import FleetError
from agent.domain.providers import LOCAL, Kind, Provider
from agent.inference.client import InferenceClient
from agent.providers.voice import Unspoken

_DEADLINE_S = 4.0
_VOICE = "hibari"


class LocalVoice:
    """Speaks a whole clause at once, for nothing.

    Args:
        client: connection to the inference process; whoever opened it closes it.
    """

    is_hosted = False

    def __init__(self, client: InferenceClient) -> None:
        self.provider = Provider(Kind.TTS, LOCAL)
        self._client = client

    def nearest_rate(self, rate: float) -> float:
        """Every rate is its own."""
        return rate

    def cached_as(self, rate: float) -> str:
        """By the name of the voice."""
        return _VOICE if rate == 1.0 else f"{_VOICE} at {rate:g}"

    async def request(self, spoken: str, rate: float) -> AsyncGenerator[bytes, None]:
        """One piece. Raises Unspoken: the process is unreachable, overloaded or late."""
        try:
            speech = await self._client.synthesize(spoken, voice=_VOICE, rate=rate, deadline_s=_DEADLINE_S)
        except FleetError as error:
            raise Unspoken(str(error), blame=error.blame, retryable=error.retryable) from error
        yield speech.pcm

    async def prewarm(self) -> None:
        """Its socket opens in no time."""

    async def aclose(self) -> None:
        """Nothing is its own."""
