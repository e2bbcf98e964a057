"""Openings offered, chosen, and lost to somebody else; days that cannot be."""

from __future__ import annotations

from agent.domain.call import Stage
from agent.domain.lines import LineKey
from tests.unit.domain.booked_desk import confirming
from tests.unit.domain.desk import TENANT, Desk, local

K = LineKey


def test_a_range_is_offered_and_the_second_is_taken() -> None:
    desk = Desk()
    desk.answer()
    assert desk.hear("A cleaning on Thursday afternoon.") == [K.OFFER_TWO_SAME_DAY]
    offered = desk.state.offered
    assert desk.hear("The second one.") == [K.HELD, K.ASK_NAME]
    assert desk.state.hold is not None
    assert desk.state.hold.opening == offered[1]


def test_an_offer_is_taken_by_its_hour_and_refused_by_a_no() -> None:
    desk = Desk()
    desk.answer()
    desk.hear("A cleaning on Thursday afternoon.")
    hour = desk.state.offered[1].start_at.astimezone(TENANT.zone).hour - 12
    assert desk.hear("No, neither.") == [K.ASK_OTHER_TIME]
    assert desk.hear("Thursday afternoon.") == [K.OFFER_TWO_SAME_DAY]
    assert desk.hear(f"{hour} o'clock works.") == [K.HELD, K.ASK_NAME]


def test_the_earlier_offer_is_the_one_spoken_first() -> None:
    desk = Desk()
    desk.answer()
    assert desk.hear("A cleaning tomorrow at 10.") == [K.NOT_FREE, K.OFFER_TWO]
    desk.hear("The earlier one.")
    assert desk.state.hold is not None
    assert local(desk.state.hold.opening.start_at) == "Mon 23 10:00"


def test_a_yes_to_two_offers_picks_neither() -> None:
    desk = Desk()
    desk.answer()
    desk.hear("A cleaning on Thursday afternoon.")
    assert K.ASK_WHICH in desk.hear("Yes.")
    assert desk.state.stage is Stage.CHOOSING


def test_a_closed_day_is_answered_with_the_nearest_openings() -> None:
    desk = Desk()
    desk.answer()
    keys = desk.hear("A cleaning on Sunday at 3.")
    assert keys[0] is K.NOT_FREE
    assert keys[1] in (K.OFFER_TWO, K.OFFER_TWO_SAME_DAY)


def test_an_opening_taken_meanwhile_is_replaced_by_the_other_staff_member() -> None:
    desk = Desk(losing=1)
    desk.answer()
    assert desk.hear("A cleaning on Thursday at 3.") == [K.HELD, K.ASK_NAME]


def test_an_opening_taken_twice_offers_the_next_two() -> None:
    desk = Desk(losing=2)
    desk.answer()
    assert desk.hear("A cleaning on Thursday at 3.") == [K.JUST_TAKEN, K.OFFER_TWO_SAME_DAY]


def test_a_booking_lost_at_the_last_moment_books_nothing_unsaid() -> None:
    desk = confirming()
    desk.losing_bookings = 1
    assert desk.hear("Yes.") == [K.READ_BACK]
    assert desk.state.stage is Stage.CONFIRMING
    assert not desk.state.appointments


def test_a_contradictory_day_is_asked_about() -> None:
    desk = Desk()
    desk.answer()
    assert desk.hear("A cleaning on Monday the 1st.") == [K.ASK_DATE_CONFLICT]
    assert desk.hear("Tuesday at 10.") == [K.HELD, K.ASK_NAME]


def test_a_past_or_distant_time_is_refused_with_a_reason() -> None:
    desk = Desk()
    desk.answer()
    assert desk.hear("A cleaning yesterday.") == [K.TIME_IS_PAST]
    assert desk.hear("Today at 9 AM.") == [K.TIME_IS_PAST]
    assert desk.hear("October 1st at 3.") == [K.TIME_IS_TOO_FAR]
