"""Whose appointment it is and which: by number, name and day, without telling a stranger anything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.call import Stage
from agent.domain.finding import MAX_TOLD_LOOKUPS
from agent.domain.lines import LineKey
from agent.domain.notes import Reason
from tests.unit.domain.booked_desk import OTHER, times, with_cleaning
from tests.unit.domain.desk import CALLER

K = LineKey


def test_under_another_number_the_name_must_agree() -> None:
    desk = with_cleaning(phone=OTHER)
    assert desk.hear("I'd like to cancel my appointment.") == [K.NOT_UNDER_THIS_NUMBER, K.ASK_BOOKED_PHONE]
    assert desk.hear("555-019-0002") == [K.ASK_BOOKED_NAME]
    assert desk.hear("Dana Smith.") == [K.FOUND_AND_CANCEL]
    assert desk.hear("Yes.")[0] is K.CANCELLED


def test_a_wrong_name_hears_what_a_wrong_number_hears() -> None:
    heard = []
    for number, name in (("555-019-0002", "Kim Jones."), ("555-019-0003", "Dana Smith.")):
        desk = with_cleaning(phone=OTHER)
        desk.hear("I'd like to cancel my appointment.")
        desk.hear(number)
        heard.append((desk.hear(name), desk.hear("Monday."), desk.state.stage))
    assert heard[0] == heard[1] == ([K.NOT_FOUND_YET, K.ASK_BOOKED_DAY], [K.NOT_FOUND, K.ASK_ANYTHING_ELSE], Stage.DONE)
    assert desk.state.wants_callback
    assert [message.reason for message in desk.messages.values()] == [Reason.NOT_FOUND]


def test_without_the_number_the_full_name_and_the_day_find_it() -> None:
    desk = with_cleaning(phone=OTHER)
    desk.hear("I'd like to cancel my appointment.")
    assert desk.hear("No, I don't.") == [K.ASK_BOOKED_NAME]
    assert desk.hear("Dana Smith.") == [K.ASK_BOOKED_DAY]
    assert desk.hear("Thursday.") == [K.FOUND_AND_CANCEL]


def test_a_first_name_and_a_day_find_nothing() -> None:
    desk = with_cleaning(phone=OTHER)
    desk.hear("I'd like to cancel my appointment.")
    desk.hear("No, I don't.")
    desk.hear("Dana.")
    assert desk.hear("Thursday.") == [K.NOT_FOUND, K.ASK_ANYTHING_ELSE]


def test_a_withheld_number_is_asked_for_without_saying_that_nothing_was_found() -> None:
    desk = with_cleaning()
    desk.state = replace(desk.state, caller_number=None)
    assert desk.hear("I'd like to cancel my appointment.") == [K.ASK_BOOKED_PHONE]
    assert desk.hear("555 019") == [K.ASK_PHONE_REST]
    assert desk.hear("0001") == [K.ASK_BOOKED_NAME]


def test_a_withheld_caller_who_gives_the_name_first_is_asked_for_the_number_only() -> None:
    desk = with_cleaning()
    desk.state = replace(desk.state, caller_number=None)
    assert desk.hear("I'd like to cancel my appointment.") == [K.ASK_BOOKED_PHONE]
    assert desk.hear("My name is Dana Smith.") == [K.ASK_BOOKED_PHONE]
    assert desk.hear(CALLER.removeprefix("+1")) == [K.FOUND_AND_CANCEL]


def test_nobody_is_promised_a_call_back_without_a_number() -> None:
    desk = with_cleaning(phone=OTHER)
    desk.state = replace(desk.state, caller_number=None)
    for words in ("I'd like to cancel my appointment.", "No, I don't know it.", "Kim Jones."):
        desk.hear(words)
    assert desk.hear("Monday.") == [K.NO_NUMBER_TO_CALL, K.ASK_ANYTHING_ELSE]
    assert not desk.messages
    assert not desk.state.wants_callback


@pytest.mark.parametrize("words", ["The Friday appointment.", "My Friday appointment, please."])
def test_an_appointment_named_as_one_is_an_answer_and_no_wish_to_book(words: str) -> None:
    desk = with_cleaning()
    desk.has_booked("checkup", "Friday at 10 AM")
    assert desk.hear("I need to cancel an appointment.") == [K.ASK_WHICH_OF_TWO]
    assert desk.hear(words) == [K.FOUND_AND_CANCEL]


def test_the_name_an_appointment_is_under_is_no_wish_to_book() -> None:
    desk = with_cleaning(phone=OTHER)
    desk.hear("I'd like to cancel my appointment.")
    desk.hear("555-019-0002")
    assert desk.hear("The appointment is under Dana Smith.") == [K.FOUND_AND_CANCEL]


def test_whoever_is_asked_which_one_may_still_book() -> None:
    desk = with_cleaning(phone=OTHER)
    desk.hear("I'd like to cancel my appointment.")
    assert desk.hear("Actually I want to book an appointment.")[-1] is K.ASK_SERVICE


def test_a_number_alone_is_only_ever_the_one_called_from() -> None:
    for caller in (CALLER, None):
        desk = with_cleaning(phone=OTHER)
        desk.state = replace(desk.state, caller_number=caller)
        for words in ("Cancel my appointment.", "555-019-0002", "No.", "Dana Smith", "Thursday", "555-019-0002"):
            desk.hear(words)
        assert desk.reads
        assert all(read.name is not None for read in desk.reads if read.phone != caller)
        assert all(read.phone is not None or read.on is not None for read in desk.reads)


def test_a_call_cannot_guess_for_ever() -> None:
    desk = with_cleaning(phone=OTHER)
    for name in ("Kim Jones", "Ann Lee", "Bo Hart", "Lou Gray", "Dana Smith"):
        for words in ("Cancel my appointment.", "555-019-0002", name, "Wednesday"):
            desk.hear(words)
    assert sum(read.name is not None for read in desk.reads) == MAX_TOLD_LOOKUPS
    assert times(desk) == ["Thu 26 15:00"]
    assert desk.state.target is None


def test_a_name_and_number_that_found_nothing_are_asked_for_again() -> None:
    desk = with_cleaning(phone=OTHER)
    for words in ("Cancel my appointment.", "555-019-0003", "Dana Smith.", "Friday."):
        desk.hear(words)
    assert desk.hear("Cancel my appointment, please.") == [K.NOT_UNDER_THIS_NUMBER, K.ASK_BOOKED_PHONE]


def test_two_appointments_are_told_apart_by_place_service_or_time() -> None:
    for words, left in (
        ("The second one.", ["Tue 24 10:00"]), ("The cleaning.", ["Tue 24 10:00"]), ("On Tuesday.", ["Thu 26 15:00"]),
    ):  # fmt: skip
        desk = with_cleaning()
        desk.has_booked("filling", "Tuesday at 10 AM")
        assert desk.hear("I want to cancel an appointment.") == [K.ASK_WHICH_OF_TWO], words
        assert desk.hear(words) == [K.FOUND_AND_CANCEL], words
        desk.hear("Yes.")
        assert times(desk) == left, words


def test_the_one_that_was_named_is_not_asked_about() -> None:
    for words in ("Cancel my cleaning, please.", "I want to cancel my appointment on Thursday.", "Cancel my 3 PM."):
        desk = with_cleaning()
        desk.has_booked("filling", "Tuesday at 10 AM")
        assert desk.hear(words) == [K.FOUND_AND_CANCEL], words
        assert desk.state.target == next(a for a in desk.booked.values() if a.service_id == "cleaning"), words


def test_many_appointments_are_told_apart_by_the_day() -> None:
    desk = with_cleaning()
    for day in ("Monday the 30th at 10 AM", "Tuesday at 9 AM", "Friday at 2 PM"):
        desk.has_booked("checkup", day)
    assert desk.hear("I'd like to move my appointment.") == [K.ASK_WHICH_OF_MANY]
    assert desk.hear("Banana.") == [K.SORRY, K.ASK_WHICH_OF_MANY]
    assert desk.hear("Banana.") == [K.OR_LEAVE_MESSAGE, K.HINT_BOOKED_DAY, K.KEYS_ON_STAR]
    assert desk.hear("Tuesday.") == [K.FOUND_AND_MOVE]


def test_a_number_that_is_misheard_twice_is_not_asked_for_a_third_time() -> None:
    desk = with_cleaning(phone=OTHER)
    desk.hear("I'd like to cancel my appointment.")
    assert desk.hear("555 019 002") == [K.ASK_PHONE_REST]
    assert desk.hear("555 019 002") == [K.ASK_BOOKED_NAME]
    assert desk.hear("Dana Smith.") == [K.ASK_BOOKED_DAY]
    assert desk.hear("Thursday.") == [K.FOUND_AND_CANCEL]


def test_a_number_in_three_pieces_is_heard_to_its_end() -> None:
    desk = with_cleaning(phone=OTHER)
    desk.hear("I'd like to cancel my appointment.")
    assert desk.hear("five five five") == [K.ASK_PHONE_REST]
    assert desk.hear("oh one nine") == [K.ASK_PHONE_REST]
    assert desk.hear("oh oh oh two") == [K.ASK_BOOKED_NAME]
    assert desk.hear("Dana Smith.") == [K.FOUND_AND_CANCEL]
