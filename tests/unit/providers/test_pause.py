"""Energy finds the pause, whatever the line's noise."""

from __future__ import annotations

import numpy as np

from agent.providers.pause import PauseDetector

RATE_HZ = 16_000
FRAME = RATE_HZ // 50


def noise(level_dbov: float, seconds: float, seed: int = 1) -> bytes:
    samples = np.random.default_rng(seed).standard_normal(int(RATE_HZ * seconds))
    return (samples * 32768 * 10 ** (level_dbov / 20)).clip(-32768, 32767).astype(np.int16).tobytes()


def feed(detector: PauseDetector, pcm: bytes, *, in_speech: bool = True) -> float:
    silent_s = 0.0
    for start in range(0, len(pcm), FRAME * 2):
        silent_s = detector.push(pcm[start : start + FRAME * 2], in_speech=in_speech)
    return silent_s


def test_digital_silence_after_speech_is_a_pause_of_its_own_length() -> None:
    detector = PauseDetector(RATE_HZ)
    assert feed(detector, noise(-20, 1.0)) == 0.0
    assert abs(feed(detector, bytes(int(RATE_HZ * 0.3) * 2)) - 0.3) < 0.021


def test_a_pause_is_found_on_a_noisy_line() -> None:
    detector = PauseDetector(RATE_HZ)
    feed(detector, noise(-45, 1.0), in_speech=False)
    assert feed(detector, noise(-20, 1.0, seed=2)) == 0.0
    assert feed(detector, noise(-45, 0.3, seed=3)) > 0.2


def test_speech_ends_the_pause() -> None:
    detector = PauseDetector(RATE_HZ)
    feed(detector, bytes(RATE_HZ))
    assert feed(detector, noise(-25, 0.04)) == 0.0
