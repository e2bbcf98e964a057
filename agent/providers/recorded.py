"""A recording that recognisers are probed with, and how it is said to one."""

from __future__ import annotations

import asyncio
import wave
from functools import cache
from pathlib import Path

import numpy as np
from livekit import rtc
from livekit.agents import stt
from numpy.typing import NDArray

#: In a synthetic voice, mono int16.
PATH = Path(__file__).with_name("yes_please.wav")
WORDS = "Yes, please."
_LOWER = ("yes", "please")
#: A piece is a frame of a call.
_PIECE_S, _LEAD_S = 0.02, 0.3


@cache
def recording() -> tuple[NDArray[np.int16], int]:
    """Samples, and their rate in Hz."""
    with wave.open(str(PATH)) as source:
        samples = np.frombuffer(source.readframes(source.getnframes()), dtype="<i2").astype(np.int16)
        return samples, source.getframerate()


def is_heard(text: str) -> bool:
    """One of its words is among these; recognisers differ in how they write the other."""
    return any(word in text.lower() for word in _LOWER)


async def say(stream: stt.RecognizeStream, ended: asyncio.Future[float]) -> None:
    """Say it as a caller would, in real time, and be silent until cancelled.

    Args:
        ended: is told when its last sample was sent, by the loop's clock.
    """
    samples, rate_hz = recording()
    size, clock = int(_PIECE_S * rate_hz), asyncio.get_running_loop().time
    audio = np.concatenate([np.zeros(int(_LEAD_S * rate_hz), np.int16), samples])
    pieces = [audio[at : at + size] for at in range(0, len(audio), size)]
    silence, due_s = np.zeros(size, np.int16), clock()
    while True:
        piece = pieces.pop(0) if pieces else silence
        stream.push_frame(rtc.AudioFrame(piece.tobytes(), rate_hz, 1, len(piece)))
        if not pieces and not ended.done():
            ended.set_result(clock())
        due_s += _PIECE_S
        await asyncio.sleep(due_s - clock())
