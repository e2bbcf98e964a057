"""Whose appointment it is: names as a telephone can compare them."""

from __future__ import annotations

import pytest

from agent.domain.identity import is_same_full_name, is_same_name


@pytest.mark.parametrize(
    ("said", "agrees", "identifies"),
    [
        ("Dana Smith", True, True),
        ("smith, dana", True, True),
        ("Smith", True, False),
        ("Dana Lee Smith", True, False),
        ("Dana Jones", False, False),
        ("", False, False),
        ("?!", False, False),
    ],
)
def test_a_name_agrees_by_its_words_and_identifies_only_when_it_is_whole(
    said: str, agrees: bool, identifies: bool
) -> None:
    assert is_same_name(said, "Dana Smith") is agrees
    assert is_same_full_name(said, "Dana Smith") is identifies


def test_one_word_never_identifies_and_an_empty_book_never_agrees() -> None:
    assert not is_same_full_name("Cher", "Cher")
    assert not is_same_name("Dana", "")
