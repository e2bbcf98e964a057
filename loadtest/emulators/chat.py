"""A model behind POST /v1/chat/completions, as OpenAI's API answers: whole or as a stream, with errors and limits."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import web

from loadtest.emulators.chat_request import ChatRequest, check
from loadtest.emulators.chat_script import Script
from loadtest.emulators.gate import Gate, Refused, model_list
from loadtest.emulators.profiles import Fault, Profile

_CHARACTERS_A_TOKEN = 4
_PIECE = 12


@dataclass(slots=True)
class ChatEmulator:
    """One provider.

    Args:
        key: that is accepted; None accepts everybody.
        models: that exist; empty means every one does.
        requests_per_minute: more get 429.

    Attributes:
        asked: bodies of the requests that were good, in order.
    """

    script: Script = field(default_factory=Script)
    profile: Profile = field(default_factory=Profile)
    key: str | None = None
    models: frozenset[str] = frozenset()
    requests_per_minute: int = 500
    seed: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)
    _ids: Any = field(default_factory=lambda: count(1))
    _gate: Gate = field(init=False)

    def __post_init__(self) -> None:
        self._gate = Gate(self.profile, self.key, self.requests_per_minute, self.seed)

    @property
    def refused(self) -> list[int]:
        """Statuses of the requests that were not good, in order."""
        return self._gate.refused

    def application(self) -> web.Application:
        """Its routes."""
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._list_models)
        return app

    async def _list_models(self, request: web.Request) -> web.StreamResponse:
        try:
            self._gate.admit(request)
        except Refused as refused:
            return self._gate.error(refused)
        return model_list(self.models)

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        try:
            document = await self._gate.document(request)
            asked = check(document, self.models)
            self._gate.fail()
        except Refused as refused:
            return self._gate.error(refused)
        self.asked.append(document)
        await self._gate.work()
        answer = self._answer(asked)
        if asked.is_stream:
            return await self._gate.send(request, _events(_chunks(answer, asked)), "text/event-stream")
        return await self._gate.send(request, json.dumps(answer).encode(), "application/json")

    def _answer(self, asked: ChatRequest) -> dict[str, Any]:
        text = self.script.says(asked.last_words)
        most = asked.max_tokens * _CHARACTERS_A_TOKEN if asked.max_tokens is not None else len(text)
        most = len(text) // 2 if self.profile.fault is Fault.TRUNCATED else most
        reason, text = "length" if len(text) > most else "stop", text[:most]
        is_declined = self.profile.fault is Fault.DECLINING
        message = {
            "role": "assistant",
            "content": None if is_declined else text,
            "refusal": "I'm sorry, I can't help with that." if is_declined else None,
        }
        answer = {
            "id": f"chatcmpl-{next(self._ids)}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": asked.model,
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reason}],
        }
        is_counted = self.profile.fault is not Fault.UNCOUNTED
        return answer | ({"usage": _usage(asked.prompt_characters, len(text))} if is_counted else {})


def _events(chunks: list[dict[str, Any]]) -> bytes:
    """Server-sent events, the last of them [DONE]."""
    return "".join(f"data: {text}\n\n" for text in [*map(json.dumps, chunks), "[DONE]"]).encode()


def _chunks(answer: dict[str, Any], asked: ChatRequest) -> list[dict[str, Any]]:
    common = {**{name: answer[name] for name in ("id", "created", "model")}, "object": "chat.completion.chunk"}
    choice = answer["choices"][0]
    text, refusal = choice["message"]["content"] or "", choice["message"]["refusal"]
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": "" if refusal is None else None}]
    deltas += [{"content": text[at : at + _PIECE]} for at in range(0, len(text), _PIECE)]
    deltas += [{"refusal": refusal}] if refusal is not None else []
    chunks = [{**common, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks.append({**common, "choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]})
    if asked.has_stream_usage and "usage" in answer:
        chunks.append({**common, "choices": [], "usage": answer["usage"]})
    return chunks


def _usage(characters_in: int, characters_out: int) -> dict[str, int]:
    tokens_in, tokens_out = (-(-each // _CHARACTERS_A_TOKEN) for each in (characters_in, characters_out))
    return {
        "prompt_tokens": tokens_in,
        "completion_tokens": tokens_out,
        "total_tokens": tokens_in + tokens_out,
    }
