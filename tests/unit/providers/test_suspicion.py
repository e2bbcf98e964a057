from __future__ import annotations

import pytest

from agent.providers.suspicion import Patience, Suspicion


def suspicion(interim_s: float | None = 2.5) -> Suspicion:
    return Suspicion(Patience(first_words_s=0.8, interim_s=interim_s))


def test_nothing_is_owed_before_anybody_speaks() -> None:
    assert suspicion().due_s is None


def test_words_are_owed_a_while_after_a_pause() -> None:
    doubted = suspicion()
    doubted.began(10.0)
    doubted.paused(11.0)
    assert doubted.due_s == pytest.approx(11.8)


def test_all_words_before_the_pause_settle_it_and_a_first_few_do_not() -> None:
    doubted = suspicion()
    doubted.began(10.0)
    doubted.paused(11.0)
    doubted.told(11.1, is_settled=False)
    assert doubted.due_s == pytest.approx(11.8)
    doubted.told(11.2, is_settled=True)
    assert doubted.due_s is None


def test_speech_that_goes_on_owes_a_word_now_and_then() -> None:
    doubted = suspicion()
    doubted.began(10.0)
    assert doubted.due_s == pytest.approx(12.5)
    doubted.told(11.0, is_settled=False)
    assert doubted.due_s == pytest.approx(13.5)


def test_words_of_an_earlier_stretch_told_while_the_caller_speaks_settle_nothing() -> None:
    doubted = suspicion()
    doubted.began(10.0)
    doubted.told(11.0, is_settled=True)
    assert doubted.due_s is not None


def test_one_that_tells_nothing_before_a_pause_owes_nothing_before_it() -> None:
    doubted = suspicion(interim_s=None)
    doubted.began(10.0)
    assert doubted.due_s is None
    doubted.paused(30.0)
    assert doubted.due_s == pytest.approx(30.8)


def test_who_goes_on_after_a_pause_is_given_time_from_there() -> None:
    doubted = suspicion()
    doubted.began(10.0)
    doubted.paused(11.0)
    doubted.began(11.5)
    assert doubted.due_s == pytest.approx(14.0)


def test_what_is_settled_is_owed_again_when_the_caller_goes_on() -> None:
    doubted = suspicion()
    doubted.began(10.0)
    doubted.paused(11.0)
    doubted.told(11.1, is_settled=True)
    doubted.began(11.5)
    doubted.paused(12.0)
    assert doubted.due_s == pytest.approx(12.8)


def test_a_cough_may_have_been_no_words_and_a_sentence_may_not() -> None:
    doubted = suspicion()
    assert not doubted.is_of_words
    doubted.began(10.0)
    doubted.paused(10.3)
    assert not doubted.is_of_words
    doubted.began(10.4)
    doubted.paused(11.2)
    assert doubted.is_of_words


def test_an_utterance_that_is_over_owes_nothing() -> None:
    doubted = suspicion()
    doubted.began(10.0)
    doubted.paused(11.0)
    doubted.over()
    assert doubted.due_s is None


def test_some_are_never_suspected() -> None:
    trusted = Suspicion(None)
    trusted.began(10.0)
    trusted.paused(11.0)
    assert trusted.due_s is None
