"""What is said of an answer on the telephone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.blocks import Listing, Paragraph, Table
from kb.passages import LONGEST_SPOKEN_CHARS
from kb.spoken import spoken

ADDRESSES = {
    "Sign up at cedar.example/plan.": "Sign up on our website.",
    "You can join at the desk or at https://www.cedar.example/join?x=1.": "You can join at the desk or on our website.",
    "Visit https://cedar.com for more.": "Visit our website for more.",
    "Fill in the form on our website (cedar.com/form).": "Fill in the form on our website.",
    "Order on our website, cedar.com, or at the desk.": "Order on our website or at the desk.",
    "Send a photo to jobs@cedar.example.": "Send a photo to us by e-mail.",
    "E-mail us at info@cedar.com.": "E-mail us.",
    "E-mail the photos to info@cedar.com, please.": "E-mail the photos to us, please.",
    "Write to info@cedar.com with your number.": "Write to us by e-mail with your number.",
    "Questions go to billing at pay@cedar.com.": "Questions go to billing by e-mail.",
    "Our e-mail is info@cedar.com.": "You can reach us by e-mail.",
}
ABBREVIATIONS = {
    "We open at 9 a.m. on weekdays. Dr. Lee is in till 5 p.m. Come by.": (
        "We open at nine AM on weekdays. Doctor Lee is in till five PM. Come by."
    ),
    "It is at 12 Elm St. We are near St. Mary's.": "It is at twelve Elm Street. We are near Saint Mary's.",
    "Bring something sweet, e.g. fruit. It's $12.50, i.e. not much.": (
        "Bring something sweet, for example fruit. It's twelve dollars and fifty cents, that is not much."
    ),
    "We fix faucets, sinks, etc. Call us.": "We fix faucets, sinks, and so on. Call us.",
    "Call first. 24 hours is enough.": "Call first. Twenty-four hours is enough.",
    "No. We don't. No. 5 is it.": "No. We don't. Number five is it.",
    "John F. Kennedy Ave. is closed.": "John F. Kennedy Avenue is closed.",
    "Mon-Fri 8-5, Sat 9am-1pm; closed Sun.": (
        "Monday to Friday eight to five, Saturday nine AM to one PM; closed Sunday."
    ),
    "1/2 price, 2 1/2 hours, a 3/4 inch pipe": "Half price, two and a half hours, a three quarters inch pipe.",
    "w/ insurance and/or a card": "With insurance or a card.",
}
SIGNS = {
    "Delta (PPO and Premier) is taken, HMO isn't.": "Delta, PPO and Premier, is taken, HMO isn't.",
    "A health savings account (HSA) works.": "A health savings account works.",
    "We wait. (Ten minutes at most.) Then we go.": "We wait. Ten minutes at most. Then we go.",
    "Save 10% \u2013 today \u2014 only!!!": "Save ten percent, today, only!",
    "**Bold** and `code` & more\u2026": "Bold and code and more.",
    "It's the dogs' day, 'really', she \u201csaid\u201d.": "It's the dogs' day, really, she said.",
    "evenings/weekends, ages 18+, about 20\u00b0F": "Evenings or weekends, ages eighteen plus, about twenty degrees.",
    "Call (503) 555-0142.": "Call five zero three, five five five, zero one four two.",
    "12 Main St.\nPortland": "Twelve Main Street. Portland.",
    "caf\u00e9 \u2b50 \ufb01ne": "Café fine.",
    "\u2022 \u2022": "",
}
WORDS_AND_SIGNS = re.findall(
    r"\S+",
    """
    We open at 9 a.m. Mon-Fri, Dr. St. Main No. 5 $12.50 e.g. etc. (see below) e-mail a@b.com https://x.com/y?z=1 1/2
    3/4 24/7 U.S. and/or Yes. can't 'quoted' "x" – — - * 50% C++ A/B R-410A 555-0123 (212) 555-0123 10:30 pm PM. May
    'tis dogs' [x] é ñ ½ ² … !!! ? : ; , . Sat J. K. visit our website at to write unless but only if
    """,
)


@pytest.mark.parametrize(("text", "said"), (ADDRESSES | ABBREVIATIONS | SIGNS).items())
def test_what_is_written_for_the_eye_is_said_for_the_ear(text: str, said: str) -> None:
    assert spoken(text) == said


def test_rows_and_items_are_said_as_sentences() -> None:
    table = Table((("", "Adult", "Child"), ("A month", "$29", "$19")), headed=True)
    assert spoken(table) == "A month: Adult is twenty-nine dollars, Child is nineteen dollars."
    assert (
        spoken(Table((("Crown", "$900"), ("", "$5")), headed=False)) == "Crown is nine hundred dollars. Five dollars."
    )
    assert spoken(Listing(("red", "blue", "green", "white"))) == "Red, blue, green, and white."
    assert (
        spoken(Paragraph("One of these places:"), Listing(("hall", "garage"))) == "One of these places: hall or garage."
    )
    assert spoken(Listing(("Come early.", "Bring your card"))) == "Come early. Bring your card."


def test_an_item_that_does_not_fit_leaves_no_announcement_without_it() -> None:
    items = Listing(
        ("Turn the main valve, which is in most houses beside the heater, a quarter turn to the right.",) * 2
    )
    said = spoken(Paragraph("The water must be shut off first of all. " * 3), Paragraph("This is how:"), items)
    assert said == " ".join(["The water must be shut off first of all."] * 3)


def test_the_first_sentences_that_fit_are_said() -> None:
    said = spoken("One sentence that has forty letters or so. " * 10)
    assert said == " ".join(["One sentence that has forty letters or so."] * 4)


def test_a_sentence_is_not_the_last_when_the_next_takes_it_back() -> None:
    kept = "Haircuts for children take half an hour and are done by Tyler or Nina, who like it."
    free = "Cancelling one of them is free."
    rest = "But on the day itself we charge half of the price, whatever the reason for it may be, and so does anyone."
    assert spoken(f"{kept} {free} {rest}") == kept
    assert spoken(f"{kept} {free} Now {rest}") == f"{kept} {free}"


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("We check the brakes, " + "and the belts, and the lamps, " * 10 + "and the tires.", "and the belts."),
        (
            "You pay nothing for this, " + "as the maker of it pays us for each of them, " * 8 + "unless you cancel.",
            "them.",
        ),
        ("word " * 100, "word."),
        ("x" * 300, "x."),
    ],
)
def test_one_sentence_that_is_too_long_ends_with_a_clause_or_a_word(text: str, end: str) -> None:
    said = spoken(text)
    assert 150 < len(said) <= LONGEST_SPOKEN_CHARS
    assert said.endswith(end)


def test_a_sentence_is_rather_cut_early_than_before_its_condition() -> None:
    free = "Cancelling your appointment costs you nothing at all if you do so a day before"
    rest = (
        ", but otherwise there is a charge"
        + ", which is fifty dollars and is taken from the card that you left with us"
    )
    said = spoken(f"{free}{rest}, and for that we are sorry as we had kept the whole of that time for you alone.")
    assert said == f"{free.capitalize()}{rest}."


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(WORDS_AND_SIGNS), max_size=50).map(" ".join) | st.text(max_size=60))
def test_only_words_are_said_and_saying_them_again_changes_nothing(text: str) -> None:
    said = spoken(text)
    assert spoken(said) == said
    assert len(said) <= LONGEST_SPOKEN_CHARS
    assert not re.search(r"[^\w\s.,;:?!'-]|[\d_]", said)
    assert said == "" or said.endswith((".", "!", "?"))
