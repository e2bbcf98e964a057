"""A model behind POST /v1/chat/completions, as OpenAI's API answers: whole or as a stream, with errors and limits."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import web

from loadtest.emulators.chat_request import ChatRequest, Refused, check
from loadtest.emulators.chat_script import Script
from loadtest.emulators.profiles import Fault, Profile

_CHARACTERS_A_TOKEN = 4
_MINUTE_S = 60.0
_PIECE = 12
_KINDS = {401: "invalid_request_error", 429: "requests", 500: "server_error"}


@dataclass(slots=True)
class ChatEmulator:
    """One provider.

    Args:
        key: that is accepted; None accepts everybody.
        models: that exist; empty means every one does.
        requests_per_minute: more get 429.

    Attributes:
        asked: bodies of the requests that were good, in order; `refused`: statuses of the others.
    """

    script: Script = field(default_factory=Script)
    profile: Profile = field(default_factory=Profile)
    key: str | None = None
    models: frozenset[str] = frozenset()
    requests_per_minute: int = 500
    seed: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    _times: deque[float] = field(default_factory=deque)
    _ids: Any = field(default_factory=lambda: count(1))
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    def application(self) -> web.Application:
        """Its routes."""
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._list_models)
        return app

    async def _list_models(self, request: web.Request) -> web.StreamResponse:
        try:
            self._admit(request)
        except Refused as refused:
            return self._error(refused)
        rows = [{"id": name, "object": "model", "created": 0, "owned_by": "emulator"} for name in sorted(self.models)]
        return web.json_response({"object": "list", "data": rows})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        try:
            self._admit(request)
            self._count()
            document = await _body(request)
            asked = check(document, self.models)
            if self.profile.fault is Fault.FAILING:
                raise Refused(500, "The server had an error while processing your request.", code="server_error")
        except Refused as refused:
            return self._error(refused)
        self.asked.append(document)
        await asyncio.sleep(self.profile.latency_s(self._dice))
        if self.profile.fault is Fault.HANGING:
            await asyncio.Event().wait()
        return await self._send(request, self._answer(asked), asked)

    def _admit(self, request: web.Request) -> None:
        if self.key is None or request.headers.get("Authorization") == f"Bearer {self.key}":
            return
        if "Authorization" not in request.headers:
            raise Refused(401, "You didn't provide an API key.")
        raise Refused(401, "Incorrect API key provided.", code="invalid_api_key")

    def _count(self) -> None:
        now = time.monotonic()
        while self._times and now - self._times[0] >= _MINUTE_S:
            self._times.popleft()
        if self.profile.fault is Fault.LIMITED or len(self._times) >= self.requests_per_minute:
            raise Refused(429, "Rate limit reached for requests per min.", code="rate_limit_exceeded")
        self._times.append(now)

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

    async def _send(self, request: web.Request, answer: dict[str, Any], asked: ChatRequest) -> web.StreamResponse:
        """The answer, or as much of it as the profile lets through."""
        body = _events(_chunks(answer, asked)) if asked.is_stream else json.dumps(answer).encode()
        kind = "text/event-stream" if asked.is_stream else "application/json"
        fault = self.profile.fault
        if fault is Fault.MALFORMED:
            body = body[: len(body) // 2]
        if fault not in (Fault.STALLING, Fault.DROPPING, Fault.FLOODING):
            return web.Response(body=body, content_type=kind, headers=self._headers())
        response = web.StreamResponse(headers={"Content-Type": kind, **self._headers()})
        response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        if fault is Fault.STALLING:
            await asyncio.Event().wait()
        while fault is Fault.FLOODING:
            await response.write(b" " * 4096)
        if request.transport is not None:
            request.transport.abort()
        return response

    def _headers(self) -> dict[str, str]:
        left = max(0, self.requests_per_minute - len(self._times))
        return {
            "x-request-id": f"req_{len(self.asked)}",
            "x-ratelimit-limit-requests": str(self.requests_per_minute),
            "x-ratelimit-remaining-requests": str(left),
            "x-ratelimit-reset-requests": f"{int(_MINUTE_S)}s",
        }

    def _error(self, refused: Refused) -> web.Response:
        self.refused.append(refused.status)
        kind = _KINDS.get(refused.status, "invalid_request_error")
        error = {"message": str(refused), "type": kind, "param": refused.param, "code": refused.code}
        headers = self._headers() | ({"retry-after": "1"} if refused.status == 429 else {})
        return web.json_response({"error": error}, status=refused.status, headers=headers)


async def _body(request: web.Request) -> Any:
    try:
        return await request.json()
    except ValueError:
        raise Refused(400, "We could not parse the JSON body of your request.") from None


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


@asynccontextmanager
async def serving(emulator: ChatEmulator, *, port: int = 0) -> AsyncIterator[str]:
    """Serve on loopback; gives the base URL, up to /v1."""
    runner = web.AppRunner(emulator.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        bound = runner.addresses[0][1]
        yield f"http://127.0.0.1:{bound}/v1"
    finally:
        await runner.cleanup()
