"""Chat completions whose answer comes whole, for a vendor that does not stream what has to be of a schema: Groq.

Source: Groq's documentation, "Structured Outputs": "Streaming and tool use are not currently supported". LiveKit's
plugin always streams.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncGenerator
from typing import Any

from agent.domain.errors import DependencyUnavailable, FleetError
from agent.domain.providers import Provider
from agent.providers.asked_once import Piece, format_of, limits_of
from agent.runtime.completions import Question
from agent.runtime.openai_endpoint import OpenAiEndpoint

#: An answer of the size that may be asked for is a hundredth of it.
MOST_BYTES = 64 * 1024
#: Of the endpoint; the chain that asks is stricter.
_DEADLINE_S = 5.0


class ChatCompletions:
    """One provider's model.

    Args:
        url: up to and without "/chat/completions".
        key: sent as a bearer token.
    """

    def __init__(self, provider: Provider, url: str, key: str) -> None:
        self.provider = provider
        self._endpoint = OpenAiEndpoint(url, key, what=f"model {provider.name}")

    async def answer(self, question: Question) -> AsyncGenerator[Piece, None]:
        """The whole answer in one piece; raises as `Member` says, and DeadlineExceeded."""
        body = {
            "model": self.provider.model,
            "messages": question.messages,
            "temperature": 0,
            "response_format": format_of(question),
            **limits_of(self.provider, question.max_tokens),
        }
        content = await self._endpoint.post("/chat/completions", body, deadline_s=_DEADLINE_S, most_bytes=MOST_BYTES)
        piece = _piece(content)
        if piece is None:
            raise DependencyUnavailable(f"model {self.provider.name}: what came back is no completion")
        yield piece

    async def warm(self) -> None:
        """Open the connection; never raises but when cancelled."""
        with contextlib.suppress(FleetError):
            await self._endpoint.get("/models", deadline_s=_DEADLINE_S, most_bytes=MOST_BYTES)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._endpoint.aclose()


def _piece(content: bytes) -> Piece | None:
    """The answer; None when it is not of the API's form."""
    try:
        document = json.loads(content)
        text = document["choices"][0]["message"].get("content") or ""
        usage = document.get("usage") or {}
        tokens_in, tokens_out = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return None
    if not isinstance(text, str):
        return None
    return Piece(text, None if tokens_in is None or tokens_out is None else (tokens_in, tokens_out))


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
