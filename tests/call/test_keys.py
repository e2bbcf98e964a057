"""A caller who never speaks: every answer is keys of the telephone, and the booking is as pressed."""

from __future__ import annotations

import pytest

from tests.call.dialler import Dialler, Heard
from tests.call.stack import CallStack
from tests.call.wishes import DENTAL_ZONE, spoken_clock

MUTE = "+15550125001"
PHONE = "5550124567"


@pytest.fixture(scope="module")
def heard(dial: Dialler) -> Heard:
    """The call, from beginning to end."""
    return dial.begin("keys-only", MUTE, service_key="2", phone=PHONE).heard()


def test_a_booking_is_made_by_keys_alone(stack: CallStack, heard: Heard) -> None:
    assert heard.failures == []
    assert {turn["kind"] for turn in heard.report["turns"]} == {"dtmf"}
    call = stack.ended_call(MUTE)
    assert (call["disposition"], call["outcome"], call["hangup_by"]) == ("booked", "success", "agent")
    (row,) = stack.bookings(MUTE)
    assert (row["service_id"], row["name"], row["phone"]) == ("checkup", "Caller ending 4567", f"+1{PHONE}")


def test_what_was_booked_by_keys_was_heard_before_the_yes(stack: CallStack, heard: Heard) -> None:
    (row,) = stack.bookings(MUTE)
    local = row["start_at"].astimezone(DENTAL_ZONE)
    read_back = heard.turn_with("is that right")
    for words in (local.strftime("%B").lower(), spoken_clock(local), PHONE):
        assert words in read_back


def test_keys_are_turns_of_the_record_and_no_log_line_shows_the_number(stack: CallStack, heard: Heard) -> None:
    call = stack.ended_call(MUTE)
    turns = stack.rows("SELECT role, text FROM turns WHERE call_id = $1 ORDER BY seq", call["id"])
    pressed = [turn["text"] for turn in turns if turn["role"] == "caller"]
    assert pressed == ["[1]", "[2]", "[1]", "[1]", "[1]", f"[{PHONE}]", "[1]", "[2]"]
    for part in stack.record()["parts"]:
        assert PHONE not in stack.log_of(part["name"]), part["name"]
