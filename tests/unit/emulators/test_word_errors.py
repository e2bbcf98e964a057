"""Mistakes are as many as were asked for, the same for the same seed, and never in a keyterm."""

from __future__ import annotations

import pytest

from loadtest.emulators.ground_truth import Utterance
from loadtest.emulators.word_errors import WordErrors
from tests.unit.emulators.babble import RATE_HZ, babble, known, sentence

WORDS = 40


@pytest.fixture(scope="module")
def utterances() -> list[Utterance]:
    truth, _, _ = known(others=0)
    return [truth.register(sentence(WORDS), babble(2, seed), RATE_HZ) for seed in range(30)]


def heard(errors: WordErrors, utterances: list[Utterance]) -> list[tuple[str, ...]]:
    return [errors.heard(utterance, index).texts for utterance in utterances for index in range(WORDS)]


def test_without_a_rate_every_word_is_right(utterances: list[Utterance]) -> None:
    assert heard(WordErrors(), utterances) == [(f"w{number}",) for _ in utterances for number in range(1, WORDS + 1)]


def test_about_as_many_words_are_spoiled_as_were_asked_for(utterances: list[Utterance]) -> None:
    right, spoiled = heard(WordErrors(), utterances), heard(WordErrors(0.05, 1), utterances)
    wrong = [words for words, truth in zip(spoiled, right, strict=True) if words != truth]
    assert 0.03 < len(wrong) / len(right) < 0.07
    assert {len(words) for words in wrong} == {0, 1, 2}, "lost, substituted, doubled"


def test_a_seed_makes_the_same_mistakes_again_and_another_makes_others(utterances: list[Utterance]) -> None:
    assert heard(WordErrors(0.05, 1), utterances) == heard(WordErrors(0.05, 1), utterances)
    assert heard(WordErrors(0.05, 1), utterances) != heard(WordErrors(0.05, 2), utterances)


def test_a_keyterm_is_always_heard_right(utterances: list[Utterance]) -> None:
    errors = WordErrors(1.0, 1).with_keyterms(["W1 w2", "w40"])
    for utterance in utterances:
        assert [errors.heard(utterance, index).texts for index in (0, 1, 39)] == [("w1",), ("w2",), ("w40",)]
        assert errors.heard(utterance, 2).texts != ("w3",)


def test_what_is_misheard_is_less_sure(utterances: list[Utterance]) -> None:
    errors = WordErrors(0.3, 1)
    for index in range(WORDS):
        word = errors.heard(utterances[0], index)
        assert (word.confidence > 0.9) == (word.texts == (f"w{index + 1}",))
