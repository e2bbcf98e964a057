"""Where the callers' words come from, and what a bad line makes of them."""

from __future__ import annotations

import json
import random
import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.evaluation.corpus import Corpus, all_turns
from loadtest.evaluation.phrasing import Facts, Phrasebook, spoken_digits
from loadtest.evaluation.spoken_when import spoken_day, time_phrases
from loadtest.evaluation.word_errors import ADDED, LOST, REPLACED, Tally, garbled

SGD = Path("tests/data/sgd")
#: The data's reference day, and what its phrases mean.
FRIDAY_THE_FIRST = date(2019, 3, 1)
FACTS = Facts("cleaning", datetime(2026, 12, 10, 10, 30), "Dana Smith", "5550123456")


def test_there_are_enough_real_turns_in_each_part() -> None:
    for part in ("held_back", "development"):
        assert len({turn.text for turn in all_turns() if turn.part == part}) >= 500


def test_no_turn_that_grammars_were_tuned_on_is_held_back() -> None:
    tuned = (SGD / "datetimes_development.jsonl").read_text().splitlines()
    utterances = {json.loads(row)["utterance"] for row in tuned}
    assert not {turn.text for turn in all_turns() if turn.part == "held_back"} & utterances
    parts = {(turn.text, turn.part) for turn in all_turns()}
    assert len(parts) == len({text for text, _ in parts})


def test_a_gap_is_filled_and_the_rest_is_as_it_was_said() -> None:
    words = Phrasebook(Corpus("held_back"), date(2026, 12, 1), random.Random(1))
    for _ in range(200):
        said = words.say("when", FACTS, {"time"})
        (turn,) = [turn for turn in all_turns() if turn.text == said.real and turn.kind == "when"]
        (gap,) = turn.gaps
        assert said.text.startswith(turn.text[: gap.start].replace('"', "'"))
        assert said.text.endswith(turn.text[gap.stop :].replace('"', "'"))


def test_what_the_data_has_no_turn_for_is_our_own() -> None:
    words = Phrasebook(Corpus("held_back"), date(2026, 12, 1), random.Random(1))
    said = words.ours("phone", FACTS)
    assert said.real is None
    assert "{" not in said.text


def test_days_mean_what_the_same_phrases_mean_in_the_data() -> None:
    meant: dict[str, date] = {}
    for name in ("development", "held_back"):
        for row in (SGD / f"datetimes_{name}.jsonl").read_text().splitlines():
            for kind, phrase, canonical in json.loads(row)["mentions"]:
                if kind == "date":
                    meant[phrase.lower()] = date.fromisoformat(canonical)
    checked = set()
    rng = random.Random(1)
    for ahead in range(1, 14):
        day = FRIDAY_THE_FIRST + timedelta(days=ahead)
        for _ in range(80):
            phrase = spoken_day(day, FRIDAY_THE_FIRST, rng, instead_of=rng.choice(["3rd", "tomorrow"])).lower()
            if phrase in meant:
                checked.add(phrase)
                assert meant[phrase] == day, phrase
    assert len(checked) > 50


def test_times_mean_what_the_data_says() -> None:
    assert len(time_phrases()) > 200
    assert sum(phrase.is_held_back for phrase in time_phrases()) > 50
    for phrase in time_phrases():
        if match := re.fullmatch(r"(\d\d):(\d\d)", phrase.text):
            assert phrase.at.isoformat("minutes") == match[0]


@pytest.mark.parametrize("number", ["5550123456", "3456", "23456"])
def test_digits_are_said_in_order_however_they_are_said(number: str) -> None:
    names = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    words = {name: str(digit) for digit, name in enumerate(names)}
    for seed in range(20):
        said = spoken_digits(number, random.Random(seed))
        for word, digit in words.items():
            said = said.replace(word, digit)
        assert "".join(filter(str.isdigit, said)) == number


def test_the_bad_line_gets_as_many_words_wrong_as_it_says() -> None:
    tally, rng = Tally(), random.Random(1)
    for turn in all_turns():
        garbled(turn.text, rng, tally)
    assert abs(tally.errors / tally.words - (REPLACED + LOST + ADDED)) < 0.01


@given(st.lists(st.from_regex(r"[a-z0-9:']{1,5}", fullmatch=True), min_size=1, max_size=4), st.integers(0, 1000))
def test_a_turn_never_vanishes_on_the_line(words: list[str], seed: int) -> None:
    assert garbled(" ".join(words), random.Random(seed), Tally()).split()
