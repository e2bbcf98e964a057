"""Callers whose line is lost in a booking, and who call back: recognised, taken on, and booked once."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.call.dialler import Dialler, Heard
from tests.call.stack import CallStack, wait_until
from tests.call.wishes import DENTAL_ZONE, Day, open_thursday, spoken_clock

BEFORE_YES, AFTER_YES = "+15550128001", "+15550128002"
FIRST_CLOCK, SECOND_CLOCK = "13:00", "15:00"


@dataclass(frozen=True, slots=True)
class Redialled:
    """Both callers' second calls, and how many bookings there were between the two calls of each."""

    day: Day
    before_yes: Heard
    after_yes: Heard
    booked_between: tuple[int, int]


@pytest.fixture(scope="module")
def redialled(stack: CallStack, dial: Dialler) -> Redialled:
    day = open_thursday(4)
    first = dial.begin("cut-off-at-read-back", BEFORE_YES, day=day.spoken, time="1 PM")
    second = dial.begin("cut-off-after-yes", AFTER_YES, day=day.spoken, time="3 PM")
    assert [each.heard().failures for each in (first, second)] == [[], []]
    for caller in (BEFORE_YES, AFTER_YES):
        stack.ended_call(caller)
    booked = len(stack.bookings(BEFORE_YES)), len(stack.bookings(AFTER_YES))
    going_on = dial.begin("called-back", BEFORE_YES)
    told = dial.begin("called-back-booked", AFTER_YES)
    return Redialled(day, going_on.heard(), told.heard(), booked)


def test_a_caller_cut_off_at_the_read_back_goes_on_and_is_booked_once(stack: CallStack, redialled: Redialled) -> None:
    assert redialled.booked_between[0] == 0
    assert redialled.before_yes.failures == []
    (row,) = stack.bookings(BEFORE_YES)
    assert row["start_at"] == redialled.day.at(FIRST_CLOCK, DENTAL_ZONE)
    assert row["phone"] == BEFORE_YES
    asked = redialled.before_yes.turn_with("still want")
    assert spoken_clock(row["start_at"].astimezone(DENTAL_ZONE)) in asked
    assert "wilson" not in asked, "a name is not told to a number"


def test_a_caller_cut_off_after_the_yes_hears_that_it_is_booked_and_has_one_booking(
    stack: CallStack, redialled: Redialled
) -> None:
    assert redialled.booked_between[1] == 1
    assert redialled.after_yes.failures == []
    (row,) = stack.bookings(AFTER_YES)
    assert row["start_at"] == redialled.day.at(SECOND_CLOCK, DENTAL_ZONE)
    assert spoken_clock(row["start_at"].astimezone(DENTAL_ZONE)) in redialled.after_yes.turn_with("booked your")


def test_nothing_of_it_is_kept_once_it_has_been_told(stack: CallStack, redialled: Redialled) -> None:
    kept = "SELECT count(*) AS kept FROM cut_off_calls WHERE caller_e164 = ANY($1::text[])"
    assert redialled.before_yes.failures == redialled.after_yes.failures == []
    wait_until(
        lambda: (
            all(len(stack.calls(caller)) == 2 for caller in (BEFORE_YES, AFTER_YES))
            and {row["status"] for caller in (BEFORE_YES, AFTER_YES) for row in stack.calls(caller)} == {"ended"}
        ),
        "both second calls are closed",
        within_s=20.0,
    )
    assert stack.rows(kept, [BEFORE_YES, AFTER_YES]) == [{"kept": 0}]
