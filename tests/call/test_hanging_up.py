"""Callers who leave early: nothing stays reserved and every record is closed."""

from __future__ import annotations

from tests.call.evening import MID_WORD, RINGING, WHILE_HELD, Evening
from tests.call.stack import CallStack, wait_until


def test_a_caller_who_cancels_while_it_rings_gets_487_and_is_never_answered(stack: CallStack, evening: Evening) -> None:
    heard = evening.ringing.heard()
    assert heard.failures == []
    assert heard.status == 487
    wait_until(lambda: not _open_records(stack, RINGING), "no record of it is open", within_s=20.0)
    assert [row["answered_at"] for row in stack.calls(RINGING)] in ([], [None])


def test_a_caller_who_hangs_up_in_the_middle_of_a_word_leaves_a_closed_record(
    stack: CallStack, evening: Evening
) -> None:
    assert evening.mid_word.heard().failures == []
    call = stack.ended_call(MID_WORD)
    assert (call["disposition"], call["outcome"], call["hangup_by"]) == ("abandoned", "success", "caller")
    assert stack.appointments(MID_WORD) == []


def test_repeat_that_says_the_last_turn_again(evening: Evening) -> None:
    heard = evening.while_held.heard()
    assert heard.failures == []
    asked = [turn for turn in heard.agent_turns if "name" in turn]
    assert len(asked) == 2
    for turn in asked:
        assert "9 am" in turn, asked


def test_a_caller_who_hangs_up_in_a_booking_gives_the_opening_back(stack: CallStack, evening: Evening) -> None:
    assert evening.while_held.heard().failures == []
    call = stack.ended_call(WHILE_HELD)
    assert (call["disposition"], call["outcome"], call["hangup_by"]) == ("abandoned", "success", "caller")
    assert [row["status"] for row in stack.appointments(WHILE_HELD)] == ["cancelled"]


def _open_records(stack: CallStack, caller: str) -> list[str]:
    return [row["status"] for row in stack.calls(caller) if row["status"] != "ended"]
