"""The emulated embeddings against OpenAI's own client, and against requests the API would refuse."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import openai
import pytest

from loadtest.emulators.embeddings import EmbeddingsEmulator
from loadtest.emulators.gate import serving
from loadtest.emulators.profiles import EMBEDDING_PROFILES

KEY, MODEL = "sk-test", "small"
TEXTS = ["Where do I park?", "You park behind the house.", "We close at six."]


@asynccontextmanager
async def client(profile: str = "fast") -> AsyncIterator[openai.AsyncOpenAI]:
    emulator = EmbeddingsEmulator(profile=EMBEDDING_PROFILES[profile], key=KEY, models=frozenset({MODEL}))
    async with serving(emulator) as url, openai.AsyncOpenAI(base_url=url, api_key=KEY, max_retries=0) as connected:
        yield connected


def likeness(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


async def test_vectors_are_ones_openais_client_reads_packed_or_not() -> None:
    async with client() as connected:
        packed = await connected.embeddings.create(model=MODEL, input=TEXTS)
        plain = await connected.embeddings.create(model=MODEL, input=TEXTS, encoding_format="float")
    assert [row.index for row in packed.data] == [0, 1, 2]
    for one, other in zip(packed.data, plain.data, strict=True):
        assert one.embedding == pytest.approx(other.embedding, abs=1e-6)
        assert math.hypot(*other.embedding) == pytest.approx(1)
    assert plain.usage.total_tokens == plain.usage.prompt_tokens > 0


async def test_texts_that_share_words_are_alike_and_the_same_text_is_the_same() -> None:
    async with client() as connected:
        got = await connected.embeddings.create(model=MODEL, input=[*TEXTS, TEXTS[0]])
    asked, answer, other, again = [row.embedding for row in got.data]
    assert likeness(asked, answer) > likeness(asked, other)
    assert asked == again


async def test_a_model_that_lets_one_choose_gives_as_many_dimensions_as_asked() -> None:
    async with client() as connected:
        got = await connected.embeddings.create(model=MODEL, input=TEXTS, dimensions=7)
    assert {len(row.embedding) for row in got.data} == {7}


async def test_two_models_vectors_have_nothing_in_common() -> None:
    async with serving(EmbeddingsEmulator()) as url, openai.AsyncOpenAI(base_url=url, api_key=KEY) as connected:
        one, other = [(await connected.embeddings.create(model=name, input=TEXTS)).data for name in ("one", "other")]
    assert abs(likeness(one[0].embedding, other[0].embedding)) < likeness(one[0].embedding, one[1].embedding)


@pytest.mark.parametrize(
    ("profile", "error"), [("failing", openai.InternalServerError), ("limited", openai.RateLimitError)]
)
async def test_faults_are_the_errors_openais_client_knows(profile: str, error: type[openai.APIStatusError]) -> None:
    async with client(profile) as connected:
        with pytest.raises(error):
            await connected.embeddings.create(model=MODEL, input=TEXTS)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"inputs": "x"}, 400),
        ({"input": None}, 400),
        ({"input": []}, 400),
        ({"input": ""}, 400),
        ({"input": ["x", ""]}, 400),
        ({"input": ["x"] * 2049}, 400),
        ({"model": None}, 400),
        ({"model": "gone"}, 404),
        ({"encoding_format": "int8"}, 400),
        ({"dimensions": 0}, 400),
        ({"dimensions": "7"}, 400),
        ({"user": "somebody", "dimensions": 7}, 200),
    ],
)
async def test_a_request_the_api_refuses_is_refused(change: dict[str, Any], status: int) -> None:
    body = {name: value for name, value in ({"model": MODEL, "input": "x"} | change).items() if value is not None}
    emulator = EmbeddingsEmulator(key=KEY, models=frozenset({MODEL}))
    headers = {"Authorization": f"Bearer {KEY}"}
    async with (
        serving(emulator) as url,
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{url}/embeddings", json=body) as response,
    ):
        answer = await response.json()
        assert response.status == status, answer
    assert ("error" in answer) is (status != 200)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer sk-wrong"}])
async def test_without_the_key_there_is_no_answer(headers: dict[str, str]) -> None:
    async with serving(EmbeddingsEmulator(key=KEY)) as url, aiohttp.ClientSession(headers=headers) as session:
        async with session.post(f"{url}/embeddings", json={"model": MODEL, "input": "x"}) as response:
            assert response.status == 401
        async with session.get(f"{url}/models") as response:
            assert response.status == 401


def test_the_command_serves_until_it_is_interrupted() -> None:
    command = [sys.executable, "-m", "loadtest.emulators", "embeddings", "--profile", "far", "--dimensions", "16"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("http://127.0.0.1:")
        finally:
            process.terminate()
        assert process.wait(timeout=20) == 0
