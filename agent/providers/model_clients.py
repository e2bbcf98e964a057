"""The client of each vendor's language models: LiveKit's official plugin, but for Groq.

Importing this takes a second of processor time, and `load` some more; `agent.bootstrap.model.prepare` spends both
before a call is taken.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import openai
from livekit.agents import llm
from livekit.agents.telemetry import gen_ai
from livekit.plugins import openai as plugin
from openai import Omit

from agent.domain.errors import ConfigError
from agent.domain.providers import Provider
from agent.providers.asked_once import Member, format_of, limits_of
from agent.providers.bounded_http import http_client
from agent.providers.chat_completions import ChatCompletions
from agent.providers.streamed_model import StreamedModel
from agent.runtime.accounts import Accounts
from agent.runtime.completions import Question

# its default writes what was asked and answered, a caller's words, into every trace
gen_ai.set_capture_content(False)
#: The SDK would add these from its environment, whoever the endpoint belongs to.
_NOBODYS = {"OpenAI-Organization": Omit(), "OpenAI-Project": Omit()}


def model(provider: Provider, accounts: Accounts) -> Member:
    """A language model.

    Raises:
        ConfigError: its key or address is not set.
    """
    try:
        url, key = accounts.model_account(provider)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    if provider.vendor == "groq":
        return ChatCompletions(provider, url, key or "")
    client = _client(url, key)
    if provider.vendor == "responses":
        # over HTTP: a refusal has a status, which it has not on the plugin's socket, where silence has no end either
        spoken: llm.LLM[Any] = plugin.responses.LLM(
            model=provider.model, client=client, use_websocket=False, temperature=0, store=False
        )
    else:
        spoken = plugin.LLM(model=provider.model, client=client, temperature=0)
    return StreamedModel(provider, spoken, client, partial(_ARGUMENTS.get(provider.vendor, _of_chat), provider))


def load() -> None:
    """Load what the SDK and the certificates leave to the first client, some 70 ms, without asking anybody."""
    client = _client("http://127.0.0.1:9/v1", None)
    _ = client.chat.completions, client.responses, client.models


def _client(url: str, key: str | None) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        base_url=url,
        api_key=key or "none",
        max_retries=0,
        default_headers=_NOBODYS,  # type: ignore[arg-type]
        http_client=http_client(has_key=key is not None),
    )


def _of_chat(provider: Provider, question: Question) -> dict[str, Any]:
    return {"response_format": format_of(question), **limits_of(provider, question.max_tokens)}


def _of_responses(provider: Provider, question: Question) -> dict[str, Any]:
    form = {"type": "json_schema", "strict": True, **question.schema}
    return {"text": {"format": form}, **limits_of(provider, question.max_tokens)}


_ARGUMENTS = {"responses": _of_responses}
