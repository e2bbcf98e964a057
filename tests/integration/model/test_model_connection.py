"""What goes over a model's connection: opened before it is needed, with our key and nothing of the environment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from pydantic import SecretStr

from agent.domain.errors import ConfigError, DependencyUnavailable
from agent.domain.providers import Kind, parse_provider
from agent.providers.asked_once import THINKING_TOKENS, Member
from agent.providers.model_clients import model
from agent.runtime.accounts import Accounts
from tests.integration.model.chained import MOST_TOKENS, accounts_at, question

KEY = "sk-ours"


@dataclass
class Wire:
    """What a server saw.

    Attributes:
        seen: requests, with the port of the connection each came over.
    """

    url: str = ""
    seen: list[tuple[web.BaseRequest, int]] = field(default_factory=list)
    bodies: list[dict[str, object]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        self.seen.append((request, request.transport.get_extra_info("peername")[1]))
        if request.method == "POST":
            self.bodies.append(await request.json())
            return web.json_response({}, status=500)
        if request.path.endswith("/models"):
            return web.json_response({"object": "list", "data": []})
        return web.json_response({}, status=500)


@asynccontextmanager
async def wire() -> AsyncIterator[Wire]:
    watched = Wire()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", watched.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        watched.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield watched
    finally:
        await runner.cleanup()


async def ask(member: Member) -> None:
    with pytest.raises(DependencyUnavailable):
        async for _ in member.answer(question()):
            pass


def client(name: str, accounts: Accounts) -> Member:
    return model(parse_provider(Kind.MODEL, name), accounts)


@pytest.mark.parametrize("name", ["openai/a", "responses/a", "groq/a", "ollama/a", "compatible/a"])
async def test_the_connection_that_was_warmed_is_the_one_that_is_asked_over(name: str) -> None:
    async with wire() as watched:
        member = client(name, accounts_at(watched.url, key=KEY))
        await member.warm()
        await ask(member)
        await member.aclose()
    (warmed, warm_port), (asked, port) = watched.seen
    assert (warmed.method, warmed.path) == ("GET", "/openai/v1/models")
    assert (asked.method, port) == ("POST", warm_port)


@pytest.mark.parametrize("name", ["openai/a", "responses/a", "groq/a"])
async def test_our_key_is_sent_and_nothing_that_the_environment_says(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(variable, "theirs")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with wire() as watched:
        member = client(name, accounts_at(watched.url, key=KEY))
        await ask(member)
        await member.aclose()
    ((request, _),) = watched.seen
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert "theirs" not in str(request.headers)


@pytest.mark.parametrize("name", ["ollama/a", "compatible/a"])
async def test_where_no_key_is_set_none_is_sent(name: str) -> None:
    async with wire() as watched:
        base = f"{watched.url}/openai/v1"
        member = client(name, Accounts.model_construct(ollama_url=base, model_url=base))
        await ask(member)
        await member.aclose()
    assert "Authorization" not in watched.seen[0][0].headers


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("openai/a", {"max_completion_tokens": MOST_TOKENS}),
        ("ollama/a", {"max_tokens": MOST_TOKENS}),
        ("responses/a", {"max_output_tokens": MOST_TOKENS, "store": False}),
        ("groq/a", {"max_completion_tokens": MOST_TOKENS}),
        (
            "groq/openai/gpt-oss-120b",
            {"max_completion_tokens": MOST_TOKENS + THINKING_TOKENS, "reasoning_effort": "low"},
        ),
    ],
)
async def test_a_request_is_worded_as_the_vendor_wants_it(name: str, limit: dict[str, object]) -> None:
    async with wire() as watched:
        member = client(name, accounts_at(watched.url, key=KEY))
        await ask(member)
        await member.aclose()
    (body,) = watched.bodies
    assert {field: body.get(field) for field in limit} == limit
    assert body["temperature"] == 0
    assert ("stream" in body) is not name.startswith("groq"), "Groq streams nothing that has to be of a schema"


def test_a_vendor_without_an_account_cannot_be_asked() -> None:
    with pytest.raises(ConfigError, match="GROQ_API_KEY: required by groq/a"):
        client("groq/a", Accounts.model_construct(openai_key=SecretStr(KEY)))
