"""Markdown and plain text as passages."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.passages import Passage, PassageKind, key_of
from kb.reading import UnreadableSource, read_source
from kb.reading.sections import LONGEST_TEXT_CHARS

DATA = Path("tests/data/kb")
KNOWLEDGE = [*Path("infra/local/knowledge").glob("*/*.md"), *Path("tests/data/knowledge").glob("*/sources/*.md")]


def read(text: str, name: str = "about-us.md") -> dict[str, Passage]:
    passages = read_source(name, text.encode()).passages
    assert len({passage.key for passage in passages}) == len(passages)
    return {passage.key: passage for passage in passages}


GUIDE = {passage.key: passage for passage in read_source("guide.md", (DATA / "guide.md").read_bytes()).passages}


def test_every_heading_with_text_under_it_is_a_passage_and_no_other() -> None:
    assert list(GUIDE) == [
        "cancelling-and-paying", "cancelling", "how-can-i-pay", "what-should-i-bring", "cleaning",
        "are-they-included", "how-often-are-they-taken", "cancelling-2",
    ]  # fmt: skip


@pytest.mark.parametrize("path", KNOWLEDGE, ids=str)
def test_every_heading_of_a_business_is_one_passage_unless_it_is_cut_for_length(path: Path) -> None:
    text = path.read_text("utf-8")
    headings = [line.removeprefix("## ").strip() for line in text.splitlines() if line.startswith("## ")]
    whole = [p for p in read_source(str(path), path.read_bytes()).passages if not p.key.removeprefix(key_of(p.title))]
    assert [passage.title for passage in whole] == headings


def test_front_matter_says_the_kind_of_all_passages() -> None:
    assert {passage.kind for passage in GUIDE.values()} == {PassageKind.POLICY}
    assert read("## Hours\nNine to five.")["hours"].kind is PassageKind.FAQ


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnreadableSource, match=r"about-us\.md: .*'poem'; use one of faq, objection, policy, service"):
        read("---\nkind: poem\n---\n# Title\nText.")


def test_other_ways_to_ask_are_questions_and_are_not_said() -> None:
    passage = GUIDE["cancelling"]
    assert passage.questions == ("can I cancel", "what does it cost to cancel late")
    assert passage.text.startswith("You can cancel")


def test_what_is_struck_out_is_left_out() -> None:
    assert GUIDE["cancelling"].text.endswith("After that we charge $50.")


def test_a_table_is_read_row_by_row() -> None:
    assert GUIDE["how-can-i-pay"].spoken.startswith(
        "At the desk: Card is yes, Cash is yes. Online: Card is yes, Cash is no."
    )


def test_links_are_words_and_the_pictures_nothing() -> None:
    text = GUIDE["how-can-i-pay"].text
    assert "](" not in text
    assert text.endswith("fill in the form on our website.")
    assert GUIDE["what-should-i-bring"].text.endswith("a list of your medicines")


def test_a_list_is_said_with_the_line_that_announces_it() -> None:
    said = GUIDE["what-should-i-bring"].spoken
    assert said == "Please bring: your insurance card, a photo ID, and a list of your medicines."


def test_a_lower_heading_is_also_found_by_the_one_above_it() -> None:
    assert GUIDE["cleaning"].questions == ("Prices: Cleaning",)


@pytest.mark.parametrize(
    "text",
    [
        "**Q:** Do you tow?\nA: Yes.",
        "**Q: Do you tow?**\n\n**A:** Yes.",
        "Q1. Do you tow?\nA1. Yes.",
        "Question: Do you tow?\n\nAnswer: Yes.",
        "- **Q:** Do you tow?\n  A: Yes.",
        "**Do you tow?**\nYes.",
        "**Do you tow?** Yes.",
        "**Do you tow?**\n\nYes.",
        "Do you tow?\n\nYes.",
        "1. **Do you tow?**\n   Yes.",
    ],
)
def test_question_and_answer_stay_together_however_they_are_marked(text: str) -> None:
    passage = read(f"{text}\n\n{text.replace('tow', 'wash')}")["do-you-tow"]
    assert (passage.title, passage.text, passage.spoken) == ("Do you tow?", "Yes.", "Yes.")


def test_text_without_headings_is_a_passage_a_paragraph_with_a_key_of_its_own_words() -> None:
    passages = read("We are open all year.\n\nPlease ring the bell:\n\n- twice\n- loudly", "dir/about-us.txt")
    assert list(passages) == ["we-are-open-all-year", "please-ring-the-bell"]
    assert {passage.title for passage in passages.values()} == {"About us"}
    assert passages["please-ring-the-bell"].spoken == "Please ring the bell: twice and loudly."


def test_a_long_section_is_cut_between_paragraphs_and_keeps_its_title() -> None:
    paragraph = "A sentence of some length that says very little. " * 10
    passages = read(f"## Terms\n{paragraph}\n\n{paragraph}\n\n{paragraph}\n\n## Hours\nNine to five.")
    assert list(passages) == ["terms", "terms-2", "terms-3", "hours"]
    assert {passages[key].title for key in ("terms", "terms-2", "terms-3")} == {"Terms"}


def test_a_part_never_takes_the_key_of_another_heading() -> None:
    passages = read("## Terms\nOne.\n\n## Terms\nTwo.\n\n## Terms 2\nThree.")
    assert {key: passage.text for key, passage in passages.items()} == {
        "terms": "One.", "terms-3": "Two.", "terms-2": "Three.",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["word " * 3000, "x" * 9000, "- item\n" * 2000, "|a|b|\n|-|-|\n" + "|c|d|\n" * 2000])
def test_no_passage_is_longer_than_can_be_read_aloud(text: str) -> None:
    passages = read(f"## Terms\n{text}") | read(text, "terms.txt")
    assert len(passages) > 5
    assert max(len(key) for key in passages) < 250
    assert max(len(passage.text) for passage in passages.values()) <= LONGEST_TEXT_CHARS


def test_a_heading_as_long_as_a_paragraph_is_one() -> None:
    passage = read("## Hours\nNine to five.\n\n## " + "And so on it goes. " * 20)["hours"]
    assert passage.text.startswith("Nine to five.\n\nAnd so on it goes.")


@pytest.mark.parametrize("text", ["", "\n\n", "# Title", "## Only\n\n## Headings", "![](x.png)", "***", "<!-- x -->"])
def test_nothing_to_say_is_refused(text: str) -> None:
    with pytest.raises(UnreadableSource, match=r"about-us\.md: there is no text in it"):
        read(text)


def test_a_paragraph_beyond_measure_is_taken_as_it_stands() -> None:
    """The time to find emphasis and links in one grows with the square of its length."""
    passages = read("## Short\n**yes** " + "\n\n## Long\n" + "**yes** " * 3000)
    assert passages["short"].text == "yes"
    assert passages["long"].text.startswith("**yes** **yes**")


@pytest.mark.parametrize(
    "unit", ["[", "[a](", "*_", "**a ", "a <![CDATA[", "`a``b", "> ", "- ", "|a", "[a]: b\n", "> - "]
)
def test_marks_that_never_end_break_nothing(unit: str) -> None:
    passages = read(f"## Hours\nNine to five.\n\n## Noise\n{unit * (20_000 // len(unit))}")
    assert passages["hours"].spoken == "Nine to five."
