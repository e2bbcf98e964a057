"""One spelling for what the recogniser writes."""

from __future__ import annotations

import pytest

from loadtest.caller.words import matches, normalise


@pytest.mark.parametrize(
    ("heard", "spelling"),
    [
        ("How can I help you?", "how can i help you"),
        ("Three thirty p.m., then.", "3:30 pm then"),
        ("at 3.30pm. What", "at 3:30 pm what"),
        ("at 3:30 P.M.", "at 3:30 pm"),
        ("330 PM please", "3:30 pm please"),
        ("nine oh five am", "9:05 am"),
        ("at ten o'clock", "at 10"),
        ("at 3:00 PM", "at 3 pm"),
        ("Thursday the twenty third", "thursday the 23rd"),
        ("Thursday, November 26th", "thursday november 26th"),
        ("twenty-five dollars", "25 dollars"),
        ("It's $89.50.", "it's $89.50"),
        ("five five five, 0 1 2, three four five six", "5550123456"),
        ("555-012-3456", "5550123456"),
        ("555-0123456", "5550123456"),
        ("(555) 012-3456, right?", "5550123456 right"),
        ("I have 9, 10, or 11.", "i have 9 10 or 11"),
        ("I’m Dana Whitfield—right?", "i'm dana whitfield right"),
        ("Which one? One moment.", "which one one moment"),
        ("at one PM, one thirty, or five one five", "at 1 pm 1 30 or 515"),
        ("", ""),
    ],
)
def test_spoken_and_written_forms_come_out_alike(heard: str, spelling: str) -> None:
    assert normalise(heard) == spelling


def test_the_first_pattern_that_occurs_is_reported() -> None:
    assert matches(["what day", "help"], "how can i help") == "help"
    assert matches(["^help"], "how can i help") is None
    assert matches(["HELP"], "how can i help") == "HELP"
    assert matches([], "anything") is None
