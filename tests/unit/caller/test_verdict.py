"""What makes a call a failure, and what makes its figures void."""

from __future__ import annotations

from typing import Any

import pytest

from loadtest.caller.noise import void_reasons
from loadtest.caller.record import AgentTurn, BargeIn, Record, Turn
from loadtest.caller.script import Scenario
from loadtest.caller.verdict import judge

_MS = 1_000_000
_START = 1_000 * _MS


def _scenario(**more: Any) -> Scenario:
    return Scenario.model_validate({"name": "test", **more})


def _answered(*texts: str) -> Record:
    record = Record(invited_ns=_START, answered_ns=_START + 400 * _MS, over_ns=_START + 9_000 * _MS)
    record.agent = [AgentTurn(1, 2, text) for text in texts]
    return record


def _refused(after_ms: int) -> Record:
    return Record(invited_ns=_START, over_ns=_START + after_ms * _MS)


def test_a_refusal_that_was_wanted_must_be_the_right_one_and_in_time() -> None:
    busy = _scenario(end={"expect_status": 486, "within_s": 1})
    assert judge(busy, _refused(140), status=486, reason="Busy") == []
    assert judge(busy, _refused(140), status=503, reason="") == ["expected to be refused with 486, got 503"]
    assert judge(busy, _refused(15_000), status=486, reason="") == ["refused with 486 only after 15.0 s (limit 1 s)"]


def test_silence_that_was_wanted_must_be_total() -> None:
    stranger = _scenario(end={"expect_nothing": True})
    assert judge(stranger, _refused(9_000), status=0, reason="") == []
    assert judge(stranger, _refused(9_000), status=180, reason="") == ["expected no answer of any kind, got 180"]


def test_a_call_nobody_takes_is_a_failure() -> None:
    assert judge(_scenario(), _refused(200), status=486, reason="Busy Here") == [
        "the call was not answered: 486 Busy Here"
    ]
    assert judge(_scenario(), _refused(200), status=0, reason="") == ["no answer"]


def test_hanging_up_while_it_rings_must_not_be_answered() -> None:
    ringing = _scenario(hangup_while_ringing_s=1)
    assert judge(ringing, _refused(1_000), status=487, reason="") == []
    assert judge(ringing, _answered(), status=200, reason="OK") == ["the call was answered before the caller hung up"]


def test_lines_left_unsaid_are_a_failure() -> None:
    scenario = _scenario(lines=[{"say": "a"}, {"say": "b"}])
    assert judge(scenario, _answered(), status=200, reason="OK") == ["2 of 2 lines were never reached"]


def test_words_are_checked_over_the_whole_call() -> None:
    scenario = _scenario(checks={"agent_says": ["3:30 pm", "goodbye", "friday"], "agent_never_says": ["error"]})
    heard = _answered("Thursday at three thirty PM.", "Good-bye!", "An error.")
    assert judge(scenario, heard, status=200, reason="OK") == [
        "the agent never said 'friday'",
        "the agent said 'error'",
    ]


def test_limits_on_latency_and_barge_in_are_checked_turn_by_turn() -> None:
    scenario = _scenario(checks={"max_response_ear_ms": 600, "max_barge_stop_ms": 300})
    record = _answered()
    record.turns = [
        Turn("line 1", "say", "a", end_ns=_START, reply_onset_ns=_START + 500 * _MS),
        Turn("line 2", "say", "b", end_ns=_START, reply_onset_ns=_START + 600 * _MS),
    ]
    record.barge_ins = [BargeIn("line 2", _START, _START + 420 * _MS, "stopped")]
    assert judge(scenario, record, status=200, reason="OK") == [
        "line 2: reply at the ear after 660 ms (limit 600 ms)",
        "line 2: the agent stopped 420 ms after the barge-in (limit 300 ms)",
    ]


_QUIET = {
    "tick_late_p99_ms": 8.0,
    "steal_percent": 2.0,
    "socket_drops": 0,
    "clock_step_ms": 0.9,
    "words_late_max_ms": 6000,
}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("tick_late_p99_ms", 8.1),
        ("steal_percent", 2.1),
        ("socket_drops", 1),
        ("clock_step_ms", -1.1),
        ("words_late_max_ms", 6001),
    ],
)
def test_each_kind_of_noise_makes_a_run_void(key: str, value: float) -> None:
    assert void_reasons(_QUIET) == []
    assert len(void_reasons({**_QUIET, key: value})) == 1
