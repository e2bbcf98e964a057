"""The emulated model against OpenAI's own client, and against requests the API would refuse."""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import openai
import pytest

from agent.understanding.model_answers import schema_of
from kb.addresses import without_addresses
from kb.reading import read_source
from kb.supported import is_supported
from loadtest.emulators.chat import ChatEmulator
from loadtest.emulators.chat_script import load_script
from loadtest.emulators.gate import serving
from loadtest.emulators.profiles import PROFILES
from tests.integration.model.emulated import KEY, SCRIPT, SMALL, WORDS
from tests.unit.understanding.demo import DENTAL

ASK = [{"role": "user", "content": WORDS}]
RIVERSIDE = Path("loadtest/emulators/riverside.yaml")


@asynccontextmanager
async def client(profile: str = "fast", **options: Any) -> AsyncIterator[openai.AsyncOpenAI]:
    """OpenAI's client, which knows the wire better than we do."""
    emulator = ChatEmulator(SCRIPT, profile=PROFILES[profile], key=KEY, models=frozenset({SMALL}), **options)
    async with serving(emulator) as url, openai.AsyncOpenAI(base_url=url, api_key=KEY, max_retries=0) as connected:
        yield connected


async def test_a_whole_answer_is_one_openais_client_reads() -> None:
    async with client() as connected:
        got = await connected.chat.completions.create(
            model=SMALL, messages=ASK, response_format={"type": "json_schema", "json_schema": schema_of(DENTAL)}  # type: ignore[arg-type, typeddict-item]
        )  # fmt: skip
    assert got.choices[0].finish_reason == "stop"
    assert '"cancel"' in (got.choices[0].message.content or "")
    assert got.usage is not None
    assert got.usage.total_tokens == got.usage.prompt_tokens + got.usage.completion_tokens > 0


async def test_a_streamed_answer_says_the_same_and_ends_with_its_usage() -> None:
    async with client() as connected:
        stream = await connected.chat.completions.create(
            model=SMALL, messages=ASK, stream=True, stream_options={"include_usage": True}  # type: ignore[arg-type]
        )  # fmt: skip
        chunks = [chunk async for chunk in stream]
        whole = await connected.chat.completions.create(model=SMALL, messages=ASK)  # type: ignore[arg-type]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage is not None


async def test_an_answer_is_no_longer_than_was_asked_for() -> None:
    async with client() as connected:
        got = await connected.chat.completions.create(model=SMALL, messages=ASK, max_tokens=3)  # type: ignore[arg-type]
    assert got.choices[0].finish_reason == "length"
    assert got.usage is not None
    assert got.usage.completion_tokens <= 3


async def test_a_model_that_declines_says_so_in_a_field_of_its_own() -> None:
    async with client("declining") as connected:
        got = await connected.chat.completions.create(model=SMALL, messages=ASK)  # type: ignore[arg-type]
    assert got.choices[0].message.content is None
    assert got.choices[0].message.refusal


@pytest.mark.parametrize(
    ("profile", "error"),
    [("failing", openai.InternalServerError), ("limited", openai.RateLimitError)],
)
async def test_faults_are_the_errors_openais_client_knows(profile: str, error: type[openai.APIStatusError]) -> None:
    async with client(profile) as connected:
        with pytest.raises(error) as caught:
            await connected.chat.completions.create(model=SMALL, messages=ASK)  # type: ignore[arg-type]
    if profile == "limited":
        assert "retry-after" in caught.value.response.headers
        assert caught.value.code == "rate_limit_exceeded"


async def test_models_are_listed() -> None:
    async with client() as connected:
        assert [model.id async for model in connected.models.list()] == [SMALL]


