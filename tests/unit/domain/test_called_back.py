"""Callers whose call was cut off in a booking, and what they hear when they call back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.call import new_call
from agent.domain.events import CalledBack, CallerHungUp, Silent
from agent.domain.intent import Operation
from agent.domain.lines import LineKey
from agent.domain.outcome import Disposition, disposition
from agent.domain.requests import ConfirmBooking
from tests.unit.domain.cut_off_calls import (
    GREETING,
    WISH,
    K,
    booked_by,
    booked_unheard,
    call_again,
    cut_off,
    did,
    left_of,
)
from tests.unit.domain.desk import CALLER, TENANT, Desk, local


def test_a_booking_cut_off_at_the_read_back_is_gone_on_with_and_made_once_after_a_yes_of_this_call() -> None:
    desk, left = cut_off(WISH)
    assert not desk.booked
    assert call_again(desk, left) == [*GREETING, K.WAS_CUT_OFF, K.GO_ON_BOOKING]
    assert not desk.effects, "nothing is reserved for a caller who may want something else"
    assert desk.hear("Yes, please.") == [K.READ_BACK]
    assert not desk.booked
    assert desk.hear("Yes.")[0] is K.BOOKED
    assert booked_by(desk) == ["Thu 26 15:00"]
    (customer,) = desk.customers.values()
    assert customer == ("Dana Smith", "+15550123456")
    assert disposition(desk.state) is Disposition.BOOKED


def test_before_the_yes_neither_name_nor_number_is_said() -> None:
    desk, left = cut_off(WISH)
    call_again(desk, left)
    said = {value for each in desk.lines for _, value in each.args}
    assert said == {"cleaning", desk.lines[-1].args[1][1]}
    assert desk.lines[-1].args[1][0] == "start_at"
    assert (desk.state.name, desk.state.phone) == (None, None)


def test_a_private_business_says_visit() -> None:
    private = replace(TENANT, is_private=True)
    desk = Desk(tenant=private)
    desk, left = cut_off(WISH, desk=desk)
    call_again(desk, left)
    assert dict(desk.lines[-1].args)["service"] == "visit"


@pytest.mark.parametrize(
    "words", ["No.", "No, something else.", "I'm calling about something different.", "No, cancel that."]
)
def test_whoever_wants_something_else_begins_anew_at_once(words: str) -> None:
    desk, left = cut_off(WISH)
    call_again(desk, left)
    assert desk.hear(words) == [K.ASK_HELP]
    assert desk.hear("A filling.") == [K.ASK_WHEN]
    assert desk.hear("Friday at 10.") == [K.HELD, K.ASK_NAME], "the name of the draft is not kept"


def test_another_wish_is_followed_without_a_word_about_the_draft() -> None:
    desk, left = cut_off(WISH)
    call_again(desk, left)
    assert desk.hear("No, I need a filling on Friday at 10.") == [K.HELD, K.ASK_NAME]
    desk.has_booked("whitening", "Monday at 9")
    desk.state = new_call(CALLER)
    assert left
    desk.happen(CalledBack(left))
    assert desk.hear("I already have an appointment, I want to cancel it.") == [K.FOUND_AND_CANCEL]


def test_somebody_else_who_asks_for_the_same_is_not_given_the_callers_name() -> None:
    desk, left = cut_off(WISH)
    call_again(desk, left)
    assert desk.hear("I'd like to book a cleaning on Thursday at 3.") == [K.HELD, K.ASK_NAME]
    assert desk.state.name is None


@pytest.mark.parametrize("words", ["Yes, but make it four.", "No, at four o'clock.", "Can we move it to four?"])
def test_a_draft_may_be_changed_as_it_is_taken_up(words: str) -> None:
    desk, left = cut_off(WISH)
    call_again(desk, left)
    assert desk.hear(words) == [K.READ_BACK]
    assert desk.state.hold is not None
    assert local(desk.state.hold.opening.start_at) == "Thu 26 16:00"


def test_an_opening_that_is_gone_by_then_is_replaced_by_offers() -> None:
    desk, left = cut_off(WISH)
    for _ in TENANT.staff:
        desk.has_booked("cleaning", "next Thursday at 3", phone="+15550199999")
    (first, *_) = desk.booked.values()
    for index, (key, known) in enumerate(list(desk.booked.items())):
        opening = replace(first.opening, staff_id=TENANT.staff[index].id)
        desk.booked[key] = replace(known, opening=opening)
    call_again(desk, left)
    assert desk.hear("Yes.")[-1] in (K.OFFER_TWO, K.OFFER_TWO_SAME_DAY, K.OFFER_ONE)
    assert not did(desk, ConfirmBooking)


@pytest.mark.parametrize(
    ("turns", "question", "next_question"),
    [
        (["A cleaning, please."], K.GO_ON_SERVICE, K.ASK_WHEN),
        (["A cleaning on Thursday afternoon."], K.GO_ON_SERVICE, None),
        (["A cleaning on Thursday at 3."], K.GO_ON_BOOKING, K.ASK_NAME),
        (["A cleaning on Thursday at 3.", "Dana Smith"], K.GO_ON_BOOKING, K.ASK_PHONE),
        (["A cleaning on Sunday at 3."], K.GO_ON_BOOKING, None),
    ],
)
def test_a_booking_goes_on_where_it_was(turns: list[str], question: LineKey, next_question: LineKey | None) -> None:
    desk, left = cut_off(*turns)
    assert call_again(desk, left)[-1] is question
    said = desk.hear("Yes.")[-1]
    assert said is not K.GO_ON_BOOKING
    assert said is next_question or next_question is None


def test_a_caller_cut_off_after_the_yes_hears_that_it_is_booked_and_booking_it_again_makes_no_second() -> None:
    desk, left = booked_unheard(0.2)
    assert call_again(desk, left) == [*GREETING, K.WAS_CUT_OFF, K.STILL_BOOKED, K.ASK_ANYTHING_ELSE]
    assert desk.hear("No, thanks.") == [K.FAREWELL_BOOKED]
    assert disposition(desk.state) is Disposition.DECLINED, "this call booked nothing"
    assert len(desk.booked) == 1


def test_what_is_still_booked_can_be_changed_as_if_it_had_been_booked_in_this_call() -> None:
    desk, left = booked_unheard(0.0)
    call_again(desk, left)
    assert desk.hear("Actually, make it four.") == [K.READ_BACK_MOVE]
    assert desk.hear("Yes.")[0] is K.MOVED
    assert booked_by(desk) == ["Thu 26 16:00"]
    assert disposition(desk.state) is Disposition.MOVED


def test_something_else_after_the_news_is_asked_about() -> None:
    desk, left = booked_unheard(0.0)
    call_again(desk, left)
    assert desk.hear("No, I'm calling about something else.") == [K.ASK_WHAT_ELSE]


def test_whoever_heard_that_it_is_booked_or_said_goodbye_is_greeted_like_anybody() -> None:
    desk, left = cut_off(WISH, "Yes.")
    assert len(desk.booked) == 1
    assert left is None
    for goodbye in ("No, thanks.", "Goodbye."):
        assert cut_off(WISH, goodbye if goodbye == "Goodbye." else "Yes.", goodbye)[1] is None


def test_a_call_that_we_could_not_go_on_with_tells_its_news_though_it_was_spoken() -> None:
    desk = Desk()
    desk.answer()
    desk.hear(WISH)
    desk.hear("Yes.")
    lost = replace(desk.state)
    desk.happen(CallerHungUp(is_cut_off=True))
    for state in (desk.state, lost):
        left = left_of(state)
        assert left is not None
        assert (left.operation, left.is_done) == (Operation.BOOK, True)


def test_a_silence_that_ends_the_call_may_be_a_dead_line() -> None:
    desk = Desk()
    desk.answer()
    desk.hear(WISH)
    for count in (1, 2, 3):
        desk.happen(Silent(count))
    assert desk.is_hung_up
    left = left_of(desk.state)
    assert left is not None
    assert call_again(desk, left)[-1] is K.GO_ON_BOOKING


def test_a_withheld_number_is_never_recognised() -> None:
    desk = Desk(state=new_call(None))
    assert cut_off(WISH, desk=desk)[1] is None
