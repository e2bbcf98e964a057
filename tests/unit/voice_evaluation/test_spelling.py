"""What the ear writes as callers read it, and what callers write as a voice can say it."""

from __future__ import annotations

import random
from datetime import date, datetime
from pathlib import Path

import pytest

from loadtest.evaluation.business import load_business
from loadtest.evaluation.hearing import Ask, listen
from loadtest.evaluation.phrasing import spoken_digits
from loadtest.voice_evaluation.spelling import as_written, speakable

BUSINESS = load_business(Path("infra/local/tenants/riverside-dental.yaml"))
TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    "written",
    [
        "So that's cleaning on Thursday, December 10th at 10.30 a.m. for Dana Smith. Phone 555 0123456. Is that right?",
        "So that's cleaning on Thursday December 10th at 10:30 AM, for Dana Smith phone 5 5 5, 0 1 2, 3 4 5 6."
        " Is that right?",
        "So that's cleaning on Thursday, December 10th at 1030 AM, for Dana Smith, phone. 5-5-5-0-1-2-3-4-5-6."
        " Is that right?",
        "So that's cleaning on Thursday, December 10th at 10 30 am for Dana Smith, phone: 1-555-0123456."
        " Is that right?",
        "So that's cleaning on Thursday, December 10th at 10:30 a.m., for Dana Smith, phone five five five oh one two"
        " three four five six. Is that right?",
    ],
)
def test_a_read_back_is_understood_however_the_ear_spells_it(written: str) -> None:
    heard = listen(as_written(written, BUSINESS), BUSINESS, TODAY)
    assert heard.ask is Ask.CONFIRM
    assert heard.starts == (datetime(2026, 12, 10, 10, 30),)
    assert heard.service_id == "cleaning"
    assert heard.name == "Dana Smith"
    assert heard.phone == "+15550123456"


def test_a_time_at_the_end_of_a_sentence_leaves_it_an_end() -> None:
    assert as_written("You are booked at 9 a.m. Anything else?", BUSINESS) == "You are booked at 9 AM. Anything else?"


def test_a_number_with_a_digit_lost_is_no_number_but_still_one() -> None:
    assert as_written("phone 555 012 345.", BUSINESS) == "phone 555012345."


@pytest.mark.parametrize(
    "written",
    [
        "I've marked it urgent. Your message, I will be late tomorrow. Your number 912-555-6976. Is that right?",
        "Your message. I will be late tomorrow. Your number. 912 555 6976. Is that right?",
        "Your message I will be late tomorrow, your number: 9125556976. Is that right?",
    ],
)
def test_a_message_read_back_without_its_colons_is_one(written: str) -> None:
    heard = listen(as_written(written, BUSINESS), BUSINESS, TODAY)
    assert heard.ask is Ask.CONFIRM_MESSAGE
    assert heard.message == "I will be late tomorrow"
    assert heard.phone == "+19125556976"


@pytest.mark.parametrize("question", ["What's your message?", "And what's your number?"])
def test_a_question_for_a_message_or_a_number_stays_one(question: str) -> None:
    assert as_written(question, BUSINESS) == question


@pytest.mark.parametrize("heard", ["what day, and time would you like instead?", "One would be better for you?"])
def test_a_question_for_a_time_is_known_as_the_ear_writes_it(heard: str) -> None:
    assert listen(as_written(heard, BUSINESS), BUSINESS, TODAY).ask is Ask.WHEN


def test_why_a_time_is_offered_is_no_offer() -> None:
    heard = "On Monday, December 7th, I have 11 45 AM or 12 45 PM. The nearest to 12 15 PM. Which would you like?"
    starts = listen(as_written(heard, BUSINESS), BUSINESS, TODAY).starts
    assert starts == (datetime(2026, 12, 7, 11, 45), datetime(2026, 12, 7, 12, 45))


def test_a_service_in_two_words_is_the_service() -> None:
    assert listen(as_written("a check up on Monday", BUSINESS), BUSINESS, TODAY).service_id == "checkup"


@pytest.mark.parametrize("number", ["2165550134", "0134", "5550134"])
def test_digits_are_said_one_by_one_whatever_form_they_were_written_in(number: str) -> None:
    names = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    for seed in range(12):
        said = speakable(spoken_digits(number, random.Random(seed)))
        assert not any(character.isdigit() for character in said)
        words = [word.strip(",") for word in said.split()]
        assert "".join(str(names.index(word)) for word in words) == number


@pytest.mark.parametrize("text", ["On December 3rd at 10:30, please.", "42 Maple Street", "quarter to 5", "the 12th"])
def test_days_times_and_small_numbers_are_left_to_the_voice(text: str) -> None:
    assert speakable(text) == text


def test_an_hour_of_the_afternoon_is_said_as_one() -> None:
    assert speakable("14:00 on the 27th, or 16:30") == "2 PM on the 27th, or 4:30 PM"


@pytest.mark.parametrize(
    ("heard", "written"), [("at 10.00 m", "at 10 AM"), ("at 945-M.", "at 9:45 AM."), ("at 3 m?", "at 3 PM?")]
)
def test_a_half_of_the_day_that_was_lost_is_the_one_that_is_open(heard: str, written: str) -> None:
    assert as_written(heard, BUSINESS) == written


@pytest.mark.parametrize("written", ["Your book for check-up on Thursday.", "You're book for checkup on Thursday."])
def test_the_news_of_a_booking_is_understood_without_its_ending(written: str) -> None:
    assert "booked" in as_written(written, BUSINESS)
