"""Services that a recogniser took for other words."""

from __future__ import annotations

import pytest

from agent.understanding.services import find_service
from agent.understanding.sounds import consonants
from agent.understanding.words import split_words
from tests.unit.understanding.demo import DENTAL


def named(text: str) -> str | None:
    mention = find_service(split_words(text), DENTAL, is_asked=False)
    return mention.service_id if mention else None


@pytest.mark.parametrize(
    "text",
    [
        "No, it should be a fill in.",
        "Sorry, I need a feeling.",
        "I need to find the fill in",
        "I want to book a feeling",
    ],
)
def test_a_service_is_known_by_its_sound_where_a_sentence_needs_one(text: str) -> None:
    assert named(text) == "filling"


@pytest.mark.parametrize(
    "text",
    [
        "I have a feeling it's broken",
        "how are you feeling",
        "feeling",
        "please fill in the form",
        "I don't want a feeling",
        "not the fill in",
        "I need to call in",
        "I need a felt pen",
        "I want to",
    ],
)
def test_the_same_sound_elsewhere_is_no_service(text: str) -> None:
    assert named(text) is None


def test_spellings_of_one_sound_are_one() -> None:
    assert consonants("fillin") == consonants("Filling") == consonants("feeling") == "fln"
    assert consonants("clean in") == consonants("cleaning")
    assert consonants("physical") == consonants("fizzical")
