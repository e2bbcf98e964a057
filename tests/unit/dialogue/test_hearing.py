"""What is left of a turn in which the recogniser failed on some stretch."""

from __future__ import annotations

import pytest

from agent.dialogue.hearing import Hearing
from agent.domain.events import INAUDIBLE
from agent.domain.facts import Expect


@pytest.mark.parametrize("text", [INAUDIBLE, f"{INAUDIBLE} {INAUDIBLE}", f" {INAUDIBLE}. {INAUDIBLE}"])
def test_a_turn_of_nothing_but_inaudible_stretches_was_not_recognised(text: str) -> None:
    assert Hearing().words(text, Expect.ANY) == INAUDIBLE


@pytest.mark.parametrize(
    "text", [f"{INAUDIBLE} my tooth hurts", f"my tooth {INAUDIBLE} hurts", f"my tooth hurts {INAUDIBLE}"]
)
def test_what_was_recognised_beside_an_inaudible_stretch_counts_without_its_mark(text: str) -> None:
    assert Hearing().words(text, Expect.ANY) == "my tooth hurts"


def test_a_card_number_with_an_inaudible_stretch_in_it_is_masked_whole() -> None:
    hearing = Hearing()
    assert "1111" not in hearing.words(f"4111 1111 {INAUDIBLE} 1111 1111", Expect.ANY)
    hearing.committed(f"4111 1111 {INAUDIBLE}", "4111 1111")
    assert "1111" not in hearing.words("1111 1111", Expect.ANY)


@pytest.mark.parametrize("text", ["", "?", "[inaudible"])
def test_words_without_a_mark_stay_as_they_are(text: str) -> None:
    assert Hearing().words(text, Expect.ANY) == text
