"""Where sound begins and ends is told to the sample, and by the ear's own definition."""

from __future__ import annotations

import numpy as np
import pytest

from agent.dialogue.sound_edges import SoundEdges
from agent.providers.pause import PauseDetector
from loadtest.caller.onset import SpeechTracker

RATE_HZ = 8000
FRAME = 160
START_S = 100.0


def tone(seconds: float, amplitude: int = 8000) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return (amplitude * np.sign(np.sin(np.arange(int(seconds * RATE_HZ)) * 0.7))).astype(np.int16)


def quiet(seconds: float) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.zeros(int(seconds * RATE_HZ), dtype=np.int16)


def follow(*parts: np.ndarray[tuple[int], np.dtype[np.int16]], noise: bool = False) -> SoundEdges:
    edges = SoundEdges(RATE_HZ, PauseDetector(RATE_HZ) if noise else None)
    samples = np.concatenate(parts)
    for begin in range(0, samples.size, FRAME):
        edges.push(samples[begin : begin + FRAME].tobytes(), START_S + begin / RATE_HZ)
    return edges


def test_begin_and_end_are_the_first_and_the_last_sample() -> None:
    edges = follow(quiet(0.5131), tone(0.4), quiet(0.5))
    assert edges.began_at == pytest.approx(START_S + 0.5131, abs=0.001)
    assert edges.ended_at == pytest.approx(START_S + 0.9131, abs=0.001)


def test_a_short_pause_belongs_to_the_sound_and_a_long_one_begins_another() -> None:
    short = follow(quiet(0.2), tone(0.2), quiet(0.25), tone(0.2), quiet(0.4))
    assert short.began_at == pytest.approx(START_S + 0.2, abs=0.001)
    long = follow(quiet(0.2), tone(0.2), quiet(0.35), tone(0.2), quiet(0.4))
    assert long.began_at == pytest.approx(START_S + 0.75, abs=0.001)
    assert long.first_at == pytest.approx(START_S + 0.2, abs=0.001)
    assert long.ended_at == pytest.approx(START_S + 0.95, abs=0.001)


def test_a_click_is_no_sound() -> None:
    edges = follow(quiet(0.3), tone(0.015), quiet(0.5))
    assert (edges.began_at, edges.ended_at) == (0.0, 0.0)


def test_the_hum_of_a_line_does_not_go_on_for_ever_as_sound() -> None:
    hum = tone(20.0, amplitude=400)  # -38 dBov: louder than the level, quieter than a voice
    edges = follow(hum, tone(0.4), hum[: RATE_HZ // 2], noise=True)
    assert edges.ended_at == pytest.approx(START_S + 20.4, abs=0.001)


def test_it_agrees_with_the_ear() -> None:
    rng = np.random.default_rng(6)
    parts = []
    for _ in range(12):
        parts += [quiet(rng.uniform(0.02, 0.6)), tone(rng.uniform(0.02, 0.5), int(rng.integers(100, 9000)))]
    samples = np.concatenate(parts)
    samples = samples[: samples.size // FRAME * FRAME]
    tracker, edges = SpeechTracker(), SoundEdges(RATE_HZ)
    for begin in range(0, samples.size, FRAME):
        frame = samples[begin : begin + FRAME]
        tracker.feed(begin * 125_000, frame)
        edges.push(frame.tobytes(), begin / RATE_HZ)
    assert len(tracker.spurts) > 1
    assert edges.first_at == pytest.approx(tracker.spurts[0].onset_ns / 1e9)
    assert edges.began_at == pytest.approx(tracker.spurts[-1].onset_ns / 1e9)
    assert edges.ended_at == pytest.approx(tracker.spurts[-1].offset_ns / 1e9)
