"""Other ways to ask, where a business writes them below a heading."""

from __future__ import annotations

from kb.reading import read_source

TEXT = b"""# Visits

## Parking
Also asked: where do I put my car | is there a garage

Behind the house.

## Children
They are welcome. Also asked: nothing, this is text.
"""


def test_the_line_below_a_heading_is_asked_and_not_said() -> None:
    parking, children = read_source("visits.md", TEXT).passages
    assert parking.questions == ("where do I put my car", "is there a garage")
    assert (parking.text, parking.spoken) == ("Behind the house.", "Behind the house.")
    assert children.questions == ()
    assert "Also asked" in children.text


def test_a_table_has_them_in_a_column() -> None:
    table = b"question,answer,questions\nWhere do I park?,Behind the house.,where is the garage|may I park\n"
    (passage,) = read_source("visits.csv", table).passages
    assert passage.questions == ("where is the garage", "may I park")


def test_an_answer_that_is_cut_is_asked_for_by_its_first_part_alone() -> None:
    long = " ".join(f"Sentence number {number} says something of its own." for number in range(60))
    first, *others = read_source("long.md", f"# L\n\n## Long\nAlso asked: tell me all\n\n{long}\n".encode()).passages
    assert first.questions == ("tell me all",)
    assert others
    assert {each.questions for each in others} == {()}
