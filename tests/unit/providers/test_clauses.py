"""Replies cut into clauses."""

from __future__ import annotations

import pytest

from agent.providers.clauses import clauses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two? Three!", ["One.", "Two?", "Three!"]),
        ("You see Dr. Lee on Monday. Is that right?", ["You see Dr. Lee on Monday.", "Is that right?"]),
        ("It is at 12 Oak St. Riverside.", ["It is at 12 Oak St. Riverside."]),
        ("At 3.30 PM.", ["At 3.30 PM."]),
        ("Call +15550123456 before 2026-11-24.", ["Call", "+15550123456 before", "2026-11-24."]),
        (
            "So that's cleaning on Tuesday, November 24th at 3 PM, for James Wilson, phone: 555-012-3456. Right?",
            [
                "So that's cleaning on Tuesday, November 24th at 3 PM,",
                "for James Wilson, phone:",
                "555-012-3456.",
                "Right?",
            ],
        ),
        ("  ", []),
    ],
)
def test_a_reply_is_cut_after_each_sentence_and_nowhere_else(text: str, expected: list[str]) -> None:
    assert clauses(text) == expected


def test_cutting_loses_no_words() -> None:
    text = "Great. I have Thursday, November 26th at 3 PM with Dr. Lee. Shall I book it?"
    assert " ".join(clauses(text)) == text
