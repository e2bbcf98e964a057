"""Whole conversations, held at the same time: what was stored and what each caller heard."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.call.dialler import Dialler, Heard, PendingCall
from tests.call.stack import CallStack
from tests.call.wishes import DENTAL_ZONE, Day, open_thursday, spoken_clock

JAMES, LINDA, SILENT = "+15550121001", "+15550121002", "+15550121003"
PHONE_OF_JAMES, SPOKEN_PHONE_OF_JAMES = "5550123456", "5 5 5, 0 1 2, 3 4 5 6"
PHONE_OF_LINDA, SPOKEN_PHONE_OF_LINDA = "5550127788", "5 5 5, 0 1 2, 7 7 8 8"
#: A recording's length and the caller's clock agree within the network and the end of a call.
SLACK_S = 1.5


@dataclass(frozen=True, slots=True)
class Conversations:
    """Three callers who talk at once."""

    day: Day
    james: PendingCall
    linda: PendingCall
    silent: PendingCall


@pytest.fixture(scope="module")
def talks(stack: CallStack, dial: Dialler) -> Iterator[Conversations]:
    day = open_thursday()
    yield Conversations(
        day=day,
        silent=dial.begin("silence", SILENT),
        james=dial.begin("demo", JAMES, day=day.spoken, phone=SPOKEN_PHONE_OF_JAMES),
        linda=dial.begin("several-facts", LINDA, day=day.spoken, phone=SPOKEN_PHONE_OF_LINDA),
    )


def test_a_booking_with_a_correction_in_a_barge_in_is_stored_as_asked(stack: CallStack, talks: Conversations) -> None:
    heard = talks.james.heard()
    assert heard.failures == []
    (row,) = stack.bookings(JAMES)
    assert _facts(row) == {
        "service": "cleaning", "status": "confirmed", "start_at": talks.day.at("15:30", DENTAL_ZONE),
        "name": "james wilson", "phone": f"+1{PHONE_OF_JAMES}",
    }  # fmt: skip


def test_what_was_heard_last_before_the_yes_is_what_is_stored(stack: CallStack, talks: Conversations) -> None:
    heard = talks.james.heard()
    (row,) = stack.bookings(JAMES)
    read_back = heard.turn_with("is that right")
    for words in _words_of(row):
        assert words in read_back
    assert heard.agent_turns.index(read_back) < heard.agent_turns.index(heard.turn_with("booked"))


def test_the_agent_stops_when_it_is_interrupted(talks: Conversations) -> None:
    (barge,) = talks.james.heard().report["barge_ins"]
    assert barge["verdict"] == "stopped"


def test_several_facts_in_one_sentence_are_stored_and_none_is_asked_for_again(
    stack: CallStack, talks: Conversations
) -> None:
    heard = talks.linda.heard()
    assert heard.failures == []
    (row,) = stack.bookings(LINDA)
    assert _facts(row) == {
        "service": "checkup", "status": "confirmed", "start_at": talks.day.at("10:00", DENTAL_ZONE),
        "name": "linda baker", "phone": f"+1{PHONE_OF_LINDA}",
    }  # fmt: skip
    questions = ("what day", "which day", "when would", "what name", "full name", "which service")
    assert [question for question in questions if question in heard.agent_said] == []
    for words in _words_of(row):
        assert words in heard.turn_with("is that right")


def test_keys_pressed_in_a_call_do_no_harm(stack: CallStack, talks: Conversations) -> None:
    """Digits pressed are not read yet: the question comes again, and what is said then counts."""
    heard = talks.linda.heard()
    kinds = [turn["kind"] for turn in heard.report["turns"]]
    assert kinds.count("dtmf") == 1
    (row,) = stack.bookings(LINDA)
    assert row["phone"] == f"+1{PHONE_OF_LINDA}"


def test_two_calls_at_once_become_two_bookings(stack: CallStack, talks: Conversations) -> None:
    james, linda = talks.james.heard(), talks.linda.heard()
    assert _overlap_s(james, linda) > 0, "they did not talk at the same time"
    booked = {row["id"] for row in (*stack.bookings(JAMES), *stack.bookings(LINDA))}
    assert len(booked) == 2
    assert "linda" not in james.agent_said
    assert "james" not in linda.agent_said


@pytest.mark.parametrize("caller", [JAMES, LINDA])
def test_the_call_record_holds_both_sides_in_order_and_is_closed(
    stack: CallStack, talks: Conversations, caller: str
) -> None:
    heard = talks.james.heard() if caller == JAMES else talks.linda.heard()
    call = stack.ended_call(caller)
    assert (call["disposition"], call["outcome"], call["hangup_by"]) == ("booked", "success", "agent")
    turns = stack.rows("SELECT seq, role, text FROM turns WHERE call_id = $1 ORDER BY seq", call["id"])
    assert [turn["seq"] for turn in turns] == list(range(len(turns)))
    said = sum(turn["kind"] == "say" for turn in heard.report["turns"])
    assert sum(turn["role"] == "caller" for turn in turns) >= said
    assert "Goodbye" in turns[-1]["text"]


def test_a_caller_is_told_of_the_machine_and_of_the_recording_before_it_begins(
    stack: CallStack, talks: Conversations
) -> None:
    heard = talks.james.heard()
    greeting = heard.report["agent"][0]
    assert "automated assistant" in heard.agent_turns[0]
    assert "recorded" in heard.agent_turns[0]
    call = stack.ended_call(JAMES)
    assert call["recording"] == "announced"
    left_s = heard.report["setup"]["answer_ms"] / 1000 + heard.report["duration_s"] - greeting["offset_s"]
    lengths_s = [_length_s(path) for path in _recordings(stack, "riverside-dental")]
    best_s = min(lengths_s, key=lambda length_s: abs(length_s - left_s))
    assert abs(best_s - left_s) < SLACK_S, f"{lengths_s} s recorded; after the notice came {left_s:.1f} s"


def test_a_recording_has_both_voices(stack: CallStack, talks: Conversations) -> None:
    talks.james.heard()
    stack.ended_call(JAMES)
    longest = max(_recordings(stack, "riverside-dental"), key=_length_s)
    caller, agent = _loudness(longest)
    assert caller > 0
    assert agent > 0


def test_a_silent_caller_is_asked_again_and_then_let_go(stack: CallStack, talks: Conversations) -> None:
    heard = talks.silent.heard()
    assert heard.failures == []
    assert heard.report["ended_by"] == "agent"
    assert heard.agent_said.count("help") == 2
    call = stack.ended_call(SILENT)
    assert (call["disposition"], call["hangup_by"]) == ("abandoned", "agent")
    assert stack.appointments(SILENT) == []


def _facts(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "service": row["service_id"], "status": row["status"], "start_at": row["start_at"],
        "name": row["name"].lower(), "phone": row["phone"],
    }  # fmt: skip


def _words_of(row: dict[str, Any]) -> list[str]:
    """What a read-back of this booking must contain, as the caller's ear spells it."""
    local = row["start_at"].astimezone(DENTAL_ZONE)
    day = Day(local.date())
    phone = row["phone"].removeprefix("+1")
    return [row["service_id"], local.strftime("%B").lower(), day.ordinal, spoken_clock(local), row["name"].lower(), phone]


def _overlap_s(one: Heard, other: Heard) -> float:
    spans = []
    for heard in (one, other):
        begin = datetime.fromisoformat(heard.report["invited_at"]).timestamp()
        spans.append((begin, begin + heard.report["duration_s"]))
    return min(end for _, end in spans) - max(begin for begin, _ in spans)


def _recordings(stack: CallStack, tenant: str) -> list[Path]:
    return sorted((stack.state / "recordings" / tenant).rglob("*.wav"))


def _length_s(path: Path) -> float:
    with wave.open(str(path)) as file:
        return file.getnframes() / file.getframerate()


def _loudness(path: Path) -> tuple[int, int]:
    """Of the caller's and the agent's channel: how many samples are louder than a quiet line."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
    loud = (np.abs(samples.astype(np.int32)) > 1000).sum(axis=0)
    return int(loud[0]), int(loud[1])
