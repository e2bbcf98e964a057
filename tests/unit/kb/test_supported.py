"""An answer says what passages say when it is made of their sentences, and of nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.passages import LONGEST_SPOKEN_CHARS
from kb.reading import read_source
from kb.spoken import spoken
from kb.supported import is_supported

PRICES = "Cleaning is $90, whitening is $350. Dr. Lee sees children on Mondays. Dr. Ortiz places implants."
HOURS = "On Fridays we close at 2:30 p.m. We don't take walk-ins on Saturdays. Parking costs $1,250 a year."
PLANS = "We have a contract with these:\n\nDelta Dental PPO\nCigna DPPO\n\nAny other plan is out of network."
SCHEDULE = "We stop at 14:30 on December 24. The first 25 people wait half an hour, for 10% off."


@pytest.mark.parametrize(
    ("answer", "passages"),
    [
        ("Dr. Lee sees children on Mondays.", [PRICES]),
        ("Cleaning is $90, whitening is $350.", [PRICES]),
        ("Cleaning is ninety dollars, whitening is three hundred and fifty dollars!", [PRICES]),
        ("Dr. Ortiz places implants. Cleaning is $90, whitening is $350.", [PRICES]),
        ("On Fridays we close at two thirty PM.", [HOURS]),
        ("on Fridays, we close at 2:30 pm", [HOURS]),
        ("On Fridays we close at 14:30.", [HOURS]),
        ("Parking costs twelve hundred fifty dollars a year.", ["Parking costs twelve hundred fifty dollars a year."]),
        ("Parking costs one thousand two hundred fifty dollars a year.", [HOURS]),
        ("We stop at 2:30 PM on December twenty-fourth.", [SCHEDULE]),
        ("The first twenty five people wait half an hour, for ten percent off.", [SCHEDULE]),
        ("We have a contract with these: Cigna DPPO.", [PLANS]),
        ("Any other plan is out of network.", [PLANS]),
        ("Dr. Lee sees children on Mondays. On Fridays we close at 2:30 p.m.", [PRICES, HOURS]),
    ],
)
def test_sentences_of_the_passages_are_supported_however_their_numbers_are_written(
    answer: str, passages: list[str]
) -> None:
    assert is_supported(answer, passages)


@pytest.mark.parametrize(
    ("answer", "passages"),
    [
        # a number with another noun
        ("Cleaning is $350.", [PRICES]),
        ("Whitening is $90, cleaning is $350.", [PRICES]),
        ("Cleaning is $350.", ["Cleaning is $90.", "Whitening is $350."]),
        ("Cleaning is 350.", ["Cleaning is 90. Whitening is 350."]),
        # a number that is none of theirs, or means something else
        ("Cleaning is $95, whitening is $350.", [PRICES]),
        ("Cleaning is 90, whitening is 350.", [PRICES]),
        ("On Fridays we close at 2:30 a.m.", [HOURS]),
        ("On Fridays we close at 2:30.", [HOURS]),
        ("On Fridays we close at 3:20 p.m.", [HOURS]),
        ("Parking costs $125 a year.", [HOURS]),
        ("Parking costs $1,250 a month.", [HOURS]),
        ("We stop at 2:30 PM on January 24.", [SCHEDULE]),
        ("The first 25 people wait an hour, for 10% off.", [SCHEDULE]),
        # a name with another deed
        ("Dr. Lee places implants.", [PRICES]),
        ("Dr. Park sees children on Mondays.", [PRICES]),
        ("Any other plan is Delta Dental.", [PLANS]),
        # a "not" that came or went
        ("We take walk-ins on Saturdays.", [HOURS]),
        ("Any other plan is not out of network.", [PLANS]),
        ("Only Dr. Ortiz places implants.", [PRICES]),
        # what nobody said
        ("Yes. Dr. Ortiz places implants.", [PRICES]),
        ("Cleaning is free.", [PRICES]),
        ("Cigna DPPO.", [PLANS]),
        # parts of a sentence
        ("On Fridays we close.", [HOURS]),
        ("Whitening is $350.", [PRICES]),
        # a passage that has no part in it, and none at all
        ("Dr. Lee sees children on Mondays.", [PRICES, HOURS]),
        ("Dr. Lee sees children on Mondays.", [HOURS]),
        ("Dr. Lee sees children on Mondays.", []),
    ],
)
def test_whatever_is_worded_anew_is_refused(answer: str, passages: list[str]) -> None:
    assert not is_supported(answer, passages)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        " ",
        ".",
        "...",
        "Do you take Delta?",
        "<b>Parking is free.</b>",
        "**Parking is free.**",
        "Parking is free. [1]",
        "Parking is free.\nIgnore the rest.",
        "Parking is free at example.com.",
        "Write to dana@example.com.",
        "Parking is free. " * 12,
    ],
)
def test_what_cannot_be_said_is_refused_even_if_a_passage_has_it(answer: str) -> None:
    assert not is_supported(answer, [answer])
    assert not is_supported(answer, [f"Parking is free. {answer}"])


def test_an_answer_that_is_too_long_once_its_numbers_are_words_is_refused() -> None:
    answer = "Call " + ", ".join(["555-012-3456"] * 5) + "."
    assert len(answer) < LONGEST_SPOKEN_CHARS
    assert not is_supported(answer, [answer])


@pytest.mark.parametrize(
    ("text", "alone", "whole"),
    [
        ("A cleaning takes an hour. It's $90.", "It's $90.", "A cleaning takes an hour. It's $90."),
        ("We take walk-ins. But never on Mondays.", "We take walk-ins.", "We take walk-ins. But never on Mondays."),
        ("Cuts are half price. Students only.", "Cuts are half price.", "Cuts are half price. Students only."),
        ("No. The garage is next door.", "No.", "No. The garage is next door."),
        ("Is it free? By no means at all.", "By no means at all.", ""),
        ("Never take these:\n\nAspirin\nIbuprofen", "Aspirin.", "Never take these: Aspirin."),
        ("12 Main Street\nSpringfield", "Springfield.", "12 Main Street, Springfield."),
    ],
)
def test_a_sentence_is_not_said_without_what_it_leans_on(text: str, alone: str, whole: str) -> None:
    assert not is_supported(alone, [text])
    assert not whole or is_supported(whole, [text])


def test_what_a_sentence_leans_on_must_be_of_its_own_passage() -> None:
    assert not is_supported("Parking is free. It's $90.", ["A cleaning takes an hour. It's $90.", "Parking is free."])


def _standing() -> list[tuple[str, str]]:
    """Sentences of a real business's passages that may be said alone, each with the passage."""
    found = []
    for path in sorted(Path("infra/local/knowledge/riverside-dental").glob("*.md")):
        for passage in read_source(str(path), path.read_bytes()).passages:
            each = passage.text.split("\n")[0].split(". ")[0].rstrip(".") + "."
            found += [(each, passage.text)] if is_supported(each, [passage.text]) else []
    return found


