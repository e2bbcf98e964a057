"""Passages that say the same twice, or different things of the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from agent.inference.minilm import MiniLmEngine
from kb.conflicts import Conflict, Kind, compared_text, conflicts
from kb.passages import Passage, PassageKind, key_of
from kb.reading import read_source

#: A title and a text.
Said = tuple[str, str]

CONTRADICTIONS: list[tuple[Said, Said]] = [
    (("Opening hours", "We are open till 5."), ("When are you open?", "We are open till 6.")),
    (("Hours", "We're open Monday to Friday from 9 a.m. to 5 p.m."), ("Opening", "We are open from 9-6, Mon-Fri.")),
    (("Saturday hours", "On Saturdays we open at 9."), ("Are you open on Saturday?", "We open at 8:30 on Saturdays.")),
    (("Hours", "We are open Monday to Friday."), ("When are you open?", "We are open Monday to Saturday.")),
    (("Sundays", "We are closed on Sundays."), ("Are you open on Sunday?", "We are open on Sundays.")),
    (("About us", "We are open until 5 p.m. on Saturdays."), ("The salon", "We are open until 6 p.m. on Saturdays.")),
    (("Do you take Delta Dental?", "Yes, we take Delta Dental."), ("Delta Dental", "We do not take Delta Dental.")),
    (("Do you take Delta?", "Yes."), ("Do you take Delta?", "No.")),
    (("How much is a cleaning?", "A cleaning costs $95."), ("Cleanings", "A cleaning is $120.")),
    (("Late cancellation", "The fee for it is $50."), ("What if I cancel late?", "The late cancellation fee is $60.")),
    (
        ("Cancelling", "You can cancel up to 24 hours before."),
        ("Can I cancel?", "You can cancel up to two days before."),
    ),
    (("Senior discount", "Seniors get 10% off."), ("Discounts for seniors", "Seniors get 15 percent off.")),
    (
        ("Warranty", "Repairs carry a 12-month warranty."),
        ("How long is the warranty?", "Repairs carry a two-year warranty."),
    ),
]
NO_CONTRADICTIONS: list[tuple[Said, Said]] = [
    (("Crowns", "A crown costs $1,200."), ("Fillings", "A filling costs $200.")),
    (("Crown", "It costs $1,200."), ("Filling", "It costs $200.")),
    (("Deep cleaning", "The treatment takes 60 minutes."), ("Whitening", "The treatment takes 90 minutes.")),
    (("Hours", "We are open till 5."), ("Holiday hours", "We are open till 3.")),
    (("Parts counter", "We are open till 6 on Saturdays."), ("Workshop", "We are open till 5 on Saturdays.")),
    (("Saturday", "On Saturdays we are open till 3."), ("Sunday", "On Sundays we are open till 1.")),
    (("Mondays", "We are closed on Mondays."), ("Sundays", "We are closed on Sundays.")),
    (
        ("Cleaning for adults", "A cleaning for adults is $95."),
        ("Cleaning for children", "A cleaning for children is $60."),
    ),
    (("Cleaning", "A cleaning is $95."), ("Cleaning for children", "A cleaning for children is $60.")),
    (("Cleaning", "A cleaning is $95."), ("Prices", "A cleaning is $95 for adults and $60 for children.")),
    (("Front brakes", "Front brake pads are $180."), ("Rear brakes", "Rear brake pads are $160.")),
    (("Do you take Delta Dental?", "Yes, we take Delta."), ("Do you take DeltaCare?", "No, we do not take DeltaCare.")),
    (("Pets", "Dogs are welcome."), ("Pets in treatment", "Dogs are not welcome in the treatment rooms.")),
    (("Cancelling", "You can cancel free until a day before."), ("Late cancellation", "On the day the fee is $60.")),
    (("Cancelling", "You can cancel 24 hours before."), ("Can I cancel?", "You can cancel 1 day before.")),
    (("Loyalty points", "250 points are $15 off."), ("Loyalty points", "1,000 points are $75 off.")),
    (("Payment", "We take 3 cards."), ("Payment", "We take cards.")),
]
DUPLICATES: list[tuple[Said, Said]] = [
    (
        ("Where can I park?", "There are twelve free spaces behind it."),
        ("Parking", "There are 12 free spaces behind it."),
    ),
    (
        ("Do you take walk-ins?", "Yes, we take walk-ins if a chair is free."),
        ("Walk-ins", "We take walk-ins if a chair is free."),
    ),
    (("Parking", "Park behind the building."), ("Parking", "Park behind the building.")),
]
NO_DUPLICATES: list[tuple[Said, Said]] = [
    (("Do you clean gutters?", "Yes, twice a year, free."), ("Do you clean vents?", "Yes, twice a year, free.")),
    (("Front brakes", "We replace them for $180 in an hour."), ("Rear brakes", "We replace them for $160 in an hour.")),
    (("Walk-ins", "We take walk-ins on weekdays."), ("Walk-ins", "We do not take walk-ins on weekends.")),
    (("Haircut", "A haircut takes 45 minutes."), ("Beard trim", "A beard trim takes 45 minutes.")),
]  # fmt: skip


@pytest.fixture(scope="module")
def model() -> MiniLmEngine:
    return MiniLmEngine()


def found(model: MiniLmEngine, said: Sequence[Said]) -> list[Conflict]:
    passages = [Passage(key_of(title), PassageKind.FAQ, title, text, text) for title, text in said]
    return conflicts(passages, model.embed([compared_text(passage) for passage in passages]))


@pytest.mark.parametrize("pair", CONTRADICTIONS, ids=lambda pair: pair[1][1])
def test_two_values_or_yes_and_no_of_one_thing_are_a_contradiction(
    model: MiniLmEngine, pair: tuple[Said, Said]
) -> None:
    (conflict,) = found(model, pair)
    assert (conflict.kind, conflict.first, conflict.second) == (Kind.CONTRADICTION, 0, 1)
    assert all(quote.strip() for quote in conflict.quotes)


@pytest.mark.parametrize("pair", NO_CONTRADICTIONS, ids=lambda pair: pair[1][1])
def test_two_things_or_two_cases_are_none(model: MiniLmEngine, pair: tuple[Said, Said]) -> None:
    assert not [each for each in found(model, pair) if each.kind is Kind.CONTRADICTION]


@pytest.mark.parametrize("pair", DUPLICATES, ids=lambda pair: pair[1][1])
def test_the_same_in_nearly_the_same_words_is_a_duplicate(model: MiniLmEngine, pair: tuple[Said, Said]) -> None:
    assert [each.kind for each in found(model, pair)] == [Kind.DUPLICATE]


@pytest.mark.parametrize("pair", NO_DUPLICATES, ids=lambda pair: pair[1][1])
def test_the_same_words_of_something_else_are_no_duplicate(model: MiniLmEngine, pair: tuple[Said, Said]) -> None:
    assert found(model, pair) == []


def test_both_sentences_are_quoted(model: MiniLmEngine) -> None:
    hours = ("Opening hours", "Come in. We are open till 5. Ring twice."), ("When are you open?", "We are open till 6.")
    (conflict,) = found(model, [("Parking", "Behind the house."), *hours])
    assert (conflict.first, conflict.second) == (1, 2)
    assert conflict.quotes == ("We are open till 5.", "We are open till 6.")


@pytest.mark.parametrize("folder", sorted(Path("infra/local/knowledge").iterdir()), ids=lambda path: path.name)
def test_a_business_that_was_checked_by_hand_has_none(folder: Path) -> None:
    """Whatever their embeddings: every pair is held to be as alike as can be."""
    passages = [p for path in sorted(folder.iterdir()) for p in read_source(path.name, path.read_bytes()).passages]
    assert conflicts(passages, np.ones((len(passages), 1), np.float32)) == []


def test_nothing_and_one_have_no_conflicts(model: MiniLmEngine) -> None:
    assert conflicts([], np.zeros((0, 384), np.float32)) == []
    assert found(model, [("Hours", "We are open till 5.")]) == []
