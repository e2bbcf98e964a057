"""A model behind POST /v1/chat/completions, as OpenAI's API answers: whole or as a stream, with errors and limits."""

from __future__ import annotations

import json
import time
from dataclasses import KW_ONLY, dataclass, field
from itertools import count
from typing import Any

from aiohttp import web

from loadtest.emulators.answer import Answer
from loadtest.emulators.chat_request import ChatRequest, check
from loadtest.emulators.chat_script import Script
from loadtest.emulators.openai_api import CHARACTERS_A_TOKEN, TOKENS_A_PIECE, OpenAIApi, tokens, words_of
from loadtest.emulators.profiles import Fault


@dataclass
class ChatEmulator(OpenAIApi):
    """One provider; what it says is in its script."""

    script: Script = field(default_factory=Script)
    _: KW_ONLY
    _ids: Any = field(default_factory=lambda: count(1))

    @property
    def path(self) -> str:
        """Where it is asked."""
        return "/v1/chat/completions"

    def check(self, document: dict[str, Any]) -> ChatRequest:
        """What a request asks for. Raises Refused."""
        return check(document, self.models)

    async def answer(self, asked: ChatRequest, answer: Answer) -> web.StreamResponse:
        """Say what the script says."""
        await answer.work()
        said = self._said(asked, answer.fault)
        if not asked.is_stream:
            return await answer.send(json.dumps(said).encode(), "application/json")
        gap_s = TOKENS_A_PIECE / self.behaviour.profile.tokens_per_s
        return await answer.stream(_events(said, asked), "text/event-stream", gap_s=gap_s)

    def _said(self, asked: ChatRequest, fault: Fault) -> dict[str, Any]:
        text, reason, is_declined = cut(self.script.says(asked.last_words), asked.max_tokens, fault)
        message = {
            "role": "assistant",
            "content": None if is_declined else text,
            "refusal": text if is_declined else None,
        }
        said = {
            "id": f"chatcmpl-{next(self._ids)}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": asked.model,
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reason}],
        }
        used_in, used_out = tokens(asked.prompt_characters), tokens(len(text))
        self.behaviour.usage.update(input_tokens=used_in, output_tokens=used_out)
        usage = {"prompt_tokens": used_in, "completion_tokens": used_out, "total_tokens": used_in + used_out}
        return said | ({"usage": usage} if fault is not Fault.UNCOUNTED else {})


def cut(text: str, max_tokens: int | None, fault: Fault) -> tuple[str, str, bool]:
    """What of a text is said, why it ends ("stop" or "length"), and whether it is a refusal."""
    if fault is Fault.DECLINING:
        return "I'm sorry, I can't help with that.", "stop", True
    most = max_tokens * CHARACTERS_A_TOKEN if max_tokens is not None else len(text)
    most = len(text) // 2 if fault is Fault.TRUNCATED else most
    return text[:most], "length" if len(text) > most else "stop", False


def _events(said: dict[str, Any], asked: ChatRequest) -> list[bytes]:
    """Server-sent events: who speaks comes with the first words, and how it ended with the last."""
    common = {**{name: said[name] for name in ("id", "created", "model")}, "object": "chat.completion.chunk"}
    choice = said["choices"][0]
    text, refusal = choice["message"]["content"], choice["message"]["refusal"]
    first = {"role": "assistant", "content": "" if refusal is None else None}
    deltas = [{"content": each} for each in words_of(text)] if refusal is None else [{"refusal": refusal}]
    ends: list[Any] = [{**common, "choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]}]
    if asked.has_stream_usage and "usage" in said:
        ends.append({**common, "choices": [], "usage": said["usage"]})
    pieces = [_event({**common, "choices": [{"index": 0, "delta": each, "finish_reason": None}]}) for each in deltas]
    pieces[0] = _event({**common, "choices": [{"index": 0, "delta": first, "finish_reason": None}]}) + pieces[0]
    pieces[-1] += b"".join(map(_event, ends)) + b"data: [DONE]\n\n"
    return pieces


def _event(document: Any) -> bytes:
    return f"data: {json.dumps(document)}\n\n".encode()
