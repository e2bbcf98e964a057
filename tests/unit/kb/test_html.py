"""Web pages as passages."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.passages import Passage
from kb.reading import UnreadableSource, read_source

DATA = Path("tests/data/kb")


def read(html: str) -> dict[str, Passage]:
    return {passage.key: passage for passage in read_source("page.html", html.encode()).passages}


PAGE = {passage.key: passage for passage in read_source("page.html", (DATA / "page.html").read_bytes()).passages}
EVERYTHING = " ".join(f"{passage.title} {passage.text}" for passage in PAGE.values())


def test_a_page_becomes_its_questions_and_topics() -> None:
    assert list(PAGE) == [
        "questions-about-your-car", "opening-hours", "oil-change", "waiting", "do-you-wash-the-car",
        "can-i-wait-for-it", "is-there-wifi", "what-about-tires", "do-you-tow", "do-you-take-walk-ins",
    ]  # fmt: skip


@pytest.mark.parametrize("furniture", ["Home", "Jobs", "cookies", "Accept", "sister shop", "Privacy", "Send", "color"])
def test_what_every_page_of_a_site_has_is_left_out(furniture: str) -> None:
    assert furniture not in EVERYTHING


def test_a_table_becomes_sentences() -> None:
    said = PAGE["opening-hours"].spoken
    assert said == "Monday to Friday is seven thirty AM to six PM. Saturday is eight AM to noon."


def test_old_prices_and_links_that_only_point_are_not_said() -> None:
    assert PAGE["oil-change"].text == "$49 with synthetic oil. Go to our website to book."
    assert PAGE["oil-change"].questions == ("Prices: Oil change",)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("do-you-wash-the-car", "We vacuum it.\n\nWe do not wash it."),
        ("can-i-wait-for-it", "Yes, there is a lounge."),
        ("is-there-wifi", "Yes, it is free."),
        ("what-about-tires", "We sell four makes."),
    ],
)
def test_question_and_answer_stay_together_in_every_form_pages_have(key: str, text: str) -> None:
    assert PAGE[key].text == text


def test_text_after_a_fold_belongs_to_the_heading_above_it() -> None:
    assert PAGE["waiting"].text == "There is a lounge.\n\nTelephone is 503-555-0142."


def test_what_is_stated_for_search_engines_only_is_read_and_what_is_seen_counts() -> None:
    assert PAGE["do-you-take-walk-ins"].spoken == "Yes, for oil changes: weekdays and Saturday mornings."
    assert PAGE["do-you-tow"].text == "Yes, within ten miles."


def test_a_page_without_headings_has_its_title_without_the_site() -> None:
    passages = read("<title>Parking | Willow Salon</title><p>There are twelve spaces behind the building.</p>")
    assert passages["there-are-twelve-spaces-behind-the"].title == "Parking"


def test_content_in_what_is_named_like_furniture_is_content_if_it_is_most_of_the_page() -> None:
    passages = read("<div class='page sidebar'><h2>Hours</h2><p>Nine to five, and on Saturdays to noon.</p></div>")
    assert list(passages) == ["hours"]


def test_lists_of_links_are_menus_and_lists_of_words_are_not() -> None:
    menu = "<ul>" + "<li><a href='/x'>Some page of ours</a></li>" * 5 + "</ul>"
    (passage,) = read(f"<h2>Plans</h2><ul><li>Delta</li><li>Cigna</li></ul>{menu}").values()
    assert passage.text == "Delta\nCigna"


@pytest.mark.parametrize(
    ("content", "media"),
    [
        ("<p>Café</p>".encode(), None),
        ('<meta charset="iso-8859-1"><p>Café</p>'.encode("latin-1"), None),
        ("<p>Café</p>".encode("iso-8859-15"), "text/html; charset=iso-8859-15"),
        ("<p>Café</p>".encode("cp1252"), None),
        ('<?xml version="1.0" encoding="utf-8"?><p>Café</p>'.encode(), "application/xhtml+xml"),
        (b"<p>Caf&eacute;</p>", None),
    ],
)
def test_letters_are_right_in_whatever_encoding(content: bytes, media: str | None) -> None:
    (passage,) = read_source("page.html", content, media=media).passages
    assert passage.text == "Café"


@pytest.mark.parametrize(
    "html", ["", "  ", "<!-- nothing -->", "<html><body><nav>Home</nav></body></html>", "<p>*</p>"]
)
def test_a_page_without_text_is_refused(html: str) -> None:
    with pytest.raises(UnreadableSource, match=r"^page\.html: "):
        read(html)


@pytest.mark.parametrize("tag", ["div", "b", "details", "span", "table><tr><td"])
def test_a_page_nested_beyond_measure_is_refused_and_not_cut(tag: str) -> None:
    with pytest.raises(UnreadableSource, match="nested too deeply"):
        read(f"<{tag}>" * 20_000 + "Hello.")


@pytest.mark.parametrize(
    "unit",
    [
        "<b>Is it so?</b>", "<a href=x>y</a> ", "<table><tr><td>x</table>", "<li>a", "&#x41;", "<dl><dt>a?<dd>b</dl>",
        "<ul>" * 60 + "<li>a" + "</ul>" * 60, "<div class=cookie>" * 60 + "a" + "</div>" * 60,
        "<details><summary>q?</summary>" * 40 + "a" + "</details>" * 40,
    ],
)  # fmt: skip
def test_a_page_of_hardly_anything_but_tags_is_read_like_another(unit: str) -> None:
    passages = read(f"<h1>Hello</h1><p>Words.</p>{unit * (30_000 // len(unit))}")
    assert passages["hello"].text.startswith("Words.")


def test_data_for_search_engines_may_be_as_broken_as_it_likes() -> None:
    scripts = ["[" * 50_000, '{"@type": "FAQPage", "mainEntity": 5}', '{"@graph": [[[[[[[[[[[[1]]]]]]]]]]]]}', "null"]
    page = "".join(f'<script type="application/ld+json">{script}</script>' for script in scripts)
    assert list(read(f"{page}<h2>Hours</h2><p>Nine to five.</p>")) == ["hours"]
