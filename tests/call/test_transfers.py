"""Callers who ask for a person: of a business that dials one (warm) and of one that leaves it to the carrier (cold)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.call.afternoon import (
    CARRIERS_DESK,
    CUT_SHORT,
    PUT_THROUGH,
    REFERRED,
    REFERRED_IN_VAIN,
    UNHEARD,
    UNTAKEN,
    Afternoon,
    Pair,
    People,
)
from tests.call.stack import CallStack, wait_until


@pytest.fixture
def people(afternoon: Afternoon) -> People:
    return afternoon.people.result()


def test_a_person_hears_who_is_on_the_line_and_then_the_caller(people: People) -> None:
    assert (people.put_through.person.failures, people.put_through.caller.failures) == ([], [])
    briefing = people.put_through.person.turn_with("on the line")
    digits = briefing.rpartition(" ")[2]
    assert (digits[:3], digits[-4:]) == ("555", PUT_THROUGH[-4:])  # in between the ear may hear a digit twice
    assert "question" in people.put_through.person.agent_said


def test_the_caller_hears_the_person_and_nothing_of_the_briefing(people: People) -> None:
    heard = people.put_through.caller.agent_said
    assert "front desk" in heard
    assert "on the line" not in heard
    assert PUT_THROUGH[-4:] not in heard


def test_the_call_outlives_the_agent_and_ends_when_the_person_hangs_up(stack: CallStack, people: People) -> None:
    assert people.put_through.caller.report["ended_by"] == "agent"  # the far end: our side of the bridge
    row = stack.ended_call(PUT_THROUGH)
    assert (row["disposition"], row["outcome"]) == ("transferred", "success")
    assert "keeper" not in str(row["facts"])
    wait_until(lambda: not _open_records(stack), "nothing of it is left open", within_s=20)


@pytest.mark.parametrize("which", ["away", "hangs_up", "busy"])
def test_a_caller_whom_nobody_takes_is_back_with_the_agent_and_offered_a_message(people: People, which: str) -> None:
    pair: Pair = getattr(people, which)
    assert pair.caller.failures == []
    assert "on the line" not in pair.caller.agent_said
    assert "message" in pair.caller.agent_said  # "Shall I take a message, so someone can call you back?"
    assert "goodbye" in pair.caller.agent_turns[-1]


@pytest.mark.usefixtures("people")
def test_who_is_not_reached_was_not_transferred(stack: CallStack) -> None:
    for caller in (UNHEARD, CUT_SHORT, UNTAKEN, REFERRED_IN_VAIN):
        assert stack.ended_call(caller)["disposition"] == "declined"


def test_a_person_who_does_not_answer_is_not_rung_for_ever(people: People) -> None:
    setup: dict[str, Any] = people.away.person.report["setup"]
    assert setup["status"] == 487
    assert setup["answer_ms"] is None


def test_the_carrier_is_asked_to_take_the_caller_and_hangs_up_on_us(stack: CallStack, people: People) -> None:
    assert people.referred.failures == []
    assert people.referred.report["referred_to"] == f"tel:{CARRIERS_DESK}"
    assert stack.ended_call(REFERRED)["disposition"] == "transferred"


def test_a_caller_the_carrier_could_not_place_is_back_with_the_agent(people: People) -> None:
    heard = people.referred_in_vain
    assert heard.failures == []
    assert heard.report["referred_to"] == f"tel:{CARRIERS_DESK}"
    assert "message" in heard.turn_with("busy")


def _open_records(stack: CallStack) -> list[dict[str, Any]]:
    return [row for caller in (PUT_THROUGH, REFERRED) for row in stack.calls(caller) if row["status"] != "ended"]
