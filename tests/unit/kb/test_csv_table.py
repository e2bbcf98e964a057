"""Tables of questions and answers as passages."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.passages import Passage, PassageKind
from kb.reading import UnreadableSource, read_source

DATA = Path("tests/data/kb")


def read(content: str | bytes) -> list[Passage]:
    return list(read_source("faq.csv", content if isinstance(content, bytes) else content.encode()).passages)


def test_what_a_spreadsheet_saves_is_read() -> None:
    walk_ins, dear = read((DATA / "questions.csv").read_bytes())
    assert walk_ins.key == "do-you-take-walk-ins"
    assert walk_ins.questions == ("can I just come by", "do I need an appointment")
    assert walk_ins.spoken == "Yes, if a chair is free; mornings are best."
    assert dear.kind is PassageKind.OBJECTION
    assert dear.text == "It may be.\n\nOurs includes the wash."


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_and_the_order_of_columns_are_found_out(delimiter: str) -> None:
    (passage,) = read(f"Notes{delimiter}ANSWER{delimiter}Question\nx{delimiter}Yes.{delimiter}Do you tow?\n")
    assert (passage.title, passage.text) == ("Do you tow?", "Yes.")


def test_a_title_comes_before_the_question_which_stays_a_way_to_ask() -> None:
    (passage,) = read("title,question,answer\nTowing,do you tow,Yes.\n")
    assert (passage.key, passage.title, passage.questions) == ("towing", "Towing", ("do you tow",))


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ("", "no column question"),
        ("name,price\nCut,$40\n", "no column question or no column answer"),
        ("question,answer\n", "no text in it"),
        ("question,answer\nDo you tow?,\n", "row 2 has no answer"),
        ("question,answer\nA?,Yes.\n,Yes.\n", "row 3 has no question"),
        ("question,answer\nDo you tow?,Yes, we do\n", "row 2 has more cells than the header"),
        ("question,answer,kind\nDo you tow?,Yes.,poem\n", "row 2 names the kind 'poem'"),
        ('question,answer\n"Do you tow?,Yes.\n', "not a well-formed table"),
        ("question,answer\n" + "w " * 200 + ",Yes.\n", "more than 200 characters"),
        ("question,answer\nA?," + "x" * 200_000, "not a well-formed table"),
    ],
)
def test_what_is_wrong_is_named_with_its_row(content: str, wrong: str) -> None:
    with pytest.raises(UnreadableSource, match=f"^faq.csv: .*{wrong}"):
        read(content)


def test_more_rows_than_a_base_can_hold_are_refused() -> None:
    with pytest.raises(UnreadableSource, match="more than 20000 passages"):
        read("question,answer\n" + "".join(f"q{n}?,a\n" for n in range(20_001)))
