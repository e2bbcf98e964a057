"""What a run's outcomes come to."""

from __future__ import annotations

import statistics

import pytest

from loadtest.chaos.plan import Kind, Pair, Target, Trial
from loadtest.chaos.report import cells, document, exit_code
from loadtest.chaos.trial import Outcome

TARGET = Target(Kind.VOICE, "elevenlabs/flash", "elevenlabs")


def outcome(heard_ms: float | None, *, fault: str = "mute", is_good: bool = True, void: str = "") -> Outcome:
    return Outcome(
        trial=Trial(Pair(TARGET, fault), 0, "words", "reply"),
        call_id="an-id",
        heard_ms=heard_ms,
        pause_ms=0.0 if is_good else 3000.0,
        has_reply=is_good,
        ended_well=is_good,
        void=(void,) if void else (),
        sentences=(),
    )


def test_silence_counts_as_the_longest_that_was_waited_for() -> None:
    (cell,) = cells([outcome(900.0), outcome(None)])
    assert (cell.n, cell.worst_ms, cell.silent) == (2, 8000.0, 1)


def test_a_void_trial_is_counted_apart_and_changes_no_figure() -> None:
    (cell,) = cells([outcome(900.0), outcome(None, void="the machine was noisy")])
    assert (cell.n, cell.void, cell.worst_ms) == (1, 1, 900.0)


def test_each_fault_has_a_row_in_the_order_tried() -> None:
    found = cells([outcome(1.0, fault="mute"), outcome(2.0, fault="hanging"), outcome(3.0, fault="mute")])
    assert [(cell.fault, cell.n) for cell in found] == [("mute", 2), ("hanging", 1)]


def test_what_was_replied_and_how_it_ended_is_counted() -> None:
    (cell,) = cells([outcome(900.0), outcome(900.0, is_good=False)])
    assert (cell.replies, cell.ended_well, cell.pauses) == (1, 1, 1)


def test_one_late_call_in_twenty_keeps_the_promise_and_two_break_it() -> None:
    one = cells([*[outcome(1000.0)] * 19, outcome(9000.0)])
    two = cells([*[outcome(1000.0)] * 18, *[outcome(9000.0)] * 2])
    assert (exit_code(one, 20), exit_code(two, 20)) == (0, 1)


def test_too_few_trials_are_void_and_no_success() -> None:
    found = cells([outcome(900.0)])
    assert exit_code(found, 2) == 3
    assert exit_code(cells([outcome(900.0, void="why")]), 1) == 3
    assert exit_code([], 1) == 3


def test_a_broken_promise_is_told_although_other_trials_are_void() -> None:
    assert exit_code(cells([outcome(None), outcome(900.0, void="why")]), 2) == 1


@pytest.mark.parametrize("count", [2, 7, 20])
def test_a_percentile_is_what_the_standard_library_says(count: int) -> None:
    values = [float(37 * each % 101) for each in range(count)]
    (cell,) = cells([outcome(value) for value in values])
    assert cell.p95_ms == pytest.approx(statistics.quantiles(values, n=20, method="inclusive")[18])


def test_the_document_has_every_trial_and_names_its_provider() -> None:
    outcomes = [outcome(900.0), outcome(None, void="why")]
    written = document(outcomes, cells(outcomes), trials_wanted=2)
    assert [(trial["provider"], trial["heard_ms"]) for trial in written["trials"]] == [
        ("elevenlabs/flash", 900.0),
        ("elevenlabs/flash", None),
    ]
    assert written["cells"][0]["kind"] == "tts"
    assert written["trials_wanted"] == 2
