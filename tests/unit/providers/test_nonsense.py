"""What cannot be speech is told from what can."""

from __future__ import annotations

import numpy as np
import pytest

from agent.providers.nonsense import fault_of_beginning, fault_of_length
from tests.unit.providers.scripted import silence, tone

NOISE = np.random.default_rng(0).integers(0, 256, 4800, dtype=np.uint8).tobytes()
HISS = (np.random.default_rng(0).normal(0, 2500, 2400)).astype("<i2").tobytes()
SWAPPED = np.frombuffer(tone(0.1), ">i2").astype("<i2").tobytes()


@pytest.mark.parametrize(
    ("pcm", "fault"),
    [
        (NOISE, "noise"),
        (SWAPPED, "noise"),
        (b'{"error": "something went wrong"} ' * 140, "no sound"),
        (tone(0.1, hz=600), "another sample rate"),
        (tone(0.1, hz=110), ""),
        (tone(0.1, hz=300), ""),
        (HISS, ""),
        (silence(0.1), ""),
    ],
    ids=["random bytes", "bytes swapped", "text", "three times too fast", "a man", "a child", "an s", "silence"],
)
def test_a_beginning_is_what_it_is(pcm: bytes, fault: str) -> None:
    assert fault_of_beginning(pcm) == fault


@pytest.mark.parametrize(
    ("characters", "seconds", "rate", "fault"),
    [
        (40, 2.4, 1.0, ""),
        (40, 0.8, 1.0, "too short"),
        (40, 0.003, 1.0, "too short"),
        (40, 3.7, 0.65, ""),
        (40, 1.6, 0.65, "too short"),
        (4, 1.0, 1.0, ""),
        (40, 14.0, 1.0, "too long"),
    ],
)
def test_a_length_is_of_a_text_and_a_rate(characters: int, seconds: float, rate: float, fault: str) -> None:
    assert fault_of_length(characters, seconds, rate) == fault
