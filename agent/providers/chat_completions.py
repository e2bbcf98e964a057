"""Any endpoint that speaks OpenAI's chat completions: one request, one answer, no second try."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agent.domain.errors import DependencyUnavailable
from agent.runtime.completions import Completion
from agent.runtime.openai_endpoint import OpenAiEndpoint

#: An answer of the size that may be asked for is a hundredth of it.
MOST_BYTES = 64 * 1024


class ChatCompletions:
    """A connection to one endpoint, opened with the first request.

    Args:
        url: up to and without "/chat/completions".
        key: sent as a bearer token; None sends none.
    """

    def __init__(self, url: str, key: str | None) -> None:
        self._endpoint = OpenAiEndpoint(url, key, what="model")

    async def complete(
        self,
        model: str,
        messages: list[dict[str, str]],
        schema: Mapping[str, Any],
        *,
        max_tokens: int,
        deadline_s: float,
    ) -> Completion:
        """Ask once.

        Args:
            schema: {"name", "schema"}: the JSON the answer has to be; sent as strict.
            max_tokens: of the answer.
        Raises:
            DeadlineExceeded: no whole answer in time.
            Overloaded: too many requests.
            ConfigError: the endpoint refuses the request, the key or the model.
            DependencyUnavailable: it fails, is away, or what it says is no completion.
        """
        body = {
            "model": model,
            "messages": messages,
            "max_tokens": max_tokens,
            "temperature": 0,
            "response_format": {"type": "json_schema", "json_schema": {**schema, "strict": True}},
        }
        content = await self._endpoint.post("/chat/completions", body, deadline_s=deadline_s, most_bytes=MOST_BYTES)
        return _completion(content)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._endpoint.aclose()


def _completion(content: bytes) -> Completion:
    try:
        document = json.loads(content)
        choice = document["choices"][0]
        text = choice["message"].get("content") or ""
        usage = document.get("usage") or {}
        tokens_in, tokens_out = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
        is_whole = choice.get("finish_reason") in ("stop", None)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise DependencyUnavailable("model: what came back is no completion") from None
    if not isinstance(text, str):
        raise DependencyUnavailable("model: what came back is no completion")
    return Completion(text, is_whole, tokens_in, tokens_out)


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
