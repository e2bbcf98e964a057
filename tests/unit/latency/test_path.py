"""Waits sum to the delay, whatever overlapped."""

from __future__ import annotations

import random

import pytest

from loadtest.latency.path import STAGES, waits

MARKS = ("words_ms", "understood_ms", "committed_ms", "text_ms", "audio_ms", "captured_ms", "sounded_ms")


def test_stages_one_after_another_waited_as_long_as_they_took() -> None:
    marks = dict(zip(MARKS, (100.0, 120.0, 200.0, 210.0, 400.0, 410.0, 420.0), strict=True))
    assert list(waits(marks).values()) == [100.0, 20.0, 80.0, 10.0, 190.0, 10.0, 10.0]


def test_what_was_ready_before_the_commit_kept_nobody_waiting() -> None:
    marks = dict(zip(MARKS, (100.0, 110.0, 200.0, 120.0, 180.0, 204.0, 214.0), strict=True))
    waited = waits(marks)
    assert (waited["commit"], waited["text"], waited["voice"], waited["capture"]) == (90.0, 0.0, 0.0, 4.0)


def test_audio_that_was_begun_early_and_came_late_waited_for_what_the_commit_left_of_it() -> None:
    marks = dict(zip(MARKS, (100.0, 110.0, 200.0, 120.0, 350.0, 354.0, 354.0), strict=True))
    assert waits(marks)["voice"] == 150.0


def test_words_that_were_settled_while_the_caller_spoke_waited_for_nothing() -> None:
    assert waits({"words_ms": -300.0, "committed_ms": 200.0, "sounded_ms": 210.0})["words"] == 0.0


@pytest.mark.parametrize("marks", [{}, {"words_ms": 90.0}, {"sounded_ms": -40.0}])
def test_without_a_sound_after_the_callers_last_there_is_nothing_to_share_out(marks: dict[str, float]) -> None:
    assert waits(marks) == {}


def test_waits_sum_to_the_first_sound_whatever_the_order_and_whatever_is_missing() -> None:
    rng = random.Random(6)
    for _ in range(500):
        marks = {name: rng.uniform(-200, 900) for name in MARKS if rng.random() < 0.8}
        marks["sounded_ms"] = rng.uniform(0, 900)
        waited = waits(marks)
        assert tuple(waited) == STAGES
        assert min(waited.values()) >= 0.0
        assert sum(waited.values()) == pytest.approx(marks["sounded_ms"])
