"""Whether a worker could take a call this moment, and if not, why."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from agent.bootstrap.seats import SeatRenewal, Seats
from agent.domain.errors import FleetError
from agent.inference.client import InferenceClient
from agent.inference.messages import MINILM

_ASK_EVERY_S = 2.0
_ANSWER_WITHIN_S = 1.0


class SpeechHealth:
    """The local speech process, asked at most every two seconds however often we are.

    Args:
        socket_path: None when speech comes from elsewhere and nothing need be asked.
    """

    def __init__(self, socket_path: Path | None) -> None:
        self._client = None if socket_path is None else InferenceClient(socket_path)
        self._asking = asyncio.Lock()
        self._asked_at: float | None = None
        self._fault: str | None = None
        #: Whether sentences can be likened; without it a call is understood by its grammar alone.
        self.has_embeddings = False

    async def fault(self) -> str | None:
        """Why callers could not be heard or answered; None when they can."""
        if self._client is None:
            return None
        async with self._asking:
            if self._asked_at is None or time.monotonic() - self._asked_at > _ASK_EVERY_S:
                self._fault = await self._ask(self._client)
                self._asked_at = time.monotonic()
        return self._fault

    async def _ask(self, client: InferenceClient) -> str | None:
        try:
            health = await client.health(deadline_s=_ANSWER_WITHIN_S)
        except FleetError as error:
            self.has_embeddings = False
            return f"local speech: {error}"
        embedding = health.engines.get(MINILM)
        self.has_embeddings = embedding is not None and embedding.ready
        return None if health.ready else "local speech is not ready"

    async def aclose(self) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.aclose()


async def faults(seats: Seats, renewal: SeatRenewal, speech: SpeechHealth) -> list[str]:
    """Every reason why a call would not be taken or not be served; empty means ready."""
    connection = None if seats.is_connected else "not connected to livekit-server"
    draining = "draining" if seats.server.draining else None
    return [reason for reason in (connection, draining, renewal.fault(), await speech.fault()) if reason]
