"""The cascade: each step where the one before left something open, and the call goes on without one that is away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest
from structlog.testing import capture_logs

from agent.domain.facts import Emergency, Expect, Facts, Step, Wish
from agent.inference.messages import InferenceUnavailable
from agent.understanding import Cascade
from agent.understanding.cascade import ACCEPT, CONFIRM, GRAMMAR_CONFIDENCE, MOST_CONFIDENCE, with_meaning
from agent.understanding.intents import FloatArray
from agent.understanding.interpreter import Puzzle
from agent.understanding.meaning import Meaning, installed_models
from agent.understanding.vectors import StoredVectors
from tests.unit.understanding.demo import DENTAL, SATURDAY
from tests.unit.understanding.vectors import CALLERS


class Stored:
    """Vectors that were computed before; counts what it is asked."""

    def __init__(self) -> None:
        self.is_away = False
        self.asked: list[str] = []
        self._stored = StoredVectors.load(CALLERS / "vectors.npz")

    async def embed(self, texts: Sequence[str], *, deadline_s: float) -> FloatArray:
        self.asked += texts
        if self.is_away:
            raise InferenceUnavailable("nobody listens")
        return self._stored.of(texts)


class Model:
    """A third step that knows one answer."""

    def __init__(self, answer: Facts | None) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def interpret(self, puzzle: Puzzle) -> Facts | None:
        self.asked.append(puzzle.words)
        return self.answer


@pytest.fixture
def embedder() -> Stored:
    return Stored()


@pytest.fixture
def cascade(embedder: Stored) -> Cascade:
    return Cascade(DENTAL, embedder, installed_models())


async def test_what_the_grammar_settles_goes_no_further(cascade: Cascade, embedder: Stored) -> None:
    facts = await cascade.understand("Thursday after three", Expect.WHEN, SATURDAY)
    assert facts.when is not None
    assert (facts.step, facts.confidence, facts.is_doubtful) == (Step.GRAMMAR, GRAMMAR_CONFIDENCE, False)
    assert embedder.asked == []


def test_what_the_grammar_remembers_is_of_the_same_second_question_and_words(cascade: Cascade) -> None:
    midnight = SATURDAY.astimezone(DENTAL.zone).replace(hour=23, minute=59, second=59, microsecond=500_000)
    today = cascade.grammar("Tomorrow.", Expect.WHEN, midnight)
    assert cascade.grammar("Tomorrow.", Expect.WHEN, midnight + timedelta(seconds=0.4)) == today
    assert cascade.grammar("Tomorrow.", Expect.WHEN, midnight + timedelta(seconds=0.6)) != today
    assert cascade.grammar("Two.", Expect.CHOICE, midnight) != cascade.grammar("Two.", Expect.WHEN, midnight)
    for number in range(100):  # what exceeds its memory is read again
        assert cascade.grammar(
            f"At {number % 12 + 1}.", Expect.WHEN, midnight + timedelta(minutes=number)
        ).is_understood
    assert cascade.grammar("Tomorrow.", Expect.WHEN, midnight) == today


async def test_a_wish_in_words_no_grammar_knows_is_read_by_its_meaning(cascade: Cascade) -> None:
    facts = await cascade.understand("scrap my appointment", Expect.SERVICE, SATURDAY)
    assert facts.wishes == {Wish.CANCEL}
    assert facts.step is Step.EMBEDDING
    assert CONFIRM <= facts.confidence <= MOST_CONFIDENCE
    assert facts.is_doubtful is (facts.confidence < ACCEPT)


async def test_a_service_that_is_described_is_only_a_guess(cascade: Cascade) -> None:
    facts = await cascade.understand("I think I have a hole in my tooth", Expect.SERVICE, SATURDAY)
    assert facts.service_id == "filling"
    assert facts.is_doubtful


async def test_an_emergency_known_by_its_meaning_alone_is_never_certain(cascade: Cascade) -> None:
    facts = await cascade.understand("help me he's going to hurt me", Expect.SERVICE, SATURDAY)
    assert facts.emergency is Emergency.DANGER
    assert facts.is_doubtful


async def test_nothing_known_is_nothing_understood(cascade: Cascade) -> None:
    facts = await cascade.understand("my dog ate it", Expect.SERVICE, SATURDAY)
    assert not facts.is_understood
    assert (facts.confidence, facts.is_doubtful) == (0.0, False)


async def test_while_the_embedder_is_away_the_grammar_answers_and_says_so_once(
    cascade: Cascade, embedder: Stored
) -> None:
    embedder.is_away = True
    with capture_logs() as logs:
        for _ in range(3):
            facts = await cascade.understand("scrap my appointment", Expect.SERVICE, SATURDAY)
    assert facts == cascade.grammar("scrap my appointment", Expect.SERVICE, SATURDAY)
    assert [entry["event"] for entry in logs] == ["understanding.embedding_away"]
    assert (cascade.failures, len(embedder.asked)) == (1, 1)


async def test_a_third_step_is_asked_only_where_both_others_failed(cascade: Cascade) -> None:
    cascade.interpreter = model = Model(Facts(wishes=frozenset({Wish.BOOK}), confidence=0.7, is_doubtful=True))
    await cascade.understand("Thursday after three", Expect.WHEN, SATURDAY)
    await cascade.understand("scrap my appointment", Expect.SERVICE, SATURDAY)
    assert model.asked == []
    facts = await cascade.understand("my dog ate it", Expect.SERVICE, SATURDAY)
    assert (facts.step, facts.confidence, facts.text) == (Step.MODEL, 0.7, "my dog ate it")


async def test_what_a_third_step_says_is_doubtful_even_if_it_does_not_say_so(cascade: Cascade) -> None:
    cascade.interpreter = Model(Facts(wishes=frozenset({Wish.CANCEL})))
    assert (await cascade.understand("my dog ate it", Expect.SERVICE, SATURDAY)).is_doubtful


async def test_a_third_step_that_knows_no_better_leaves_it_at_that(cascade: Cascade) -> None:
    cascade.interpreter = Model(None)
    facts = await cascade.understand("my dog ate it", Expect.SERVICE, SATURDAY)
    assert not facts.is_understood


def test_a_meaning_never_takes_away_what_the_grammar_read() -> None:
    known = Facts(name="Dana Smith", wishes=frozenset({Wish.BOOK}))
    facts = with_meaning(known, Meaning(((Wish.HUMAN, 0.9), (Wish.MOVE, 0.5)), None, None))
    assert (facts.name, facts.wishes) == ("Dana Smith", frozenset({Wish.BOOK, Wish.HUMAN}))
    assert facts.confidence == pytest.approx(0.9)
    assert not facts.is_doubtful


def test_a_goodbye_known_by_its_meaning_alone_is_always_asked_about() -> None:
    facts = with_meaning(Facts(), Meaning(((Wish.GOODBYE, 0.99),), None, None))
    assert facts.is_doubtful


def test_an_appointment_that_is_spoken_of_is_not_one_that_is_wished() -> None:
    spoken_of = Facts(wishes=frozenset({Wish.BOOK}))
    assert with_meaning(spoken_of, Meaning(((Wish.CANCEL, 0.9), (Wish.BOOK, 0.1)))).wishes == {Wish.CANCEL}
    both = with_meaning(spoken_of, Meaning(((Wish.CANCEL, 0.9), (Wish.BOOK, 0.8))))
    assert both.wishes == {Wish.CANCEL, Wish.BOOK}


def test_no_likeness_is_stated_to_be_certain() -> None:
    facts = with_meaning(Facts(), Meaning(((Wish.HUMAN, 0.9999),)))
    assert (facts.confidence, facts.is_doubtful) == (MOST_CONFIDENCE, False)


def test_below_the_least_confidence_nothing_is_added() -> None:
    low = np.nextafter(CONFIRM, 0)
    assert with_meaning(Facts(), Meaning(((Wish.HUMAN, low),), (Emergency.GAS, low), None)) == Facts()
