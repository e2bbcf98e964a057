"""Whole conversations, held at the same time: what was stored and what each caller heard."""

from __future__ import annotations

import re
import wave
from datetime import datetime
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.call.dialler import Heard
from tests.call.evening import JAMES, LINDA, PHONE_OF_JAMES, PHONE_OF_LINDA, SILENT, Evening
from tests.call.stack import CallStack
from tests.call.wishes import DENTAL_ZONE, spoken_clock

FRAME_S = 0.02
LOUD = 500.0
#: The notice is the greeting's last sentence but one; the question after it takes longer than this.
BEFORE_GREETING_ENDS_S = 1.0


def test_a_booking_with_a_correction_in_a_barge_in_is_stored_as_asked(stack: CallStack, evening: Evening) -> None:
    heard = evening.james.heard()
    assert heard.failures == []
    (row,) = stack.bookings(JAMES)
    assert _facts(row) == {
        "service": "cleaning", "status": "confirmed", "start_at": evening.day.at("15:30", DENTAL_ZONE),
        "name": "james wilson", "phone": f"+1{PHONE_OF_JAMES}",
    }  # fmt: skip


def test_what_was_heard_last_before_the_yes_is_what_is_stored(stack: CallStack, evening: Evening) -> None:
    heard = evening.james.heard()
    (row,) = stack.bookings(JAMES)
    read_back = heard.turn_with("is that right")
    for words in _words_of(row):
        assert words in read_back
    assert heard.agent_turns.index(read_back) < heard.agent_turns.index(heard.turn_with("anything else"))


def test_the_agent_stops_when_it_is_interrupted(evening: Evening) -> None:
    (barge,) = evening.james.heard().report["barge_ins"]
    assert barge["verdict"] == "stopped"


def test_the_agent_keeps_its_own_figure_of_how_soon_it_stopped(stack: CallStack, evening: Evening) -> None:
    evening.james.heard()
    call = stack.ended_call(JAMES)
    cut = stack.rows("SELECT timings FROM turns WHERE call_id = $1 AND timings ? 'barge_in_stop_ms'", call["id"])
    assert cut


def test_several_facts_in_one_sentence_are_stored_and_none_is_asked_for_again(
    stack: CallStack, evening: Evening
) -> None:
    heard = evening.linda.heard()
    assert heard.failures == []
    (row,) = stack.bookings(LINDA)
    assert _facts(row) == {
        "service": "checkup", "status": "confirmed", "start_at": evening.day.at("10:00", DENTAL_ZONE),
        "name": "linda baker", "phone": f"+1{PHONE_OF_LINDA}",
    }  # fmt: skip
    questions = ("what day", "which day", "when would", "what name", "full name", "which service")
    assert [question for question in questions if question in heard.agent_said] == []
    *words, number = _words_of(row)
    read_back = heard.turn_with("is that right")
    assert [each for each in words if each not in read_back] == []
    # with a menu after it the caller's own recogniser is short of a digit in one of twelve; the row is exact
    assert _digits_in_common(number, read_back) >= len(number) - 1


def test_a_number_begun_by_keys_may_be_said_after_all(stack: CallStack, evening: Evening) -> None:
    heard = evening.linda.heard()
    kinds = [turn["kind"] for turn in heard.report["turns"]]
    assert kinds.count("dtmf") == 1
    assert re.search(r"so far i have 5 ?5 ?5\b", heard.agent_said)
    (row,) = stack.bookings(LINDA)
    assert row["phone"] == f"+1{PHONE_OF_LINDA}"


def test_two_calls_at_once_become_two_bookings(stack: CallStack, evening: Evening) -> None:
    james, linda = evening.james.heard(), evening.linda.heard()
    assert _overlap_s(james, linda) > 0, "they did not talk at the same time"
    booked = {row["id"] for row in (*stack.bookings(JAMES), *stack.bookings(LINDA))}
    assert len(booked) == 2
    assert "linda" not in james.agent_said
    assert "james" not in linda.agent_said


