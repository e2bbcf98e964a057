"""OpenAI's chat and responses: its plugin over all of its transports, and events by the types of OpenAI's client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from livekit.agents import APIConnectionError, APIConnectOptions, APIError, APIStatusError, APITimeoutError, llm
from livekit.agents.utils import http_context
from livekit.plugins import openai
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from tests.integration.emulators.served import BRIEFLY, KEY, ONCE, SCRIPT, Served, served
from tests.integration.emulators.vendors_types import unknown

CHAT, EVENTS, SOCKET = "chat", "events", "socket"
ALL = [CHAT, EVENTS, SOCKET]
KINDS = {CHAT: "chat", EVENTS: "responses", SOCKET: "responses"}
ASKED = "When are you open?"
ANSWER = SCRIPT.says(ASKED)


@asynccontextmanager
async def model_of(on: Served, way: str, *, key: str = KEY) -> AsyncIterator[llm.LLM]:
    base = f"{on.url}/openai/v1"
    made: dict[str, Any] = {
        CHAT: lambda: openai.LLM(model="gpt-4.1", api_key=key, base_url=base),
        EVENTS: lambda: openai.responses.LLM(model="gpt-4.1", api_key=key, base_url=base, use_websocket=False),
        SOCKET: lambda: openai.responses.LLM(model="gpt-4.1", api_key=key, base_url=f"{base}/responses"),
    }
    model: llm.LLM = made[way]()
    http_context._new_session_ctx()
    try:
        yield model
    finally:
        await model.aclose()
        await http_context._close_http_ctx()


@dataclass
class Heard:
    text: str = ""
    usage: llm.CompletionUsage | None = None
    context: llm.ChatContext = field(default_factory=llm.ChatContext.empty)


async def ask(model: llm.LLM, words: str, *, heard: Heard | None = None, options: APIConnectOptions = ONCE) -> Heard:
    """One turn of a conversation."""
    heard = heard or Heard()
    heard.context.add_message(role="user", content=words)
    heard.text = ""
    async with model.chat(chat_ctx=heard.context, conn_options=options) as stream:
        async for chunk in stream:
            heard.text += (chunk.delta.content or "") if chunk.delta else ""
            heard.usage = chunk.usage or heard.usage
    heard.context.add_message(role="assistant", content=heard.text)
    return heard


@pytest.mark.parametrize("way", ALL)
async def test_the_plugin_gets_the_whole_answer_and_its_usage(way: str) -> None:
    async with served() as on, model_of(on, way) as model:
        heard = await ask(model, ASKED)
        counts = await on.counts(KINDS[way])
    assert heard.text == ANSWER
    assert heard.usage is not None
    assert heard.usage.total_tokens == heard.usage.prompt_tokens + heard.usage.completion_tokens
    assert (heard.usage.prompt_tokens, heard.usage.completion_tokens) == (
        counts["input_tokens"], counts["output_tokens"]
    )  # fmt: skip


@pytest.mark.parametrize("way", [EVENTS, SOCKET])
async def test_a_conversation_goes_on_from_the_response_before(way: str) -> None:
    async with served() as on, model_of(on, way) as model:
        first = await ask(model, ASKED)
        before = first.usage
        second = await ask(model, "I want to book.", heard=first)
    assert json.loads(second.text) == {"wish": "book"}
    assert before is not None
    assert second.usage is not None
    assert second.usage.prompt_tokens > before.total_tokens, "what was before is billed again"


@pytest.mark.parametrize(
    ("way", "fault", "options", "error", "status", "is_begun"),
    [
        (CHAT, "limited", ONCE, APIStatusError, 429, False),
        (CHAT, "failing", ONCE, APIStatusError, 500, False),
        (CHAT, "hanging", BRIEFLY, APITimeoutError, None, False),
        (CHAT, "mute", BRIEFLY, APITimeoutError, None, False),
        (CHAT, "stalling", BRIEFLY, APITimeoutError, None, True),
        (CHAT, "dripping", BRIEFLY, APITimeoutError, None, True),
        (CHAT, "dropping", ONCE, APIConnectionError, None, True),
        (CHAT, "malformed", ONCE, APIConnectionError, None, False),
        (EVENTS, "limited", ONCE, APIStatusError, 429, False),
        (EVENTS, "failing", ONCE, APIStatusError, 500, False),
        (EVENTS, "hanging", BRIEFLY, APITimeoutError, None, False),
        (EVENTS, "mute", BRIEFLY, APITimeoutError, None, False),
        (EVENTS, "stalling", BRIEFLY, APITimeoutError, None, True),
        (EVENTS, "dripping", BRIEFLY, APITimeoutError, None, True),
        (EVENTS, "dropping", ONCE, APIConnectionError, None, True),
        (EVENTS, "malformed", ONCE, APIConnectionError, None, False),
        (SOCKET, "limited", ONCE, APIConnectionError, None, False),
        (SOCKET, "failing", ONCE, APIConnectionError, None, False),
        (SOCKET, "dropping", ONCE, APIStatusError, 1011, True),
        (SOCKET, "malformed", ONCE, APIConnectionError, None, False),
    ],
)
async def test_a_fault_is_the_error_the_plugin_knows_and_the_next_turn_is_answered(
    way: str, fault: str, options: APIConnectOptions, error: type[APIError], status: int | None, is_begun: bool
) -> None:
    heard = Heard()
    async with served() as on, model_of(on, way) as model:
        await on.order("faults", kind=KINDS[way], fault=fault)
        with pytest.raises(error) as caught:
            await ask(model, ASKED, heard=heard, options=options)
        again = await ask(model, ASKED)
    if status is not None:
        assert isinstance(caught.value, APIStatusError)
        assert caught.value.status_code == status
    assert bool(heard.text) is is_begun
    assert again.text == ANSWER


@pytest.mark.parametrize("fault", ["mute", "stalling"])
async def test_on_a_socket_that_says_no_more_the_plugin_waits_for_as_long_as_it_is_let(fault: str) -> None:
    heard = Heard()
    async with served() as on, model_of(on, SOCKET) as model:
        await on.order("faults", kind="responses", fault=fault)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.4):  # more than the plugin was given
                await ask(model, ASKED, heard=heard, options=BRIEFLY)
        again = await ask(model, ASKED)
    assert bool(heard.text) is (fault == "stalling")
    assert again.text == ANSWER


@pytest.mark.parametrize("fault", ["limited", "failing"])
async def test_on_a_socket_that_is_open_a_refusal_is_an_event_and_it_stays_open(fault: str) -> None:
    async with served() as on, model_of(on, SOCKET) as model:
        await ask(model, ASKED)
        await on.order("faults", kind="responses", fault=fault)
        with pytest.raises(APIStatusError, match="Rate limit" if fault == "limited" else "server had an error"):
            await ask(model, ASKED)
        again = await ask(model, ASKED)
    assert again.text == ANSWER


@pytest.mark.parametrize("way", ALL)
async def test_another_key_is_refused(way: str) -> None:
    async with served() as on, model_of(on, way, key="another") as model:
        with pytest.raises(APIError):
            await ask(model, ASKED)
        counts = await on.counts(KINDS[way])
    assert counts["refused"] == 1


_EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
#: In the API's own examples of a response, and not in the type.
_BEYOND = {"store"}


async def events(on: Served, **changes: Any) -> list[dict[str, Any]]:
    body = {"model": "gpt-4.1", "input": ASKED, "stream": True} | changes
    lines = (await on.posted("responses", body)).splitlines()
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


@pytest.mark.parametrize("fault", ["none", "declining", "truncated", "uncounted"])
async def test_every_event_of_a_response_is_of_the_vendors_schema_and_they_are_numbered(fault: str) -> None:
    async with served() as on:
        await on.order("faults", kind="responses", fault=fault)
        come = await events(on)
    for event in come:
        checked = _EVENT.validate_python(event)
        assert set(unknown(checked)) <= _BEYOND, event["type"]
    assert [event["sequence_number"] for event in come] == list(range(len(come)))
    assert (come[0]["type"], come[1]["type"]) == ("response.created", "response.in_progress")
    assert come[-1]["type"] == ("response.incomplete" if fault == "truncated" else "response.completed")


async def test_a_whole_response_is_of_the_vendors_schema() -> None:
    async with served() as on:
        body = {"model": "gpt-4.1", "input": [{"role": "user", "content": ASKED}]}
        response = Response.model_validate_json(await on.posted("responses", body))
    assert set(unknown(response)) <= _BEYOND
    assert response.output_text == ANSWER


@pytest.mark.parametrize(
    "changes",
    [
        {"messages": []},
        {"input": []},
        {"input": [{"role": "caller", "content": "x"}]},
        {"input": [{"role": "user", "content": [{"type": "input_image"}]}]},
        {"model": ""},
        {"max_output_tokens": 3},
        {"temperature": 3},
        {"previous_response_id": "resp_gone"},
        {"text": {"format": {"type": "json_schema"}}},
        {"text": {"format": {"type": "json_schema", "name": "x", "strict": True, "schema": {"type": "array"}}}},
    ],
)
async def test_a_request_the_api_refuses_is_refused(changes: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    async with served() as on:
        body = {"model": "gpt-4.1", "input": ASKED} | changes
        async with on.session.post(f"{on.url}/openai/v1/responses", json=body, headers=headers) as got:
            answer = await got.json()
            assert got.status == 400, answer
    assert answer["error"]["message"]
