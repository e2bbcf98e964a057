"""A room whose caller was put through to a person: two telephones, and no agent any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.keeping.decide import (
    DispatchAgent,
    EndRoom,
    Leg,
    Policy,
    Reason,
    RoomKind,
    RoomView,
    Seats,
    decide,
    free_seats,
)

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(minutes=5)
BRIDGED = RoomView(
    name="call_1", sid="RM_1", kind=RoomKind.CALL, created_at=LONG_AGO, leg=Leg.JOINED, has_agent=False,
    had_agent=True, agent_changed_at=LONG_AGO, legless_since=None, is_bridged=True, legs=2,
)  # fmt: skip


def test_two_who_talk_are_left_alone_by_the_keeper_and_need_no_seat() -> None:
    assert decide([BRIDGED], [], Seats(2, 0), NOW, Policy()) == ()
    assert free_seats([BRIDGED], Seats(2, 0), NOW, Policy()) == 2


def test_without_the_mark_an_agent_is_sent() -> None:
    (action,) = decide([replace(BRIDGED, is_bridged=False)], [], Seats(2, 0), NOW, Policy())
    assert isinstance(action, DispatchAgent)


@pytest.mark.parametrize("has_agent", [False, True])
def test_the_first_to_leave_ends_it_for_the_other(has_agent: bool) -> None:
    (action,) = decide([replace(BRIDGED, legs=1, has_agent=has_agent)], [], Seats(2, 0), NOW, Policy())
    assert isinstance(action, EndRoom)
    assert action.reason is Reason.BRIDGE_OVER
