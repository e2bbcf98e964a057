"""Deepgram's Aura behind /v1/speak: over HTTP here, over a websocket in `speak_socket`.

Source: Deepgram's API reference, "Text to Speech" (single text and continuous text stream), and its errors.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import InitVar, dataclass, field
from typing import Any

from aiohttp import web

from loadtest.emulators.answer import Answer
from loadtest.emulators.behaviour import Behaviour
from loadtest.emulators.deepgram_errors import DeepgramRefused, check_key, refusal, request_id
from loadtest.emulators.mouth import Speech
from loadtest.emulators.profiles import AT_ONCE, Fault, Profile
from loadtest.emulators.speak_socket import SpeakSocket
from loadtest.emulators.speaker import Hum, Speechless, Voice

_PARAMETERS = frozenset(
    {"bit_rate", "callback", "callback_method", "container", "encoding", "mip_opt_out", "model", "sample_rate", "speed",
     "tag"}
)  # fmt: skip
_RATES_HZ = frozenset({8000, 16000, 24000, 32000, 48000})
_SLOWEST, _FASTEST = 0.7, 1.5
_MOST_CHARACTERS = 2000
_MOST_ASKED = 1000


@dataclass(kw_only=True)
class SpeakEmulator:
    """One provider. It speaks linear16 only.

    Args:
        voice: that speaks.
        key: that is accepted; None accepts every one.

    Attributes:
        asked: texts that were spoken, in order.
    """

    voice: Voice = field(default_factory=Hum)
    profile: InitVar[Profile] = AT_ONCE
    key: str | None = None
    seed: InitVar[int] = 0
    asked: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_ASKED))
    behaviour: Behaviour = field(init=False)

    def __post_init__(self, profile: Profile, seed: int) -> None:
        self.behaviour = Behaviour(profile, seed)

    def application(self) -> web.Application:
        """Its routes."""
        app = web.Application()
        app.router.add_get("/v1/speak", self._connect)
        app.router.add_post("/v1/speak", self._post)
        return app

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        try:
            check_key(request.headers.get("Authorization"), self.key)
            speech = self._speech(request)
            fault = self.behaviour.take_at_handshake()
            _fail(fault)
        except DeepgramRefused as refused:
            return self._refuse(refused)
        if fault is Fault.HANGING:
            await asyncio.Event().wait()
        socket = web.WebSocketResponse(compress=False)
        socket.headers["dg-request-id"] = made = request_id()
        await socket.prepare(request)
        await SpeakSocket(socket, speech, self.asked, made, request.query.get("model", "aura-asteria-en")).run()
        return socket

    async def _post(self, request: web.Request) -> web.StreamResponse:
        try:
            check_key(request.headers.get("Authorization"), self.key)
            speech = self._speech(request)
            text = _text(await _document(request))
            fault = self.behaviour.take()
            _fail(fault)
        except DeepgramRefused as refused:
            return self._refuse(refused)
        self.asked.append(text)
        headers = {"dg-request-id": request_id(), "dg-char-count": str(len(text))}
        answer = Answer(request, fault, self.behaviour.latency_s(), headers)
        due_s = asyncio.get_running_loop().time() + answer.latency_s
        try:
            pieces = await speech.pieces(text, fault, due_s)
        except Speechless as why:
            return self._refuse(DeepgramRefused(500, str(why)))
        await answer.hang()
        return await answer.stream(pieces, "audio/l16", gap_s=speech.gap_s)

    def _speech(self, request: web.Request) -> Speech:
        query = request.query
        unknown = sorted(set(query) - _PARAMETERS)
        if unknown:
            raise DeepgramRefused(400, f"Unknown query parameter: {unknown[0]}")
        if query.get("encoding", "linear16") != "linear16" or query.get("container", "none") != "none":
            raise DeepgramRefused(400, "Unsupported audio format: expected linear16 without a container")
        if not query.get("model", "aura-asteria-en").startswith("aura-"):
            raise DeepgramRefused(400, "No such model/version combination found.")
        try:
            rate_hz, speed = int(query.get("sample_rate", "24000")), float(query.get("speed", "1"))
        except ValueError:
            raise DeepgramRefused(400, "sample_rate and speed are numbers") from None
        if rate_hz not in _RATES_HZ or not _SLOWEST <= speed <= _FASTEST:
            raise DeepgramRefused(400, "Unsupported sample_rate or speed")
        return Speech(self.voice, self.behaviour, rate_hz, speed)

    def _refuse(self, refused: DeepgramRefused) -> web.Response:
        self.behaviour.refuse(refused.status)
        return refusal(refused)


def _fail(fault: Fault) -> None:
    if fault is Fault.LIMITED:
        raise DeepgramRefused(429)
    if fault is Fault.FAILING:
        raise DeepgramRefused(500)


async def _document(request: web.Request) -> Any:
    try:
        return await request.json()
    except ValueError:
        message = "Content-type was application/json, but we could not process the JSON payload."
        raise DeepgramRefused(400, message) from None


def _text(document: Any) -> str:
    text = document.get("text") if isinstance(document, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise DeepgramRefused(400, "Failed to deserialize JSON payload: missing field `text`")
    if len(text) > _MOST_CHARACTERS:
        raise DeepgramRefused(413, f"Input text exceeds maximum character limit of {_MOST_CHARACTERS}.")
    return text
