"""Voices that do as they are told, and sounds that pass for speech."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import numpy as np

from agent.domain.providers import Kind, Provider, parse_provider
from agent.providers.edges import SAMPLE_RATE_HZ
from agent.providers.voice import Unspoken

S_A_CHARACTER = 0.06


def tone(seconds: float, hz: float = 200.0) -> bytes:
    """A hum, mono int16 at SAMPLE_RATE_HZ."""
    times_s = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return (6000 * np.sin(2 * np.pi * hz * times_s)).astype("<i2").tobytes()


def silence(seconds: float) -> bytes:
    return bytes(2 * round(seconds * SAMPLE_RATE_HZ))


def seconds_of(pcm: bytes) -> float:
    return len(pcm) / 2 / SAMPLE_RATE_HZ


@dataclass
class Scripted:
    """A voice.

    Attributes:
        name: as configured.
        pieces: what it says of every text; None hums as long as the text would take.
        fault: raised after the pieces, until it is taken away.
        may_go_on: what it waits for before its last piece.
        asked: what it was to say.
        cancelled: how often it was broken off.
    """

    name: str
    is_hosted: bool = True
    pieces: list[bytes] | None = None
    fault: Unspoken | None = None
    may_go_on: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[tuple[str, float]] = field(default_factory=list)
    prewarmed: int = 0
    cancelled: int = 0
    _asked_again: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.may_go_on.set()

    @property
    def provider(self) -> Provider:
        return parse_provider(Kind.TTS, self.name)

    @property
    def texts(self) -> list[str]:
        return [text for text, _ in self.asked]

    def nearest_rate(self, rate: float) -> float:
        return rate

    def cached_as(self, rate: float) -> str:
        return f"{self.name} at {rate:g}"

    async def request(self, spoken: str, rate: float) -> AsyncGenerator[bytes, None]:
        self.asked.append((spoken, rate))
        self._asked_again.set()
        try:
            *begin, end = self.pieces or [tone(len(spoken) * S_A_CHARACTER / rate)]
            for piece in begin:
                yield piece
            await self.may_go_on.wait()
            if self.fault is not None and not self.pieces:
                raise self.fault
            yield end
            if self.fault is not None:
                raise self.fault
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    async def until_asked(self, times: int = 1) -> None:
        """Wait until it has been asked so often."""
        async with asyncio.timeout(5):
            while len(self.asked) < times:
                self._asked_again.clear()
                await self._asked_again.wait()

    async def prewarm(self) -> None:
        self.prewarmed += 1

    async def aclose(self) -> None:
        self.may_go_on.set()


@dataclass
class Opened:
    """Breakers."""

    names: set[str] = field(default_factory=set)

    def is_open(self, provider: Provider) -> bool:
        return provider.name in self.names