def strict(**schema: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": schema}}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"max_token": 60}, 400),
        ({"messages": []}, 400),
        ({"messages": None}, 400),
        ({"messages": [{"role": "caller", "content": "x"}]}, 400),
        ({"messages": [{"role": "user", "content": 3}]}, 400),
        ({"model": ""}, 400),
        ({"model": "gone"}, 404),
        ({"max_tokens": 0}, 400),
        ({"max_tokens": 9, "max_completion_tokens": 9}, 400),
        ({"temperature": 3}, 400),
        ({"stream": "yes"}, 400),
        ({"stream_options": {"include_usage": True}}, 400),
        ({"response_format": {"type": "json_schema"}}, 400),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "a b", "schema": {}}}}, 400),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}}, 400),
        ({"response_format": {"type": "json_object"}}, 400),
        ({"response_format": strict(type="object", properties={}, required=[])}, 400),
        ({"response_format": strict(type="object", properties={"a": {"type": "string"}}, required=[],
                                    additionalProperties=False)}, 400),
        ({"response_format": strict(type="object", properties={"a": {"type": "string", "minLength": 1}},
                                    required=["a"], additionalProperties=False)}, 400),
        ({"response_format": strict(type="array")}, 400),
        ({"response_format": {"type": "text"}}, 200),
    ],
)  # fmt: skip
async def test_a_request_the_api_refuses_is_refused(change: dict[str, Any], status: int) -> None:
    body = {name: value for name, value in ({"model": SMALL, "messages": ASK} | change).items() if value is not None}
    emulator = ChatEmulator(SCRIPT, key=KEY, models=frozenset({SMALL}))
    async with serving(emulator) as url, aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as session:
        async with session.post(f"{url}/chat/completions", json=body) as response:
            answer = await response.json()
            assert response.status == status, answer
        assert ("error" in answer) is (status != 200)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer sk-wrong"}])
async def test_without_the_key_there_is_no_answer(headers: dict[str, str]) -> None:
    async with serving(ChatEmulator(SCRIPT, key=KEY)) as url, aiohttp.ClientSession(headers=headers) as session:
        async with session.post(f"{url}/chat/completions", data=b"{") as response:
            assert response.status == 401
        async with session.get(f"{url}/models") as response:
            assert response.status == 401


async def test_a_body_that_is_no_json_is_refused() -> None:
    async with (
        serving(ChatEmulator(SCRIPT)) as url,
        aiohttp.ClientSession() as session,
        session.post(f"{url}/chat/completions", data=b"{") as response,
    ):
        assert response.status == 400


def test_a_profiles_latencies_have_its_median_and_come_again_with_its_seed() -> None:
    profile = PROFILES["gpt-4o-mini"]
    dice = random.Random(3)
    drawn = [profile.latency_s(dice) for _ in range(4000)]
    assert statistics.median(drawn) * 1000 == pytest.approx(profile.median_ms, rel=0.05)
    assert drawn[0] == profile.latency_s(random.Random(3))


def test_the_script_that_is_shipped_answers_within_our_schema() -> None:
    script = load_script(RIVERSIDE)
    fields = schema_of(DENTAL)["schema"]["properties"]
    for _, says in [*script.answers, ("", script.otherwise)]:
        if set(says) in ({"answer", "passages"}, {"ready"}):  # of a passage; of a probe
            continue
        assert set(says) == set(fields)
        assert says["wish"] in fields["wish"]["enum"]
        assert says["service"] in fields["service"]["enum"]


@pytest.mark.parametrize(
    ("asked", "source", "key", "is_true"),
    [
        ("do you take cigna", "insurance.md", "plans-we-are-in-network-with", True),
        ("how long does an implant take", "services.md", "how-implants-work", True),
        ("does an implant hurt", "services.md", "how-implants-work", False),
    ],
)
def test_the_script_that_is_shipped_picks_sentences_of_the_demo_business_and_makes_one_up(
    asked: str, source: str, key: str, is_true: bool
) -> None:
    read = read_source(source, (Path("infra/local/knowledge/riverside-dental") / source).read_bytes())
    passage = next(each for each in read.passages if each.key == key)
    assert len(passage.text) > len(passage.spoken), "it is long enough to be shortened"
    says = json.loads(load_script(RIVERSIDE).says(asked))
    assert is_supported(says["answer"], [without_addresses(passage.text)]) is is_true


def test_a_table_of_another_form_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("answers: 3\n")
    with pytest.raises(ValueError, match="expected answers"):
        load_script(broken)


def test_the_command_serves_until_it_is_interrupted() -> None:
    command = [sys.executable, "-m", "loadtest.emulators", "chat", "--script", str(RIVERSIDE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("http://127.0.0.1:")
        finally:
            process.terminate()
        assert process.wait(timeout=20) == 0
