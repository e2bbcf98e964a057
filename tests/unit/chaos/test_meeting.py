"""Calls that wait for each other before a line."""

from __future__ import annotations

import time

import pytest

from loadtest.caller.effects import Say
from loadtest.caller.onset import SpeechTracker, Spurt
from loadtest.caller.record import Record
from loadtest.caller.script import Line, Scenario
from loadtest.chaos.meeting import LONGEST_WAIT_S, Meeting, MeetingConversation

_LIMIT_S = 10.0
_MS = 1_000_000


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Done:
    """What is done at a meeting, counted."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


def until_said(meeting: Meeting, number: int) -> None:
    """What is done is done in a thread: ask until it is, as the loop does."""
    ends_at = time.monotonic() + _LIMIT_S
    while not meeting.may_say(number, 1):
        assert time.monotonic() < ends_at


def test_nobody_goes_on_before_all_have_come_and_it_is_done() -> None:
    done = Done()
    meeting = Meeting(1, done, {1, 2})
    assert not meeting.may_say(1, 1)
    assert not meeting.may_say(1, 1)
    assert done.times == 0
    until_said(meeting, 2)
    assert meeting.may_say(1, 1)
    assert (done.times, meeting.had) == (1, {1, 2})


def test_other_lines_wait_for_nobody() -> None:
    meeting = Meeting(1, Done(), {1, 2})
    assert meeting.may_say(1, 0)
    assert meeting.may_say(1, 2)


def test_who_has_left_is_not_waited_for() -> None:
    meeting = Meeting(1, Done(), {1, 2})
    meeting.left(2)
    until_said(meeting, 1)
    assert meeting.had == {1}


def test_who_is_late_is_not_waited_for_and_was_not_there() -> None:
    clock, done = Clock(), Done()
    meeting = Meeting(1, done, {1, 2}, clock)
    assert not meeting.may_say(1, 1)
    clock.now += LONGEST_WAIT_S + 0.1
    until_said(meeting, 1)
    assert meeting.may_say(2, 1)
    assert (done.times, meeting.had) == (1, {1})


def test_what_goes_wrong_is_told_and_keeps_nobody_waiting() -> None:
    def fail() -> None:
        raise OSError("refused")

    meeting = Meeting(1, fail, {1})
    until_said(meeting, 1)
    with pytest.raises(OSError, match="refused"):
        meeting.finish()


def conversation(meeting: Meeting, number: int) -> MeetingConversation:
    """A call whose agent has said a greeting."""
    scenario = Scenario(name="a", lines=[Line(say="one"), Line(say="two")])
    tracker = SpeechTracker()
    made = MeetingConversation(scenario, tracker, Record(), meeting, number)
    made.answered(0)
    tracker.spurts.append(Spurt(100 * _MS, 500 * _MS))
    return made


def said(call: MeetingConversation, from_ms: int) -> list[str]:
    """What it says in the second from then."""
    for at_ms in range(from_ms, from_ms + 1000, 20):
        call.tick(at_ms * _MS)
    return [effect.text for effect in call.take_actions() if isinstance(effect, Say)]


def test_a_line_is_said_once_the_other_call_has_come_to_it_too() -> None:
    meeting = Meeting(0, Done(), {1, 2})
    one, other = conversation(meeting, 1), conversation(meeting, 2)
    assert said(one, 600) == []
    at_once = said(other, 600)
    meeting.finish()
    assert said(one, 2000) == ["one"]
    assert at_once + said(other, 2000) == ["one"]


@pytest.mark.parametrize("leaves", ["abandon", "over"])
def test_a_call_that_ends_is_waited_for_no_longer(leaves: str) -> None:
    meeting = Meeting(0, Done(), {1, 2})
    one, other = conversation(meeting, 1), conversation(meeting, 2)
    assert said(one, 600) == []
    other.abandon() if leaves == "abandon" else other.over(900 * _MS, "caller")
    at_once = said(one, 2000)
    meeting.finish()
    assert at_once + said(one, 3000) == ["one"]
