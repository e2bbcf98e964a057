"""Asking one model once: what the chain asks of whoever serves it, and in which words the vendors want it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, Protocol

from agent.domain.providers import Provider
from agent.runtime.completions import Question

#: What a model that cannot answer without thinking gets on top of its answer; assumed, as none was measured.
THINKING_TOKENS = 100
_THINKING = "gpt-oss"
#: How vendors call the most tokens of an answer. OpenAI's reasoning models refuse the old name, Ollama ignores the new.
_MOST = {
    "openai": "max_completion_tokens",
    "responses": "max_output_tokens",
    "groq": "max_completion_tokens",
    "ollama": "max_tokens",
    "compatible": "max_tokens",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """Of an answer.

    Attributes:
        tokens: in and out, as charged; comes once, at the end, from endpoints that count.
    """

    text: str = ""
    tokens: tuple[int, int] | None = None


class Member(Protocol):
    """One provider of a chain, with a connection of its own."""

    @property
    def provider(self) -> Provider: ...

    def answer(self, question: Question) -> AsyncGenerator[Piece, None]:
        """The answer as it comes; whoever asks it sets the deadlines.

        Raises:
            Overloaded: too many requests.
            ConfigError: the endpoint refuses the request, the key or the model.
            DependencyUnavailable: it fails, is away, or what it says is no answer.
        """
        ...

    async def warm(self) -> None:
        """Open the connection; never raises but when cancelled."""
        ...

    async def aclose(self) -> None: ...


def limits_of(provider: Provider, max_tokens: int) -> dict[str, Any]:
    """How long an answer may be, as this vendor words it."""
    if _THINKING in provider.model:
        return {_MOST[provider.vendor]: max_tokens + THINKING_TOKENS, "reasoning_effort": "low"}
    return {_MOST[provider.vendor]: max_tokens}


def format_of(question: Question) -> dict[str, Any]:
    """The strict schema of an answer, as chat completions word it."""
    return {"type": "json_schema", "json_schema": {**question.schema, "strict": True}}
