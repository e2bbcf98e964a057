"""A difference counts when it was heard twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from loadtest.evaluation.business import load_business
from loadtest.evaluation.hearing import Heard, listen
from loadtest.evaluation.plans import Booking
from loadtest.voice_evaluation.second_hearing import SecondHearing, Wished, sound

BUSINESS = load_business(Path("infra/local/tenants/riverside-dental.yaml"))
TODAY = date(2026, 11, 21)
WISH = Wished(Booking("cleaning", datetime(2026, 12, 10, 10, 30), "David Lewis", "+15550123456"), "+15550123456")


def read_back(at: str = "10:30 AM", name: str = "David Lewis", phone: str = "555-012-3456") -> Heard:
    text = f"So that's cleaning on Thursday, December 10th at {at}, for {name}, phone: {phone}. Is that right?"
    return listen(text, BUSINESS, TODAY)


def test_a_right_read_back_is_taken_at_once() -> None:
    assert SecondHearing().take([read_back()], WISH) == read_back()


def test_another_reading_of_the_same_words_may_be_the_right_one() -> None:
    heard = SecondHearing().take([read_back(phone="555-012-3466"), read_back()], WISH)
    assert heard is not None
    assert heard.phone == WISH.phone


@pytest.mark.parametrize("wrong", [{"at": "10:13 AM"}, {"name": "Davis Looms"}, {"phone": "555-012-3466"}])
def test_he_asks_again_before_he_calls_anything_wrong(wrong: dict[str, str]) -> None:
    doubt = SecondHearing()
    assert doubt.take([read_back(**wrong)], WISH) is None
    assert doubt.take([read_back()], WISH) == read_back()
    assert doubt.believed == ()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"at": "11:30 AM"}, "start"), ({"name": "Mark Turner"}, "name"), ({"phone": "555-012-3466"}, "phone")],
)
def test_what_was_wrong_twice_is_wrong(wrong: dict[str, str], field: str) -> None:
    doubt = SecondHearing()
    doubt.take([read_back(**wrong)], WISH)
    heard = doubt.take([read_back(**wrong)], WISH)
    assert heard == read_back(**wrong)
    assert doubt.believed == (field,)


def test_a_time_unlike_the_wished_one_is_believed_at_once() -> None:
    doubt = SecondHearing()
    assert doubt.take([read_back(at="3:15 PM")], WISH) == read_back(at="3:15 PM")
    assert doubt.believed == ("start",)


def test_what_was_right_in_either_hearing_was_right() -> None:
    doubt = SecondHearing()
    doubt.take([read_back(phone="555-012-3466")], WISH)
    heard = doubt.take([read_back(name="Davis Looms")], WISH)
    assert heard is not None
    assert (heard.phone, heard.name) == (WISH.phone, "David Lewis")
    assert doubt.believed == ()


def test_each_read_back_is_doubted_anew() -> None:
    doubt = SecondHearing()
    wrong = read_back(at="11:30 AM")
    assert doubt.take([wrong], WISH) is None
    assert doubt.take([wrong], WISH) == wrong
    assert doubt.take([wrong], WISH) is None


def test_a_number_with_a_digit_too_few_is_asked_for_again_and_then_let_pass() -> None:
    doubt = SecondHearing()
    garbled = read_back(phone="555012345")
    assert doubt.take([garbled], WISH) is None
    heard = doubt.take([garbled], WISH)
    assert heard is not None
    assert heard.phone is None
    assert doubt.believed == ()


@pytest.mark.parametrize("at", ["ten", "10.00"])
def test_a_time_that_he_did_not_get_twice_he_lets_pass(at: str) -> None:
    doubt = SecondHearing()
    assert doubt.take([read_back(at=at)], WISH) is None
    heard = doubt.take([read_back(at=at)], WISH)
    assert heard is not None
    assert heard.starts == (datetime(2026, 12, 10, 10, 30),)
    assert doubt.believed == ()


def test_of_a_move_only_the_new_time_counts() -> None:
    text = (
        "So I'll move your cleaning from Friday, December 4th at {}, to Thursday, December 10th at {}. Is that correct?"
    )
    wished = replace(WISH, moved_from=datetime(2026, 12, 4, 9))
    misheard = listen(text.format("9:50 AM", "10:30 AM"), BUSINESS, TODAY)
    heard = SecondHearing().take([misheard], wished)
    assert heard is not None
    assert heard.starts == (datetime(2026, 12, 10, 10, 30),)
    assert SecondHearing().take([listen(text.format("9 AM", "10:13 AM"), BUSINESS, TODAY)], wished) is None


@pytest.mark.parametrize(("one", "other"), [("David Lewis", "David Louis"), ("Thomas Green", "Thomas Greene")])
def test_names_that_sound_the_same_are_the_same_by_ear(one: str, other: str) -> None:
    assert sound(one) == sound(other)


@pytest.mark.parametrize(("one", "other"), [("Carol Mitchell", "Karl Mitchell"), ("John Taylor", "Joan Taylor")])
def test_names_that_sound_different_are_not(one: str, other: str) -> None:
    assert sound(one) != sound(other)
