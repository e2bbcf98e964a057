"""A model behind /v1/responses, as OpenAI's API answers: whole, as server-sent events, or over a websocket.

It says what a script says, and calls no tools. A response that is not stored cannot be gone on from, and neither can
one of another process.

Source: OpenAI's API reference, "Responses", "Streaming events" and "Websocket mode".
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from dataclasses import KW_ONLY, dataclass, field
from itertools import count
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from loadtest.emulators.answer import Answer
from loadtest.emulators.chat import cut
from loadtest.emulators.chat_script import Script
from loadtest.emulators.gate import Refused, fail
from loadtest.emulators.openai_api import TOKENS_A_PIECE, OpenAIApi
from loadtest.emulators.pace import Dropped, paced
from loadtest.emulators.profiles import Fault
from loadtest.emulators.responses_events import Said, bursts_of, events_of, opening_of
from loadtest.emulators.responses_request import ResponsesRequest, check

_MOST_STORED = 1000
#: That wait on one socket.
_MOST_TURNS = 100
_GARBAGE = '{"type": "response.output_text.delta", "delta": '


@dataclass
class ResponsesEmulator(OpenAIApi):
    """One provider; what it says is in its script."""

    script: Script = field(default_factory=Script)
    _: KW_ONLY
    _ids: Any = field(default_factory=lambda: count(1))
    _stored: OrderedDict[str, int] = field(default_factory=OrderedDict)

    @property
    def path(self) -> str:
        """Where it is asked."""
        return "/v1/responses"

    def application(self) -> web.Application:
        """Its routes, and the websocket at the same path."""
        app = super().application()
        app.router.add_get(self.path, self._connect)
        return app

    def check(self, document: dict[str, Any]) -> ResponsesRequest:
        """What a request asks for. Raises Refused."""
        asked = check(document, self.models)
        before = document.get("previous_response_id")
        if before is not None and before not in self._stored:
            message = f"Previous response with id '{before}' not found."
            raise Refused(400, message, param="previous_response_id", code="previous_response_not_found")
        return asked

    async def answer(self, asked: ResponsesRequest, answer: Answer) -> web.StreamResponse:
        """Say what the script says."""
        said = self._said(asked, answer.fault)
        if not asked.is_stream:
            await answer.work()
            return await answer.send(json.dumps(events_of(said)[-1]["response"]).encode(), "application/json")
        await answer.hang()
        pieces = [_events(burst) for burst in bursts_of(said)]
        kind, opening = "text/event-stream", _events(opening_of(said))
        return await answer.stream(pieces, kind, gap_s=self._gap_s, opening=opening)

    @property
    def _gap_s(self) -> float:
        return TOKENS_A_PIECE / self.behaviour.profile.tokens_per_s

    def _said(self, asked: ResponsesRequest, fault: Fault) -> Said:
        text, reason, is_declined = cut(self.script.says(asked.last_words), asked.max_tokens, fault)
        made = f"resp_{next(self._ids):032x}"
        before = self._stored.get(asked.document.get("previous_response_id") or "", 0)
        said = Said(made, asked, before, text, reason == "length", is_declined, fault is not Fault.UNCOUNTED)
        if asked.document.get("store") is not False:
            self._stored[made] = before + asked.input_characters + len(text)
        if len(self._stored) > _MOST_STORED:
            self._stored.popitem(last=False)
        self.behaviour.usage.update(input_tokens=said.input_tokens, output_tokens=said.output_tokens)
        return said

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        try:
            self.gate.admit(request)
            fault = self.behaviour.take_at_handshake()
            if fault is Fault.LIMITED:
                raise Refused(429, "Rate limit reached.", code="rate_limit_exceeded")
            fail(fault)
        except Refused as refused:
            return self.gate.error(refused)
        if fault is Fault.HANGING:
            await asyncio.Event().wait()
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        turns: set[asyncio.Task[None]] = set()
        order = asyncio.Lock()
        try:
            async for message in socket:  # pings are answered here, even while a turn stalls
                if len(turns) >= _MOST_TURNS:
                    break
                text = message.data if message.type is WSMsgType.TEXT else ""
                turn = asyncio.create_task(self._turn(socket, text, order), name="turn")
                turns.add(turn)
                turn.add_done_callback(turns.discard)
        finally:
            for turn in turns:
                turn.cancel()
            await asyncio.gather(*turns, return_exceptions=True)
        return socket

    async def _turn(self, socket: web.WebSocketResponse, text: str, order: asyncio.Lock) -> None:
        """Answer one message, after those before it."""
        try:
            async with order:
                await self._create(socket, text)
        except Dropped:
            await socket.close(code=WSCloseCode.INTERNAL_ERROR)
        except ConnectionResetError:
            pass  # who asked has left

    async def _create(self, socket: web.WebSocketResponse, text: str) -> None:
        """Answer one message. Raises Dropped."""
        try:
            fault = self.gate.begin()
            asked = self.check(_created(text))
            fail(fault)
        except Refused as refused:
            self.behaviour.refuse(refused.status)
            await socket.send_json({"type": "error", "status": refused.status, "error": refused.document()})
            return
        self.asked.append(asked.document)
        if fault is Fault.HANGING:
            await asyncio.Event().wait()
        said = self._said(asked, fault)
        for event in opening_of(said):
            await socket.send_json(event)
        await asyncio.sleep(self.behaviour.latency_s())
        bursts = ["\n".join(map(json.dumps, burst)) for burst in bursts_of(said)]
        async for burst in paced(bursts, fault, gap_s=self._gap_s, garbage=_GARBAGE):
            for event_text in burst.splitlines():
                await socket.send_str(event_text)


def _created(text: str) -> dict[str, Any]:
    """The request a message bears. Raises Refused."""
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict) or document.pop("type", None) != "response.create":
        raise Refused(400, "Invalid event: expected a 'response.create' object.", code="invalid_event")
    return document


def _events(events: list[dict[str, Any]]) -> bytes:
    return "".join(f"event: {each['type']}\ndata: {json.dumps(each)}\n\n" for each in events).encode()
