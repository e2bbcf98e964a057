"""What the emulated chat and embeddings send, by the types of OpenAI's client: no field beyond them, at any depth."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai.types import CreateEmbeddingResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from tests.integration.emulators.served import SCRIPT, served
from tests.integration.emulators.vendors_types import unknown

ASKED = "When are you open?"


def chat(**more: Any) -> dict[str, Any]:
    return {"model": "gpt-4.1", "messages": [{"role": "user", "content": ASKED}], **more}


@pytest.mark.parametrize("fault", ["none", "declining", "truncated", "uncounted"])
async def test_every_chunk_of_a_chat_is_of_the_vendors_schema(fault: str) -> None:
    async with served() as on:
        await on.order("faults", kind="chat", fault=fault)
        lines = (
            await on.posted("chat/completions", chat(stream=True, stream_options={"include_usage": True}))
        ).splitlines()
    come = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    assert come.pop() == "[DONE]"
    chunks = [ChatCompletionChunk.model_validate_json(each) for each in come]
    assert [name for chunk in chunks for name in unknown(chunk)] == []
    assert len({chunk.id for chunk in chunks}) == 1
    assert (chunks[-1].usage is None) == (fault == "uncounted")


@pytest.mark.parametrize("fault", ["none", "declining", "truncated", "uncounted"])
async def test_a_whole_chat_is_of_the_vendors_schema(fault: str) -> None:
    async with served() as on:
        await on.order("faults", kind="chat", fault=fault)
        completion = ChatCompletion.model_validate_json(await on.posted("chat/completions", chat()))
    assert [*unknown(completion)] == []
    if fault == "none":
        assert completion.choices[0].message.content == SCRIPT.says(ASKED)


async def test_vectors_are_of_the_vendors_schema() -> None:
    async with served() as on:
        body = {"model": "text-embedding-3-small", "input": [ASKED, "At eight."], "encoding_format": "float"}
        answer = CreateEmbeddingResponse.model_validate_json(await on.posted("embeddings", body))
    assert [*unknown(answer)] == []
    assert [each.index for each in answer.data] == [0, 1]


def test_a_field_beyond_a_type_is_found_at_any_depth() -> None:
    usage = {"prompt_tokens": 1, "total_tokens": 1, "spare": 1}
    row = {"object": "embedding", "index": 0, "embedding": [1.0], "colour": "red"}
    made = {"object": "list", "model": "small", "data": [row], "usage": usage}
    assert sorted(unknown(CreateEmbeddingResponse.model_validate_json(json.dumps(made)))) == ["colour", "spare"]
