"""What the local recogniser is given to decode."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import numpy as np
from livekit import rtc
from livekit.agents.utils import combine_frames

from agent.inference.client import InferenceClient
from agent.inference.messages import Transcript
from agent.providers import recorded
from agent.providers.local_stream import SAMPLE_RATE_HZ, Ears, ListeningOptions
from agent.providers.local_stt import LocalSTT
from agent.providers.registry import open_detector
from tests.providers import Anything

_LIMIT_S = 20.0
_FRAME = SAMPLE_RATE_HZ // 50


class WrittenDown:
    """A recogniser that keeps what it is asked about."""

    def __init__(self) -> None:
        self.asked: asyncio.Queue[bytes] = asyncio.Queue()

    async def transcribe(self, pcm: bytes, **_: Any) -> Transcript:
        self.asked.put_nowait(pcm)
        return Transcript("Yes, please.", 0.0, 0.0, 0, 0)


def frames() -> list[rtc.AudioFrame]:
    """Silence longer than any lead-in, a person's words, silence."""
    said, rate_hz = recorded.recording()
    quiet = np.zeros(2 * rate_hz, np.int16)
    samples = np.concatenate([quiet, said, quiet])
    resampler = rtc.AudioResampler(rate_hz, SAMPLE_RATE_HZ)
    heard = resampler.push(rtc.AudioFrame(samples.tobytes(), rate_hz, 1, len(samples))) + resampler.flush()
    pcm = combine_frames(heard).data.cast("B").tobytes()
    size = 2 * _FRAME
    return [rtc.AudioFrame(pcm[at : at + size], SAMPLE_RATE_HZ, 1, _FRAME) for at in range(0, len(pcm) - size, size)]


async def test_whole_samples_are_decoded_though_the_seconds_that_are_kept_come_to_an_odd_number_of_bytes() -> None:
    client = WrittenDown()
    options = ListeningOptions(lead_in_s=11_201.5 / (2 * SAMPLE_RATE_HZ))
    ears = Ears(cast(InferenceClient, client), open_detector("silero"), Anything(), options)
    async with LocalSTT(ears).stream() as stream, asyncio.timeout(_LIMIT_S):
        for frame in frames():
            stream.push_frame(frame)
        assert len(await client.asked.get()) % 2 == 0
