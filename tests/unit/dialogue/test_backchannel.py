"""Sounds of somebody who listens, and words that only look like them."""

from __future__ import annotations

import pytest

from agent.dialogue.backchannel import is_backchannel


@pytest.mark.parametrize(
    "text", ["mm-hm", "Mm-hmm.", "mhm", "Uh-huh, uh-huh.", "Hmm...", "mmm", "Uh huh", "Ah!", "oh", "er, um"]
)
def test_a_sound_of_listening_is_no_turn(text: str) -> None:
    assert is_backchannel(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yes",
        "yeah",
        "okay",
        "Mm-hm, Tuesday.",
        "oh no",
        "mommy",
        "hm is it open",
        "um, wait",
        "[****]",
        "m" * 5000 + " yes",
    ],
)
def test_a_word_among_them_makes_it_one(text: str) -> None:
    assert not is_backchannel(text)