@pytest.mark.parametrize("caller", [JAMES, LINDA])
def test_the_call_record_holds_both_sides_in_order_and_is_closed(
    stack: CallStack, evening: Evening, caller: str
) -> None:
    heard = evening.james.heard() if caller == JAMES else evening.linda.heard()
    call = stack.ended_call(caller)
    assert (call["disposition"], call["outcome"], call["hangup_by"]) == ("booked", "success", "agent")
    turns = stack.rows("SELECT seq, role, text FROM turns WHERE call_id = $1 ORDER BY seq", call["id"])
    assert [turn["seq"] for turn in turns] == list(range(len(turns)))
    said = sum(turn["kind"] == "say" for turn in heard.report["turns"])
    assert sum(turn["role"] == "caller" for turn in turns) >= said
    assert "Goodbye" in turns[-1]["text"]


def test_a_caller_is_told_of_the_machine_and_of_the_recording_before_it_begins(
    stack: CallStack, evening: Evening
) -> None:
    heard = evening.james.heard()
    greeting = heard.report["agent"][0]
    assert "automated assistant" in heard.agent_turns[0]
    assert "recorded" in heard.agent_turns[0]
    call = stack.ended_call(JAMES)
    assert call["recording"] == "announced"
    recording = _recording_of(stack, heard)
    began_s = _offset_s(heard.wav, recording)
    assert began_s > greeting["offset_s"] - BEFORE_GREETING_ENDS_S, f"recorded from {began_s:.1f} s on"
    assert began_s < greeting["offset_s"] + BEFORE_GREETING_ENDS_S


def test_a_recording_has_both_voices(stack: CallStack, evening: Evening) -> None:
    heard = evening.james.heard()
    stack.ended_call(JAMES)
    for envelope in _envelopes(_recording_of(stack, heard)):
        assert (envelope > LOUD).any()


def test_a_silent_caller_is_asked_again_and_then_let_go(stack: CallStack, evening: Evening) -> None:
    heard = evening.silent.heard()
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
    return [local.strftime("%B").lower(), spoken_clock(local), row["name"].lower(), row["phone"].removeprefix("+1")]


def _digits_in_common(number: str, text: str) -> int:
    """How many digits of a number are in the text's own, in order."""
    blocks = SequenceMatcher(None, number, re.sub(r"\D", "", text)).get_matching_blocks()
    return sum(block.size for block in blocks)


def _overlap_s(one: Heard, other: Heard) -> float:
    spans: list[tuple[float, float]] = []
    for heard in (one, other):
        begin = datetime.fromisoformat(heard.report["invited_at"]).timestamp()
        spans.append((begin, begin + heard.report["duration_s"]))
    return min(end for _, end in spans) - max(begin for begin, _ in spans)


def _recording_of(stack: CallStack, heard: Heard) -> Path:
    """The file whose caller's side is this call's, found by its sound."""
    files = sorted((stack.state / "recordings").rglob("*.wav"))
    assert files, "nothing was recorded"
    return max(files, key=lambda path: _likeness(heard.wav, path).max())


def _offset_s(call: Path, recording: Path) -> float:
    """Where in the caller's own recording, which begins at the INVITE, the fleet's one begins."""
    likeness = _likeness(call, recording)
    shift = int(likeness.argmax()) - (len(_envelopes(recording)[0]) - 1)
    return float(shift * FRAME_S)


def _likeness(call: Path, recording: Path) -> NDArray[np.float64]:
    own, fleets = (_envelopes(path)[0] for path in (call, recording))
    own, fleets = own - own.mean(), fleets - fleets.mean()
    loudness = np.linalg.norm(own) * np.linalg.norm(fleets)
    return np.asarray(np.correlate(own, fleets, mode="full") / loudness, dtype=np.float64)


def _envelopes(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean loudness of the caller's and the agent's channel, a value each FRAME_S."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
        frame = int(file.getframerate() * FRAME_S)
    whole = samples[: len(samples) // frame * frame].astype(np.float64)
    means = np.abs(whole).reshape(-1, frame, 2).mean(axis=1)
    return means[:, 0], means[:, 1]
