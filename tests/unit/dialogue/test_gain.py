"""Louder, and never beyond what the line can carry."""

from __future__ import annotations

import numpy as np
import pytest

from agent.dialogue.gain import amplified
from agent.domain.manner import GAINS


def tone(amplitude: int) -> bytes:
    return (amplitude * np.sin(np.arange(2400) / 7.0)).astype("<i2").tobytes()


def peak(pcm: bytes) -> int:
    return int(np.abs(np.frombuffer(pcm, dtype="<i2").astype(np.int32)).max())


@pytest.mark.parametrize("factor", GAINS[1:])
def test_quiet_speech_is_multiplied(factor: float) -> None:
    assert peak(amplified(tone(4000), factor)) == pytest.approx(4000 * factor, abs=5)


@pytest.mark.parametrize("factor", [*GAINS[1:], 50.0])
def test_loud_speech_is_bent_and_never_wraps_or_clips(factor: float) -> None:
    loud = tone(30_000)
    louder = np.frombuffer(amplified(loud, factor), dtype="<i2").astype(np.int32)
    plain = np.frombuffer(loud, dtype="<i2").astype(np.int32)
    assert np.all(np.sign(louder) * np.sign(plain) >= 0)
    assert np.abs(louder).max() <= 32_767
    steps = np.diff(louder[np.argsort(plain)])
    assert steps.min() >= -1


def test_what_was_louder_stays_louder() -> None:
    assert peak(amplified(tone(8000), 2.5)) < peak(amplified(tone(16_000), 2.5)) < peak(amplified(tone(32_000), 2.5))


def test_without_a_wish_the_audio_is_untouched() -> None:
    assert amplified(tone(9000), 1.0) == tone(9000)
