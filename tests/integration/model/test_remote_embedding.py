"""Embedding at an endpoint: what comes back, how it fails, and what is told of a caller."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp.web
import numpy as np
import pytest

from agent.bootstrap.embedders import EmbeddingModels
from agent.bootstrap.reported_embedding import embedding_provider
from agent.domain.errors import Blame, ConfigError, DeadlineExceeded, DependencyUnavailable, FleetError, Overloaded
from agent.runtime.completions import tokens_at_most
from agent.runtime.openai_endpoint import OpenAiEndpoint
from agent.runtime.settings import EmbeddingSettings
from kb.embedding import LOCAL_MODEL
from kb.remote_embedding import MOST_TEXTS, RemoteEmbedder
from loadtest.emulators.embeddings import EmbeddingsEmulator
from loadtest.emulators.gate import serving
from loadtest.emulators.profiles import EMBEDDING_PROFILES
from tests.providers import Reported
from tests.unit.understanding.demo import DENTAL

KEY, MODEL = "sk-secret", "small"
TEXTS = ["Where do I park?", "You park behind the house.", "We close at six."]
#: Long enough for loopback on a busy machine, short enough to wait for.
DEADLINE_S, SHORT_S = 10.0, 0.05


@asynccontextmanager
async def embedding(
    profile: str = "fast", *, key: str | None = KEY, model: str = MODEL, dimensions: int | None = None
) -> AsyncIterator[tuple[RemoteEmbedder, EmbeddingsEmulator]]:
    emulator = EmbeddingsEmulator(
        profile=EMBEDDING_PROFILES[profile], key=KEY, models=frozenset({MODEL}), dimensions=64
    )
    async with serving(emulator) as url:
        endpoint = OpenAiEndpoint(url, key, what="embedding")
        try:
            yield RemoteEmbedder(endpoint, model, dimensions), emulator
        finally:
            await endpoint.aclose()


@asynccontextmanager
async def answering(body: str, *, status: int = 200) -> AsyncIterator[RemoteEmbedder]:
    """An endpoint that always says the same."""

    class Parrot:
        def application(self) -> aiohttp.web.Application:
            app = aiohttp.web.Application()
            app.router.add_post("/v1/embeddings", self.say)
            return app

        async def say(self, _: aiohttp.web.Request) -> aiohttp.web.Response:
            return aiohttp.web.Response(text=body, status=status, headers={"Location": "/elsewhere"})

    async with serving(Parrot()) as url:
        endpoint = OpenAiEndpoint(url, KEY, what="embedding")
        try:
            yield RemoteEmbedder(endpoint, MODEL)
        finally:
            await endpoint.aclose()


async def test_texts_become_vectors_of_length_one_in_their_order() -> None:
    async with embedding() as (embedder, emulator):
        vectors = await embedder.embed(TEXTS, deadline_s=DEADLINE_S)
        alone = await embedder.embed(TEXTS[1:2], deadline_s=DEADLINE_S)
    assert (vectors.shape, vectors.dtype) == ((3, 64), np.float32)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1])
    assert vectors[1] == pytest.approx(alone[0])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    assert emulator.asked[0] == {"model": MODEL, "encoding_format": "float", "input": TEXTS}


async def test_as_many_dimensions_come_back_as_were_asked_for() -> None:
    async with embedding(dimensions=7) as (embedder, emulator):
        assert (await embedder.embed(TEXTS, deadline_s=DEADLINE_S)).shape == (3, 7)
    assert emulator.asked[0]["dimensions"] == 7


async def test_vectors_that_come_in_another_order_are_put_into_that_of_the_texts() -> None:
    rows = [{"index": 1, "embedding": [0, 2]}, {"index": 0, "embedding": [3, 0]}]
    async with answering(json.dumps({"data": rows})) as embedder:
        assert (await embedder.embed(TEXTS[:2], deadline_s=DEADLINE_S)).tolist() == [[1, 0], [0, 1]]


async def test_a_server_that_numbers_nothing_is_believed_to_answer_in_order() -> None:
    async with answering(json.dumps({"data": [{"embedding": [3, 0]}, {"embedding": [0, 2]}]})) as embedder:
        assert (await embedder.embed(TEXTS[:2], deadline_s=DEADLINE_S)).tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("profile", "error", "blame"),
    [
        ("failing", DependencyUnavailable, Blame.UPSTREAM),
        ("limited", Overloaded, Blame.UPSTREAM),
        ("hanging", DeadlineExceeded, Blame.UPSTREAM),
        ("stalling", DeadlineExceeded, Blame.UPSTREAM),
        ("malformed", DependencyUnavailable, Blame.UPSTREAM),
        ("dropping", DependencyUnavailable, Blame.UPSTREAM),
        ("flooding", DependencyUnavailable, Blame.UPSTREAM),
        ("short", DependencyUnavailable, Blame.UPSTREAM),
        ("unequal", DependencyUnavailable, Blame.UPSTREAM),
        ("nan", DependencyUnavailable, Blame.UPSTREAM),
        ("zero", DependencyUnavailable, Blame.UPSTREAM),
    ],
)
async def test_a_fault_is_an_error_that_blames_the_endpoint(
    profile: str, error: type[FleetError], blame: Blame
) -> None:
    deadline_s = SHORT_S if error is DeadlineExceeded else DEADLINE_S
    async with embedding(profile) as (embedder, _):
        with pytest.raises(error) as caught:
            await embedder.embed(TEXTS, deadline_s=deadline_s)
    assert (caught.value.blame, caught.value.retryable) == (blame, True)


async def test_an_endpoint_that_does_not_count_is_good_enough() -> None:
    async with embedding("uncounted") as (embedder, _):
        assert len(await embedder.embed(TEXTS, deadline_s=DEADLINE_S)) == 3


@pytest.mark.parametrize("wrong", [{"key": "sk-wrong"}, {"key": None}, {"model": "gone"}])
async def test_a_wrong_key_or_model_is_ours_to_mend_and_the_key_is_not_told(wrong: dict[str, str]) -> None:
    async with embedding(**wrong) as (embedder, _):  # type: ignore[arg-type]
        with pytest.raises(ConfigError) as caught:
            await embedder.embed(TEXTS, deadline_s=DEADLINE_S)
    assert not caught.value.retryable
    assert "sk-" not in str(caught.value)


async def test_where_nobody_listens_the_endpoint_is_away() -> None:
    endpoint = OpenAiEndpoint("http://127.0.0.1:9/v1", KEY, what="embedding")
    with pytest.raises(DependencyUnavailable):
        await RemoteEmbedder(endpoint, MODEL).embed(TEXTS, deadline_s=DEADLINE_S)
    await endpoint.aclose()


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"data": null}',
        '{"data": "abc"}',
        '{"data": [1, 2, 3]}',
        '{"data": [{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [1]}, {"index": 1, "embedding": [1]}]}',
        '{"data": [{"index": [], "embedding": [1]}, {"embedding": [1]}, {"embedding": [1]}]}',
        '{"data": [{"embedding": ["x"]}, {"embedding": ["y"]}, {"embedding": ["z"]}]}',
        '{"data": [{"embedding": [[1]]}, {"embedding": [[1]]}, {"embedding": [[1]]}]}',
        '{"data": [{"embedding": []}, {"embedding": []}, {"embedding": []}]}',
        '{"data": [{"embedding": null}, {"embedding": null}, {"embedding": null}]}',
        '{"data": [{"embedding": [1e308, 1e308]}, {"embedding": [1, 1]}, {"embedding": [1, 1]}]}',
        '{"data": ' + "[" * 5000 + "]" * 5000 + "}",
        json.dumps({"data": [{"embedding": [1] * 4001}] * 3}),
    ],
)  # fmt: skip
async def test_what_are_no_vectors_of_these_texts_is_refused(body: str) -> None:
    async with answering(body) as embedder:
        with pytest.raises(DependencyUnavailable):
            await embedder.embed(TEXTS, deadline_s=DEADLINE_S)


async def test_a_redirect_is_not_followed() -> None:
    async with answering("", status=307) as embedder:
        with pytest.raises(DependencyUnavailable, match="307"):
            await embedder.embed(TEXTS, deadline_s=DEADLINE_S)


async def test_a_model_that_changes_its_dimensions_is_refused() -> None:
    async with embedding() as (embedder, emulator):
        await embedder.embed(TEXTS, deadline_s=DEADLINE_S)
        emulator.dimensions = 12
        with pytest.raises(DependencyUnavailable, match="12 dimensions, expected 64"):
            await embedder.embed(TEXTS, deadline_s=DEADLINE_S)


@pytest.mark.parametrize("count", [0, MOST_TEXTS + 1])
async def test_no_texts_or_too_many_are_not_sent(count: int) -> None:
    async with embedding() as (embedder, emulator):
        with pytest.raises(FleetError):
            await embedder.embed(["x"] * count, deadline_s=DEADLINE_S)
    assert not emulator.asked


def settings_for(url: str) -> EmbeddingSettings:
    return EmbeddingSettings(embedding_url=url, embedding_model=MODEL, embedding_key=KEY)  # type: ignore[arg-type]


QUESTION = "My name is Dana Smith, my number is 555 012 3456, can I park behind the house?"


async def test_a_callers_name_and_number_do_not_leave_the_house() -> None:
    emulator = EmbeddingsEmulator()
    async with serving(emulator) as url:
        models = EmbeddingModels(settings_for(url), None)
        await models.for_questions(DENTAL)[MODEL].embed([QUESTION], deadline_s=DEADLINE_S)
        await models.aclose()
    (sent,) = emulator.asked[0]["input"]
    assert not re.search("dana|smith|555|3456", sent, re.IGNORECASE)
    assert "park behind the house" in sent


async def test_nothing_a_private_tenants_caller_asks_leaves_the_house() -> None:
    models = EmbeddingModels(settings_for("http://127.0.0.1:9/v1"), None)
    private = models.for_questions(replace(DENTAL, is_private=True))
    assert private.get(MODEL) is None
    assert private.wanted_by(is_private=True) == LOCAL_MODEL
    assert models.for_texts().wanted_by(is_private=False) == MODEL


@pytest.mark.parametrize(
    ("profile", "deadline_s", "is_paid"),
    [("fast", DEADLINE_S, True), ("hanging", SHORT_S, True), ("failing", DEADLINE_S, False)],
)
async def test_what_the_endpoint_may_bill_is_reported_as_an_estimate(
    profile: str, deadline_s: float, is_paid: bool
) -> None:
    reports = Reported()
    async with serving(EmbeddingsEmulator(profile=EMBEDDING_PROFILES[profile])) as url:
        models = EmbeddingModels(settings_for(url), None, reports)
        with contextlib.suppress(FleetError):
            await models.for_texts()[MODEL].embed([QUESTION], deadline_s=deadline_s)
        await models.aclose()
    paid = [("compatible", "tokens_in", tokens_at_most(len(QUESTION)))]
    assert reports.amounts() == (paid if is_paid else [])


def test_an_embedding_of_openai_is_priced_as_openais() -> None:
    assert embedding_provider("https://api.openai.com/v1", "small").name == "openai/small"
    assert embedding_provider("https://api.openai.com.example/v1", "small").name == "compatible/small"
