"""When the recogniser's words count as invented."""

from __future__ import annotations

import pytest

from agent.inference.whisper import is_nobody


@pytest.mark.parametrize(
    ("words", "no_speech", "logprob", "expected"),
    [
        ("Mark Wilson", 0.76, -0.44, False),
        ("Paul Robinson.", 0.40, -1.6, False),
        ("You", 0.97, -1.70, True),
        ("Bye.", 0.93, -1.11, True),
        ("you", 0.35, -0.2, True),
        ("Thank you.", 0.1, -0.3, False),
    ],
)
def test_words_are_dropped_where_nobody_spoke(words: str, no_speech: float, logprob: float, expected: bool) -> None:
    assert is_nobody(words, no_speech, logprob) is expected
