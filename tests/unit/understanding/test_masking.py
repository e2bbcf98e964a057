"""What of a caller's words a model is shown."""

from __future__ import annotations

import pytest

from agent.understanding.masking import MOST_CHARACTERS, masked
from tests.unit.understanding.demo import DENTAL


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("reach me on 555 012 3456 about that thing", "reach me on [number] about that thing"),
        ("call five five five oh one two three then", "call [number] then"),
        ("my name is dana smith and it came loose", "my name is [name] [name] and it came loose"),
        ("it was for my son Jonathan, he chipped it", "it was for my son [name], he chipped it"),
        ("could Dr. Lee look at it on Thursday", "could Dr. Lee look at it on Thursday"),
        ("I think I'm due, say December 3rd at 3 PM", "I think I'm due, say December 3rd at 3 PM"),
        ("the one from before. Scrap it", "the one from before. Scrap it"),
        ("Dana Smith, about that thing", "[name] [name], about that thing"),
        ("Hernandez here, it came loose", "[name] here, it came loose"),
        ("Yes. Kowalski", "Yes. [name]"),
        ("555 012 3456 Kowalski", "[number] [name]"),
        ("Dr. Kowalski said so", "Dr. [name] said so"),
        ("Ángel O’Brien here", "[name] [name] here"),
        ("Will here, it came loose", "[name] here, it came loose"),
        ("Will you look at it? What's that?", "Will you look at it? What's that?"),
        ("Actually no. Could we, um. Hmm", "Actually no. Could we, um. Hmm"),
        ("Cleaning. Thursday. December", "Cleaning. Thursday. December"),
    ],
)
def test_numbers_and_names_stay_here_and_the_rest_is_shown(said: str, shown: str) -> None:
    assert masked(said, DENTAL) == shown


def test_of_a_long_speech_the_beginning_is_shown() -> None:
    assert len(masked("so " * 500, DENTAL)) == MOST_CHARACTERS
