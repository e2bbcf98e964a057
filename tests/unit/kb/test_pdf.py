"""PDFs as passages."""

from __future__ import annotations

import pytest

from agent.wording.spoken_numbers import cardinal
from kb.passages import Passage
from kb.reading import UnreadableSource, read_source
from kb.reading import pdf_child as child
from tests.unit.kb.pdf_files import BOLD, FILES, FOLDER, PLAIN, assembled, content, lines, pdf, unfolding

GUIDE = {passage.key: passage for passage in read_source("guide.pdf", (FOLDER / "guide.pdf").read_bytes()).passages}


def read(file: bytes) -> dict[str, Passage]:
    return {passage.key: passage for passage in read_source("faq.pdf", file).passages}


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_what_the_script_makes(name: str) -> None:
    assert (FOLDER / name).read_bytes() == FILES[name]()


def test_headings_are_told_by_their_font() -> None:
    assert list(GUIDE) == [
        "how-long-does-a-repair-take", "what-we-do-not-repair", "warranty", "parts-you-brought-yourself",
        "opening-hours",
    ]  # fmt: skip
    assert GUIDE["parts-you-brought-yourself"].questions == ("Warranty: Parts you brought yourself",)


def test_lines_and_parted_words_are_mended_as_the_document_writes_them() -> None:
    assert GUIDE["how-long-does-a-repair-take"].text == (
        "Most repairs are done on the same day. For a transmission we need three to five days, and we call you as soon "
        "as we know more.\n\nA follow-up visit is free. Book the follow-up visit at the counter (it takes 20 minutes)."
    )


def test_items_are_a_list_and_a_sentence_goes_on_over_the_page() -> None:
    assert GUIDE["what-we-do-not-repair"].spoken == "We do not repair: motorcycles, boats, and trailers."
    assert GUIDE["warranty"].text.endswith("whichever comes first, if you have kept the invoice.")


def test_running_lines_and_page_numbers_are_left_out() -> None:
    everything = " ".join(passage.text for passage in GUIDE.values())
    assert "Bayview" not in everything
    assert "Page" not in everything


def test_in_one_font_questions_that_stand_alone_are_headings() -> None:
    page = lines(
        ["Do you take walk-ins?", "Yes, in the morning.", "", "Can I bring my own parts, and do", "you fit them?",
         "We do, without a warranty.", "", "Q: Do you tow?", "A: Within ten miles."]
    )  # fmt: skip
    assert {passage.title: passage.text for passage in read(pdf([page])).values()} == {
        "Do you take walk-ins?": "Yes, in the morning.",
        "Can I bring my own parts, and do you fit them?": "We do, without a warranty.",
        "Do you tow?": "Within ten miles.",
    }


def test_in_one_font_numbered_lines_that_stand_alone_are_headings() -> None:
    page = lines(["1. Deposits", "", "We ask for thirty percent.", "", "2. Storage", "", "Three days are free."])
    assert {p.title: p.text for p in read(pdf([page])).values()} == {
        "Deposits": "We ask for thirty percent.", "Storage": "Three days are free.",
    }  # fmt: skip


def test_text_without_anything_like_a_heading_is_a_passage_a_paragraph() -> None:
    page = lines(["We are open all year. The office is", "on the first floor.", "", "Please ring twice."])
    assert [p.text for p in read(pdf([page])).values()] == [
        "We are open all year. The office is on the first floor.", "Please ring twice.",
    ]  # fmt: skip


def test_a_thousand_pages_are_read_and_told_page_by_page() -> None:
    pages = [[(72, 700, BOLD, 15, f"Question {n}?"), (72, 680, PLAIN, 11, f"{cardinal(n)} days.")] for n in range(1000)]
    told: list[tuple[int, int]] = []
    source = read_source("faq.pdf", pdf(pages), on_page=lambda done, of: told.append((done, of)))
    assert len(source.passages) == 1000
    assert told == [(n, 1000) for n in range(1, 1001)]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("truncated.pdf", "cut short"), ("encrypted.pdf", "protected with a password"), ("scanned.pdf", "only pictures")],
)
def test_what_cannot_be_read_is_refused_with_its_name_and_what_to_do(name: str, wrong: str) -> None:
    with pytest.raises(UnreadableSource, match=rf"^{name}: .*{wrong}.*; \w+") as refused:
        read_source(name, (FOLDER / name).read_bytes())
    assert refused.value.blame.value == "client"


@pytest.mark.parametrize(
    ("file", "wrong"),
    [
        (b"", "it is no PDF"),
        (b"Dear customer, ...", "it is no PDF"),
        (b"%PDF-1.7\n" + b"\xff" * 1000 + b"\n%%EOF\n", "broken"),
        (assembled([b""]).replace(b"/Kids [5 0 R]", b"/Kids [2 0 R]"), "broken|no text"),
        (assembled([content(lines(["Hello."]))] * (child.MOST_PAGES + 1)), "more than 2,000 pages"),
    ],
)
def test_a_broken_file_is_refused_whole(file: bytes, wrong: str) -> None:
    with pytest.raises(UnreadableSource, match=f"^faq.pdf: .*({wrong})"):
        read(file)


def test_a_file_that_unfolds_to_gigabytes_ends_its_own_process_and_not_ours() -> None:
    file = unfolding(1_000_000_000)
    assert len(file) < 20_000
    with pytest.raises(UnreadableSource, match="unfolds to more than can be held"):
        read(file)


def test_a_page_with_more_letters_than_can_be_read_is_read_as_far_as_it_goes() -> None:
    page = content(lines(["So it goes on and on. " * 25] * 140, size=2, leading=5))
    total = sum(len(passage.text) for passage in read(assembled([page])).values())
    assert 0.9 * child.MOST_CHARACTERS_A_PAGE < total <= child.MOST_CHARACTERS_A_PAGE
