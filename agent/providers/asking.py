"""A question to a model, small and with a form to fill in, by the official plugin."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from livekit.agents import APIConnectOptions, llm

from agent.domain.errors import ConfigError
from agent.domain.providers import Provider
from agent.providers.catalogue import ACCESS, address, key_variable
from agent.runtime.accounts import Accounts

_ASKED = 'Are you ready? Answer in JSON, with "ready".'
_FORM = {
    "type": "object",
    "properties": {"ready": {"type": "boolean"}},
    "required": ["ready"],
    "additionalProperties": False,
}
_MOST_TOKENS = 16

Ask = Callable[[APIConnectOptions], AsyncIterator[str]]


@asynccontextmanager
async def model_of(provider: Provider, accounts: Accounts) -> AsyncIterator[Ask]:
    """Asks the provider once; what is given comes in pieces."""
    model, extra = _opened(provider, accounts)

    async def ask(options: APIConnectOptions) -> AsyncIterator[str]:
        context = llm.ChatContext.empty()
        context.add_message(role="user", content=_ASKED)
        async with model.chat(chat_ctx=context, conn_options=options, extra_kwargs=extra) as stream:
            async for chunk in stream:
                if chunk.delta is not None and chunk.delta.content:
                    yield chunk.delta.content

    try:
        yield ask
    finally:
        await model.aclose()


def _opened(provider: Provider, accounts: Accounts) -> tuple[Any, dict[str, Any]]:
    from livekit.plugins import openai

    url = address(provider, accounts)
    if provider.vendor == "responses":
        form = {"format": {"type": "json_schema", "name": "readiness", "schema": _FORM, "strict": True}}
        model = openai.responses.LLM(
            model=provider.model, api_key=_key(provider, accounts), base_url=url, use_websocket=False
        )
        return model, {"text": form, "max_output_tokens": _MOST_TOKENS}
    schema = {"name": "readiness", "schema": _FORM, "strict": True}
    chat = openai.LLM(model=provider.model, api_key=_key(provider, accounts), base_url=url)
    return chat, {"response_format": {"type": "json_schema", "json_schema": schema}, "max_tokens": _MOST_TOKENS}


def _key(provider: Provider, accounts: Accounts) -> str:
    field = ACCESS[provider.vendor].key
    key = getattr(accounts, field) if field is not None else None
    if key is not None:
        return str(key.get_secret_value())
    if field is None or provider.vendor == "compatible":
        return "none"  # the plugin wants one; servers that need none do not read it
    raise ConfigError(f"{key_variable(provider)}: required by {provider.kind.value} {provider.name}")
