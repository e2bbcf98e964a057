"""A model behind LiveKit's official plugin, asked for one strict answer in a stream.

What the plugin does not say is read off what it does: it drops the reason an answer ended, so an answer that was cut
off is known by its JSON; and it drops refusals, so a stream that was counted and had no words is one.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from typing import Any

import openai
from livekit.agents import APIConnectOptions, APIError, APIStatusError, APITimeoutError, llm

from agent.domain.errors import Blame, DeadlineExceeded, DependencyUnavailable, FleetError
from agent.domain.providers import Provider
from agent.providers.asked_once import Piece
from agent.runtime.completions import Question
from agent.runtime.openai_endpoint import refusal

#: One try; its timeout is between two pieces, and whoever asks is stricter.
_ONCE = APIConnectOptions(max_retry=0, timeout=5.0)
#: How the plugin reports a response that reached its most tokens.
_CUT_OFF = "response incomplete"


class StreamedModel:
    """One provider's model.

    Args:
        client: the plugin's, which leaves closing it to us.
        arguments: what the plugin is to send with a question, beside its messages.
    """

    def __init__(
        self,
        provider: Provider,
        plugin: llm.LLM[Any],
        client: openai.AsyncOpenAI,
        arguments: Callable[[Question], dict[str, Any]],
    ) -> None:
        self.provider = provider
        self._plugin = plugin
        self._client = client
        self._arguments = arguments

    async def answer(self, question: Question) -> AsyncGenerator[Piece, None]:
        """The answer as it comes; raises as `Member` says."""
        context = llm.ChatContext.empty()
        for message in question.messages:
            context.add_message(role=message["role"], content=message["content"])  # type: ignore[arg-type]
        stream = self._plugin.chat(chat_ctx=context, conn_options=_ONCE, extra_kwargs=self._arguments(question))
        is_begun = False
        try:
            async with aclosing(stream):
                async for chunk in stream:
                    piece = _piece(chunk)
                    is_begun = is_begun or bool(piece.text)
                    yield piece
        except APIError as error:
            if is_begun and isinstance(error, APIStatusError) and error.message.startswith(_CUT_OFF):
                return
            raise self._blamed(error) from None  # its body may quote what was sent

    async def warm(self) -> None:
        """Open the connection; never raises but when cancelled. What the plugin does for it cannot be awaited."""
        with suppress(openai.OpenAIError, ValueError):
            await self._client.models.list()

    async def aclose(self) -> None:
        """Close the connection."""
        await self._plugin.aclose()
        await self._client.close()

    def _blamed(self, error: APIError) -> FleetError:
        what = f"model {self.provider.name}"
        if isinstance(error, APITimeoutError):
            return DeadlineExceeded(f"{what}: nothing came for {_ONCE.timeout} s", blame=Blame.UPSTREAM)
        if isinstance(error, APIStatusError) and error.status_code > 0:
            return refusal(what, error.status_code)
        return DependencyUnavailable(f"{what}: {type(error).__name__}")


def _piece(chunk: llm.ChatChunk) -> Piece:
    text = (chunk.delta.content or "") if chunk.delta is not None else ""
    usage = chunk.usage
    return Piece(text, None if usage is None else (usage.prompt_tokens, usage.completion_tokens))
