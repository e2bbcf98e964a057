"""What was done is told once more to whoever talked over the news of it."""

from __future__ import annotations

import pytest

from agent.domain.events import PromptCut
from agent.domain.lines import LineKey as K
from tests.unit.domain.booked_desk import booked, with_cleaning
from tests.unit.domain.desk import Desk


def cut_at(desk: Desk, heard: float) -> Desk:
    desk.happen(PromptCut(heard))
    return desk


@pytest.mark.parametrize(
    ("words", "rest"),
    [
        ("And what's your address?", [K.ANSWER_ADDRESS, K.ASK_ANYTHING_ELSE]),
        ("No, that's all, thanks.", [K.FAREWELL_BOOKED]),
    ],
)
def test_the_news_of_a_booking_that_was_not_heard_comes_before_what_follows(words: str, rest: list[K]) -> None:
    assert cut_at(booked(), 0.0).hear(words) == [K.BOOKED, *rest]


def test_news_that_was_heard_is_not_told_again() -> None:
    assert cut_at(booked(), 0.9).hear("No, that's all, thanks.") == [K.FAREWELL_BOOKED]


@pytest.mark.parametrize("words", ["Yes.", "Thank you.", "Yes, thank you."])
def test_the_rest_of_a_yes_over_the_news_ends_nothing_and_hears_all_of_it_once(words: str) -> None:
    assert cut_at(booked(), 0.1).hear(words) == [K.BOOKED, K.ASK_ANYTHING_ELSE]


def test_news_that_is_cut_off_twice_is_told_a_third_time() -> None:
    desk = cut_at(booked(), 0.0)
    desk.hear("And what's your address?")
    assert cut_at(desk, 0.1).hear("And where can I park?")[0] is K.BOOKED


def test_the_news_of_a_cancellation_is_told_again() -> None:
    desk = with_cleaning()
    desk.hear("I need to cancel my appointment.")
    desk.hear("Yes, please.")
    assert cut_at(desk, 0.0).hear("No, thanks.")[0] is K.CANCELLED


def test_whoever_is_in_danger_hears_that_first() -> None:
    said = cut_at(booked(), 0.0).hear("My father has collapsed, he's not breathing.")
    assert said[0] is K.EMERGENCY
    assert K.BOOKED not in said
