"""The analyser on packet logs whose truth is known by construction."""

from __future__ import annotations

import numpy as np
import pytest

from loadtest.caller import ulaw
from loadtest.caller.onset import THRESHOLD, SpeechTracker, trim_to_hard_edges

_MS = 1_000_000
_FRAME_NS = 20 * _MS
_EPOCH_NS = 1_763_000_000 * 1_000_000_000


def _noise(length_ms: int, level: float = 3000.0, seed: int = 1) -> ulaw.Pcm:
    samples = np.random.default_rng(seed).normal(0, level, length_ms * 8)
    samples[0] = samples[-1] = 2 * level
    return np.clip(samples, -30000, 30000).astype(np.int16)


def _log(
    parts: list[tuple[int, ulaw.Pcm]], length_ms: int, delays_ms: list[float] | None = None
) -> list[tuple[int, ulaw.Pcm]]:
    """Cut a track with sounds at the given sample positions into packets with arrival times."""
    track = np.zeros(length_ms * 8, dtype=np.int16)
    for position, sound in parts:
        track[position : position + len(sound)] = sound
    heard = ulaw.decode(ulaw.encode(track)).reshape(-1, 160)
    delays = delays_ms or [0.0]
    return [
        (_EPOCH_NS + index * _FRAME_NS + int(delays[index % len(delays)] * _MS), frame)
        for index, frame in enumerate(heard)
    ]


def _track(log: list[tuple[int, ulaw.Pcm]]) -> SpeechTracker:
    tracker = SpeechTracker()
    for arrival_ns, samples in log:
        tracker.feed(arrival_ns, samples)
    return tracker


def _ms(instant_ns: int) -> float:
    return (instant_ns - _EPOCH_NS) / _MS


@pytest.mark.parametrize("position", [0, 1, 79, 80, 81, 159, 160, 12_345])
def test_hard_edges_are_found_to_the_sample(position: int) -> None:
    tracker = _track(_log([(position, _noise(400))], 4000))
    (spurt,) = tracker.spurts
    # A first or last frame with only a sliver of sound in it may stay below the energy threshold.
    assert _ms(spurt.onset_ns) == pytest.approx(position / 8, abs=0.5)
    assert _ms(spurt.offset_ns) == pytest.approx(position / 8 + 400, abs=0.5)


def test_errors_over_many_positions_have_no_bias() -> None:
    positions = np.random.default_rng(3).integers(0, 16_000, 200)
    errors = []
    for seed, position in enumerate(positions):
        (spurt,) = _track(_log([(int(position), _noise(250, 1500, seed))], 3000)).spurts
        errors.append(_ms(spurt.onset_ns) - position / 8)
    assert abs(np.mean(errors)) < 0.5
    assert np.percentile(np.abs(errors), 99) < 10


def test_an_onset_counts_from_its_packet_s_arrival() -> None:
    log = _log([(160 * 10 + 40, _noise(300))], 2000, delays_ms=[7.5])
    assert _ms(_track(log).spurts[0].onset_ns) == pytest.approx(200 + 5 + 7.5, abs=0.2)


def test_a_click_and_noise_below_the_threshold_are_not_speech() -> None:
    hiss = np.random.default_rng(2).normal(0, THRESHOLD / 3, 8 * 2000).astype(np.int16)
    click = _noise(10, 8000)
    tracker = _track(_log([(0, hiss)], 2000)) if len(hiss) else SpeechTracker()
    assert tracker.spurts == []
    assert _track(_log([(1600, click), (8000, click)], 2000)).spurts == []


def test_a_pause_below_300_ms_is_inside_the_speech_and_one_above_ends_it() -> None:
    parts = [(0, _noise(500)), (8 * 790, _noise(300)), (8 * 1400, _noise(300))]
    tracker = _track(_log(parts, 3000))
    assert [(round(_ms(s.onset_ns)), round(_ms(s.offset_ns))) for s in tracker.spurts] == [(0, 1090), (1400, 1700)]


def test_the_next_onset_after_an_instant_is_found() -> None:
    tracker = _track(_log([(0, _noise(300)), (8000, _noise(300))], 3000))
    onset_ns = tracker.first_onset_after(_EPOCH_NS + 400 * _MS)
    assert onset_ns is not None
    assert _ms(onset_ns) == pytest.approx(1000, abs=0.2)
    assert tracker.first_onset_after(_EPOCH_NS + 1100 * _MS) is None


def test_a_barge_in_stop_is_the_last_loud_sample_before_300_ms_of_quiet() -> None:
    # The agent speaks 0-2000 ms with a natural pause of 250 ms; the caller barges in at 1000 ms.
    tracker = _track(_log([(0, _noise(900)), (8 * 1150, _noise(850))], 4000))
    caller_onset_ns = _EPOCH_NS + 1000 * _MS
    assert tracker.stop_after(caller_onset_ns, _EPOCH_NS + 2100 * _MS) is None
    stop_ns = tracker.stop_after(caller_onset_ns, _EPOCH_NS + 2400 * _MS)
    assert stop_ns is not None
    assert _ms(stop_ns) == pytest.approx(2000, abs=0.2)


def test_speech_that_begins_after_the_barge_in_does_not_count_as_its_stop() -> None:
    tracker = _track(_log([(8 * 2000, _noise(500))], 4000))
    assert tracker.stop_after(_EPOCH_NS + 1000 * _MS, _EPOCH_NS + 3500 * _MS) is None


def test_late_bursts_of_packets_do_not_split_speech() -> None:
    # A mixer that slept 80 ms sends the packets it owes all at once.
    log = _log([(0, _noise(1000))], 2000, delays_ms=[0, 80, 60, 40, 20])
    assert len(_track(log).spurts) == 1


def test_a_clip_is_cut_where_the_tracker_hears_it() -> None:
    padded = np.concatenate([np.full(500, 20), _noise(300), np.full(700, -20)]).astype(np.int16)
    clip = trim_to_hard_edges(padded)
    assert abs(len(clip) - 2400) <= 2
    assert abs(int(clip[0])) >= THRESHOLD
    assert abs(int(clip[-1])) >= THRESHOLD


def test_a_silent_clip_has_nothing_to_cut() -> None:
    assert len(trim_to_hard_edges(np.full(800, 50, dtype=np.int16))) == 0
