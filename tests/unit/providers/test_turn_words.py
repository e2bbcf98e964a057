from __future__ import annotations

import pytest

from agent.providers.turn_words import TurnWords


def segments() -> TurnWords:
    return TurnWords(tells_turns=False)


def turns() -> TurnWords:
    return TurnWords(tells_turns=True)


def test_segments_of_one_utterance_are_joined() -> None:
    words = segments()
    words.final("My number is", 1.0)
    words.interim("five", 2.0)
    assert words.text == "My number is five"
    words.final("five five five.", 2.5)
    assert words.text == "My number is five five five."


def test_final_words_for_all_that_was_said_before_a_pause_are_settled() -> None:
    words = segments()
    words.paused(1.0)
    assert not words.is_settled
    words.final("Yes.", 0.95)
    assert words.is_settled


def test_final_words_of_an_earlier_stretch_are_not_all() -> None:
    words = segments()
    words.sounded(1.0)
    words.paused(3.0)
    words.final("My number is", 1.0)
    assert not words.is_settled


def test_final_words_whose_time_is_not_told_are_believed_in_a_pause_only() -> None:
    words = segments()
    words.final("My number is", 0.0)
    assert not words.is_settled
    words.paused(3.0)
    words.final("five", 0.0)
    assert words.is_settled


def test_interim_words_of_segments_are_never_settled() -> None:
    words = segments()
    words.paused(1.0)
    words.interim("Yes", 9.0)
    assert not words.is_settled
    words.no_more_came()
    assert not words.is_settled


def test_a_recogniser_that_has_nothing_to_add_to_final_words_has_told_all() -> None:
    words = segments()
    words.final("Yes.", 0.5)
    words.paused(1.0)
    words.no_more_came()
    assert words.is_settled


def test_a_recogniser_that_has_told_nothing_has_settled_nothing() -> None:
    words = segments()
    words.paused(1.0)
    words.no_more_came()
    assert not words.is_settled


@pytest.mark.parametrize(("seconds", "is_settled"), [(0.04, True), (0.2, False)])
def test_a_click_unsettles_nothing_but_more_speech_does(seconds: float, is_settled: bool) -> None:
    words = segments()
    words.paused(1.0)
    words.final("Yes.", 1.0)
    words.sounded(seconds)
    words.paused(1.0 + seconds)
    assert words.is_settled is is_settled


def test_what_was_told_is_not_told_again_by_a_turn_that_repeats_itself() -> None:
    words = turns()
    words.interim("Yes, please", 0.8)
    words.paused(1.0)
    words.eager("Yes, please.", 1.1)
    assert words.is_settled
    words.told()
    words.interim("Yes, please.", 1.3)
    assert (words.text, words.is_settled) == ("", False)
    words.interim("Yes, please. And a filling", 2.0)
    assert words.text == "And a filling"
    words.final("Yes, please. And a filling.", 2.5)
    assert words.text == "And a filling."


def test_a_turn_cut_in_three_is_told_in_three() -> None:
    words, told = turns(), []
    for text in ("one", "one two", "one two three"):
        words.interim(text, 0.0)
        told.append(words.text)
        words.told()
    assert told == ["one", "two", "three"]


def test_the_next_turn_is_told_from_its_beginning() -> None:
    words = turns()
    words.interim("Yes, please", 0.8)
    words.told()
    words.final("Yes, please.", 1.4)
    assert not words.is_sure
    words.interim("Thank you", 3.0)
    assert words.text == "Thank you"


def test_the_recognisers_own_end_is_sure_until_more_is_said() -> None:
    words = turns()
    words.final("I see.", 1.0)
    assert words.is_sure
    words.sounded(0.5)
    assert not words.is_sure


def test_an_early_end_of_a_turn_counts_only_while_the_caller_is_silent() -> None:
    words = turns()
    words.eager("I see", 1.0)
    assert not words.is_settled
    words.paused(1.2)
    words.eager("I see", 1.3)
    assert words.is_settled
    assert not words.is_sure
    words.interim("I see that", 1.35)
    assert not words.is_settled


@pytest.mark.parametrize(("end_s", "is_settled"), [(1.1, False), (1.3, True)])
def test_words_of_a_turn_told_of_silence_after_it_are_all(end_s: float, is_settled: bool) -> None:
    words = turns()
    words.paused(1.0)
    words.interim("Yes", end_s)
    assert words.is_settled is is_settled
