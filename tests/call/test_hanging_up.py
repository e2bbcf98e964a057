"""Callers who leave early, all at about the same time: nothing stays reserved and every record is closed."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.call.dialler import Dialler, PendingCall
from tests.call.stack import CallStack, wait_until
from tests.call.wishes import open_thursday

RINGING, MID_WORD, WHILE_HELD = "+15550123001", "+15550123002", "+15550123003"


@dataclass(frozen=True, slots=True)
class Leavers:
    """Three who hang up."""

    while_held: PendingCall
    ringing: PendingCall
    mid_word: PendingCall


@pytest.fixture(scope="module")
def leavers(dial: Dialler) -> Leavers:
    day = open_thursday(1).spoken
    return Leavers(
        while_held=dial.begin("hangup-while-held", WHILE_HELD, day=day),
        ringing=dial.begin("hangup-ringing", RINGING),
        mid_word=dial.begin("hangup-mid-word", MID_WORD),
    )


def test_a_caller_who_cancels_while_it_rings_gets_487_and_is_never_answered(
    stack: CallStack, leavers: Leavers
) -> None:
    heard = leavers.ringing.heard()
    assert heard.failures == []
    assert heard.status == 487
    wait_until(lambda: not _open_records(stack, RINGING), "no record of it is open", within_s=20.0)
    assert [row["answered_at"] for row in stack.calls(RINGING)] in ([], [None])


def test_a_caller_who_hangs_up_in_the_middle_of_a_word_leaves_a_closed_record(
    stack: CallStack, leavers: Leavers
) -> None:
    assert leavers.mid_word.heard().failures == []
    call = stack.ended_call(MID_WORD)
    assert (call["disposition"], call["outcome"], call["hangup_by"]) == ("abandoned", "success", "caller")
    assert stack.appointments(MID_WORD) == []


def test_repeat_that_is_answered_with_the_same_words(leavers: Leavers) -> None:
    heard = leavers.while_held.heard()
    assert heard.failures == []
    asked = [turn for turn in heard.agent_turns if "name" in turn]
    assert len(asked) == 2
    assert "9 am" in asked[0]
    assert asked[0] == asked[1]


def test_a_caller_who_hangs_up_in_a_booking_gives_the_opening_back(stack: CallStack, leavers: Leavers) -> None:
    assert leavers.while_held.heard().failures == []
    call = stack.ended_call(WHILE_HELD)
    assert (call["disposition"], call["outcome"], call["hangup_by"]) == ("abandoned", "success", "caller")
    assert [row["status"] for row in stack.appointments(WHILE_HELD)] == ["cancelled"]


def _open_records(stack: CallStack, caller: str) -> list[str]:
    return [row["status"] for row in stack.calls(caller) if row["status"] != "ended"]
