"""Where sentences end, written or spoken."""

from __future__ import annotations

import pytest

from kb.sentences import sentences


@pytest.mark.parametrize(
    "written",
    [
        ["We open at 9 a.m. Monday.", "Come early."],
        ["We close at 5 p.m.", "Call before."],
        ["Dr. Lee and Mr. Ray are in.", "Ms. Ito is not."],
        ["It costs $12.50.", "$5 more for two."],
        ["Some fruit, e.g. apples, i.e. Grannies.", "Yes."],
        ["We are on Main St.", "Ring twice."],
        ["We are at St. Mary's.", "Ring twice."],
        ["Is it open?", "Yes!", "Do come."],
        ["No.", "We don't.", "See No. 5 for that."],
        ["John F. Kennedy was here.", "So am I.", "And you."],
        ["He said \u201ccome.\u201d and went.", "(So did I.)", "Fine."],
        ["Call us.", "twenty-four hours is enough."],
        ["no full stop"],
    ],
)
def test_a_full_stop_ends_a_sentence_unless_it_shortens_a_word(written: list[str]) -> None:
    assert sentences(" ".join(written)) == written


def test_nothing_has_no_sentences() -> None:
    assert sentences("  ") == []
