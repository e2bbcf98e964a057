"""One number that calls three times: a booking without a word, then the same appointment moved, then cancelled."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.call.afternoon import REGULAR, REGULARS_KEYS, Afternoon, Regular
from tests.call.stack import CallStack
from tests.call.wishes import DENTAL_ZONE, spoken_clock


@pytest.fixture
def regular(afternoon: Afternoon) -> Regular:
    return afternoon.regular.result()


@pytest.fixture
def rows(stack: CallStack, regular: Regular) -> list[dict[str, Any]]:
    """The appointment as it was booked, and as it was moved."""
    by_call = {row["call_id"]: row for row in stack.appointments(REGULAR) if row["name"]}
    calls = stack.ended_calls(REGULAR, 3)
    return [by_call[call["id"]] for call in calls if call["id"] in by_call]


def test_a_booking_is_made_by_keys_alone(stack: CallStack, regular: Regular, rows: list[dict[str, Any]]) -> None:
    assert regular.by_keys.failures == []
    assert {turn["kind"] for turn in regular.by_keys.report["turns"]} == {"dtmf"}
    call = stack.ended_calls(REGULAR, 3)[0]
    assert (call["disposition"], call["outcome"], call["hangup_by"]) == ("booked", "success", "agent")
    booked = rows[0]
    assert (booked["service_id"], booked["name"]) == ("checkup", f"Caller ending {REGULARS_KEYS[-4:]}")
    assert booked["phone"] == f"+1{REGULARS_KEYS}"


def test_what_was_booked_by_keys_was_heard_before_the_yes(regular: Regular, rows: list[dict[str, Any]]) -> None:
    local = rows[0]["start_at"].astimezone(DENTAL_ZONE)
    read_back = regular.by_keys.turn_with("is that right")
    for words in (local.strftime("%B").lower(), spoken_clock(local)):
        assert words in read_back
    assert any(REGULARS_KEYS in reading for reading in regular.by_keys.listened_again("is that right"))


@pytest.mark.usefixtures("regular")
def test_keys_are_turns_of_the_record_and_no_log_line_shows_the_number(stack: CallStack) -> None:
    call = stack.ended_calls(REGULAR, 3)[0]
    turns = stack.rows("SELECT role, text FROM turns WHERE call_id = $1 ORDER BY seq", call["id"])
    pressed = [turn["text"] for turn in turns if turn["role"] == "caller"]
    assert pressed == ["[1]", "[2]", "[1]", "[1]", "[1]", f"[{REGULARS_KEYS}]", "[1]", "[2]"]
    (read_back,) = [turn["text"] for turn in turns if turn["role"] == "agent" and "Is that right" in turn["text"]]
    assert REGULARS_KEYS in re.sub(r"\D", "", read_back)
    # LiveKit's own name rooms by the number called from
    ours = [part["name"] for part in stack.record()["parts"] if not part["name"].startswith("livekit")]
    assert [part for part in ours if REGULARS_KEYS in stack.log_of(part)] == []


def test_an_appointment_is_moved_to_where_it_was_read_back(
    stack: CallStack, regular: Regular, rows: list[dict[str, Any]]
) -> None:
    assert regular.move.failures == []
    assert stack.ended_calls(REGULAR, 3)[1]["disposition"] == "moved"
    old, new = rows
    assert old["moved_to"] == new["id"]
    assert new["start_at"] == regular.day.at("14:00", DENTAL_ZONE)
    assert "2 pm" in regular.move.turn_with("correct")
    assert (new["service_id"], new["name"], new["phone"]) == (old["service_id"], old["name"], old["phone"])


def test_it_is_cancelled_and_nothing_of_it_is_left(
    stack: CallStack, regular: Regular, rows: list[dict[str, Any]]
) -> None:
    assert regular.cancel.failures == []
    assert stack.ended_calls(REGULAR, 3)[2]["disposition"] == "cancelled"
    assert "2 pm" in regular.cancel.turn_with("cancel it")
    assert [row["status"] for row in rows] == ["cancelled", "cancelled"]
    assert stack.bookings(REGULAR) == []