STANDING = _standing()


def test_enough_of_a_real_base_may_be_said_alone_to_try_the_rule_on() -> None:
    assert len(STANDING) >= 40


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(STANDING), st.data())
def test_one_word_less_more_or_other_is_refused(standing: tuple[str, str], data: st.DataObject) -> None:
    sentence, text = standing
    words = sentence.rstrip(".").split()
    at = data.draw(st.integers(0, len(words) - 1))
    other = data.draw(st.sampled_from(["not", "free", "seven", "Monday", "Smith", "never", "twelve"]))
    less = [*words[:at], *words[at + 1 :]]
    more = [*words[:at], other, *words[at:]]
    swapped = [*words[:at], other, *words[at + 1 :]]
    for changed in (less, more, *([swapped] if words[at].strip(",;:") != other else [])):
        assert not is_supported(" ".join(changed) + ".", [text])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(STANDING), st.sampled_from(STANDING))
def test_sentences_of_two_passages_stand_together_as_they_are_said(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    said = spoken(one[0])
    assert is_supported(said, [one[1]])
    together = f"{said} {spoken(other[0])}"
    if one[1] != other[1] and len(together) <= LONGEST_SPOKEN_CHARS:
        assert is_supported(together, [one[1], other[1]])
        assert not is_supported(together, [one[1]])
