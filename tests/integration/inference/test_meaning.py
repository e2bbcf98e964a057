"""Sentences become vectors in the inference process, as they are when the model runs here."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest

from agent.domain.errors import Blame, FleetError
from agent.inference.client import InferenceClient, InferenceUnavailable
from agent.inference.in_process import InProcessEmbedder
from agent.inference.messages import EMBEDDING_DIM, MOST_TEXTS, BadRequest
from agent.inference.minilm import MiniLmEngine
from agent.understanding.vectors import StoredVectors
from tests.integration.inference.desk import PATIENCE_S, until
from tests.unit.understanding import nlupp

TEXTS = [row.text for row in nlupp.rows("hotels", "held_back")[:20]]


@pytest.fixture(scope="module")
def engine() -> MiniLmEngine:
    return MiniLmEngine()


async def test_the_process_gives_the_vectors_that_are_stored(speech: InferenceClient) -> None:
    async def is_ready() -> bool:
        return (await speech.health(deadline_s=PATIENCE_S)).engines["minilm"].ready

    await until(is_ready)
    vectors = await speech.embed(TEXTS, deadline_s=PATIENCE_S)
    assert vectors.shape == (len(TEXTS), EMBEDDING_DIM)
    assert np.sum(vectors * StoredVectors.load(nlupp.VECTORS).of(TEXTS), axis=1).min() > 0.999


async def test_sentences_too_many_are_the_clients_fault(speech: InferenceClient) -> None:
    with pytest.raises(FleetError, match="texts") as caught:
        await speech.embed(["word"] * (MOST_TEXTS + 1), deadline_s=PATIENCE_S)
    assert caught.value.blame is Blame.CLIENT


async def test_without_a_process_it_is_said_to_be_away(tmp_path: Path) -> None:
    async with InferenceClient(tmp_path / "nobody.sock") as client:
        with pytest.raises(InferenceUnavailable):
            await client.embed(["word"], deadline_s=0.05)


async def test_in_this_process_the_vectors_are_the_same(engine: MiniLmEngine) -> None:
    vectors = await InProcessEmbedder().embed(TEXTS[:3], deadline_s=PATIENCE_S)
    assert np.array_equal(vectors, await asyncio.to_thread(engine.embed, TEXTS[:3]))


def test_alike_meanings_are_nearer_than_others(engine: MiniLmEngine) -> None:
    hours, opening, dog = engine.embed(["what are your hours", "when are you open", "my dog is sick"])
    assert hours @ opening > hours @ dog + 0.2


def test_a_very_long_text_costs_no_more_than_its_beginning(engine: MiniLmEngine) -> None:
    long, longer = engine.embed(["word " * 100, "word " * 300])
    assert np.array_equal(long, longer)


@pytest.mark.parametrize("payload", [b"", b"{}", b"[]", b"[1]", json.dumps(["x" * 3000]).encode()])
def test_what_is_no_list_of_sentences_is_refused(engine: MiniLmEngine, payload: bytes) -> None:
    with pytest.raises(BadRequest, match="expected"):
        engine.handle({}, payload)
