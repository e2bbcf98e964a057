"""One staff member, one opening, two callers who ask for it at the same moment."""

from __future__ import annotations

import pytest

from tests.call.dialler import BAYVIEW, Dialler, Heard
from tests.call.stack import CallStack
from tests.call.wishes import BAYVIEW_ZONE, open_thursday, spoken_clock

FIRST, SECOND = "+15550122001", "+15550122002"
_OFFERED = "which would you like"


@pytest.fixture(scope="module")
def pair(dial: Dialler) -> list[Heard]:
    return dial.begin("booking", FIRST, to=BAYVIEW, calls=2, day=open_thursday().spoken, time="2 PM").all()


def test_of_two_callers_for_one_opening_one_gets_it_and_the_other_is_offered_another(
    stack: CallStack, pair: list[Heard]
) -> None:
    assert [heard.failures for heard in pair] == [[], []]
    rows = [row for caller in (FIRST, SECOND) for row in stack.bookings(caller)]
    assert len(rows) == 2
    wished_at = open_thursday().at("14:00", BAYVIEW_ZONE)
    assert [row["start_at"] == wished_at for row in rows].count(True) == 1
    was_offered = [_OFFERED in heard.agent_said or "would that work" in heard.agent_said for heard in pair]
    assert was_offered == [row["start_at"] != wished_at for row in rows]


def test_each_of_them_heard_the_time_that_is_stored(stack: CallStack, pair: list[Heard]) -> None:
    for caller, heard in zip((FIRST, SECOND), pair, strict=True):
        (row,) = stack.bookings(caller)
        assert spoken_clock(row["start_at"].astimezone(BAYVIEW_ZONE)) in heard.turn_with("is that right")


def test_the_two_bookings_of_one_staff_member_do_not_overlap(stack: CallStack, pair: list[Heard]) -> None:
    rows = sorted((row for c in (FIRST, SECOND) for row in stack.bookings(c)), key=lambda row: row["busy_from"])
    assert rows[0]["staff_id"] == rows[1]["staff_id"]
    assert rows[0]["busy_to"] <= rows[1]["busy_from"]


def test_a_business_that_does_not_record_says_nothing_of_it_and_leaves_no_file(
    stack: CallStack, pair: list[Heard]
) -> None:
    assert "automated assistant" in pair[0].agent_said
    assert "recorded" not in pair[0].agent_said
    assert stack.ended_call(FIRST)["recording"] == "off"
    assert not (stack.state / "recordings" / "bayview-auto-repair").exists()
