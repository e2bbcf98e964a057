"""Callers whose line is lost in a booking, and who call back: recognised, taken on, and booked once."""

from __future__ import annotations

import pytest

from tests.call.afternoon import AFTER_YES, BEFORE_YES, Afternoon, Redialled
from tests.call.stack import CallStack
from tests.call.wishes import DENTAL_ZONE, spoken_clock


@pytest.fixture
def redialled(afternoon: Afternoon) -> Redialled:
    return afternoon.redialled.result()


def test_a_caller_cut_off_at_the_read_back_goes_on_and_is_booked_once(stack: CallStack, redialled: Redialled) -> None:
    calls = redialled.before_yes
    assert (calls.cut_off.failures, calls.booked_between, calls.again.failures) == ([], 0, [])
    (row,) = stack.bookings(BEFORE_YES)
    assert row["start_at"] == redialled.day.at("13:00", DENTAL_ZONE)
    assert row["phone"] == BEFORE_YES
    asked = calls.again.turn_with("still want")
    assert spoken_clock(row["start_at"].astimezone(DENTAL_ZONE)) in asked
    assert "wilson" not in asked, "a name is not told to a number"


def test_a_caller_cut_off_after_the_yes_hears_that_it_is_booked_and_has_one_booking(
    stack: CallStack, redialled: Redialled
) -> None:
    calls = redialled.after_yes
    assert (calls.cut_off.failures, calls.booked_between, calls.again.failures) == ([], 1, [])
    (row,) = stack.bookings(AFTER_YES)
    assert row["start_at"] == redialled.day.at("15:00", DENTAL_ZONE)
    assert spoken_clock(row["start_at"].astimezone(DENTAL_ZONE)) in calls.again.turn_with("booked your")


@pytest.mark.usefixtures("redialled")
def test_nothing_of_it_is_kept_once_it_has_been_told(stack: CallStack) -> None:
    for caller in (BEFORE_YES, AFTER_YES):
        stack.ended_calls(caller, 2)
    kept = "SELECT count(*) AS kept FROM cut_off_calls WHERE caller_e164 = ANY($1::text[])"
    assert stack.rows(kept, [BEFORE_YES, AFTER_YES]) == [{"kept": 0}]
