"""The demo's judgement: the row and what the caller heard."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from infra.local.demo import Wish, judge_report, row_differences

_WISH = Wish(date(2026, 12, 3))
_GOAL = {"service": "cleaning", "time": "3:30 PM", "name": "Dana Whitfield", "phone": "5 5 5, 0 1 2, 3 4 5 6"}


def _row(**changes: Any) -> dict[str, Any]:
    start = datetime(2026, 12, 3, 20, 30, tzinfo=UTC)
    row = {"service_id": "cleaning", "start_at": start, "name": "Dana Whitfield", "phone": "+15550123456"}
    return row | changes


def _report(**changes: Any) -> dict[str, Any]:
    report: dict[str, Any] = {
        "failures": [],
        "turns": [{"line": "line 1", "reply": "REPLY"}],
        "barge_ins": [{"line": "line 5", "barge_stop_ms": 310.0}],
    }
    return report | changes


def test_the_row_that_was_asked_for_has_no_differences() -> None:
    assert row_differences(_WISH, _GOAL, [_row()]) == []


def test_every_wrong_fact_is_named() -> None:
    wrong = _row(service_id="checkup", start_at=datetime(2026, 12, 3, 20, 0, tzinfo=UTC), name="Dan", phone="+1")
    differences = row_differences(_WISH, _GOAL, [wrong])
    assert [sentence.split()[1] for sentence in differences] == ["service", "start", "name", "phone"]
    assert "2026-12-03T15:00:00-05:00" in differences[1]


def test_no_booking_and_two_bookings_are_both_wrong() -> None:
    assert row_differences(_WISH, _GOAL, []) == ["0 bookings are stored instead of 1"]
    assert row_differences(_WISH, _GOAL, [_row(), _row()]) == ["2 bookings are stored instead of 1"]


def test_the_day_is_said_as_people_say_it() -> None:
    assert _WISH.spoken_day == "Thursday, December 3rd"
    assert Wish(date(2026, 11, 11)).spoken_day == "Wednesday, November 11th"


def test_a_good_call_has_no_faults() -> None:
    assert judge_report(_report(), 0) == []


def test_a_turn_without_reply_is_a_fault() -> None:
    report = _report(turns=[{"line": "line 3", "reply": "NO_REPLY"}])
    assert judge_report(report, 0) == ["line 3: got no reply"]


def test_a_barge_in_that_did_not_stop_the_agent_is_a_fault() -> None:
    report = _report(barge_ins=[{"line": "line 5", "barge_stop_ms": None}])
    assert judge_report(report, 0) == ["line 5: the barge-in did not stop the agent"]
    assert judge_report(_report(barge_ins=[]), 0) == ["the caller never spoke into the agent's words"]


def test_a_caller_that_failed_without_saying_why_is_a_fault() -> None:
    assert judge_report(_report(), 1) == ["the caller ended with exit code 1"]
