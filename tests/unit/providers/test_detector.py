"""The speech detector that configuration can choose beside LiveKit's, on real speech."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import vad
from livekit.plugins import silero
from numpy.typing import NDArray

from agent.providers import recorded, registry
from agent.runtime.settings import WorkerSettings
from tests.unit.providers.test_pause import Nobody

_LIMIT_S = 20.0
Kind = vad.VADEventType


async def heard(detector: vad.VAD, samples: NDArray[np.int16], rate_hz: int) -> list[Kind]:
    """Starts and ends of speech, in order."""
    stream, size, kinds = detector.stream(), rate_hz // 50, []
    for at in range(0, len(samples) - size, size):
        stream.push_frame(rtc.AudioFrame(samples[at : at + size].tobytes(), rate_hz, 1, size))
    stream.end_input()
    async with asyncio.timeout(_LIMIT_S):
        async for event in stream:
            if event.type is not Kind.INFERENCE_DONE:
                kinds.append(event.type)
    await stream.aclose()
    return kinds
