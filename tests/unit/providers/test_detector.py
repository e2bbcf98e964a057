"""The speech detector that configuration can choose beside LiveKit's own, on real speech."""

from __future__ import annotations

import asyncio

import numpy as np
from livekit import rtc
from livekit.agents import vad
from numpy.typing import NDArray

from agent.providers import recorded
from agent.providers.registry import open_detector

_LIMIT_S = 20.0
Kind = vad.VADEventType


async def edges(detector: vad.VAD, samples: NDArray[np.int16], rate_hz: int) -> list[tuple[Kind, float]]:
    """Starts and ends of speech, with how much of it there was, in order."""
    stream, size = detector.stream(), rate_hz // 50
    for at in range(0, len(samples) - size, size):
        stream.push_frame(rtc.AudioFrame(samples[at : at + size].tobytes(), rate_hz, 1, size))
    stream.end_input()
    async with asyncio.timeout(_LIMIT_S):
        return [
            (event.type, event.speech_duration) async for event in stream if event.type is not Kind.INFERENCE_DONE
        ]  # fmt: skip


async def test_silero_hears_where_a_caller_begins_and_ends_and_nothing_in_silence() -> None:
    samples, rate_hz = recorded.recording()
    pause = np.zeros(rate_hz, np.int16)
    detector = open_detector("silero")
    found = await edges(detector, np.concatenate([pause, samples, pause, samples, pause]), rate_hz)
    assert [kind for kind, _ in found] == [Kind.START_OF_SPEECH, Kind.END_OF_SPEECH] * 2
    said_s = len(samples) / rate_hz
    assert all(0.5 * said_s < seconds < 2.0 * said_s for kind, seconds in found if kind is Kind.END_OF_SPEECH)
    assert await edges(detector, np.concatenate([pause, pause]), rate_hz) == []
