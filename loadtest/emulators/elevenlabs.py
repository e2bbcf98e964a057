"""ElevenLabs' text to speech: over HTTP here, over a websocket of many contexts in `elevenlabs_socket`.

Source: ElevenLabs' API reference, "Stream speech" and "Multi-context websocket"; its help page on error codes for how
they are worded. PCM is the only audio it makes.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from dataclasses import InitVar, dataclass, field
from itertools import count
from typing import Any

from aiohttp import web

from loadtest.emulators.answer import Answer
from loadtest.emulators.behaviour import Behaviour
from loadtest.emulators.elevenlabs_socket import ElevenLabsSocket
from loadtest.emulators.mouth import Speech
from loadtest.emulators.profiles import AT_ONCE, Fault, Profile
from loadtest.emulators.speaker import Hum, Speechless, Voice

_FORMAT = re.compile(r"pcm_(8000|16000|22050|24000|44100|48000)")
_OF_STREAM = frozenset({"enable_logging", "optimize_streaming_latency", "output_format"})
_OF_SOCKET = frozenset(
    {"apply_language_text_normalization", "apply_text_normalization", "authorization", "auto_mode", "enable_logging",
     "enable_ssml_parsing", "inactivity_timeout", "language_code", "model_id", "output_format", "seed",
     "single_use_token", "sync_alignment"}
)  # fmt: skip
_STATUSES = {401: "invalid_api_key", 429: "too_many_concurrent_requests", 500: "internal_server_error"}
_MOST_IDLE_S = 180.0
_MOST_CHARACTERS = 40_000
_MOST_ASKED = 1000


class ElevenLabsRefused(Exception):
    """A request that is answered with an error.

    Attributes:
        status: HTTP.
    """

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code or _STATUSES[status]


@dataclass(kw_only=True)
class ElevenLabsEmulator:
    """One provider.

    Args:
        voice: that speaks, whichever is asked for.
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
    _ids: Any = field(default_factory=lambda: count(1))

    def __post_init__(self, profile: Profile, seed: int) -> None:
        self.behaviour = Behaviour(profile, seed)

    def application(self) -> web.Application:
        """Its routes."""
        app = web.Application()
        app.router.add_get("/v1/text-to-speech/{voice}/multi-stream-input", self._connect)
        app.router.add_post("/v1/text-to-speech/{voice}/stream", self._post)
        app.router.add_get("/v1/voices", self._voices)
        return app

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        try:
            speech = self._speech(request, _OF_SOCKET)
            idle_s = _idle_s(request)
            fault = self.behaviour.take_at_handshake()
            _fail(fault)
        except ElevenLabsRefused as refused:
            return self._refuse(refused)
        if fault is Fault.HANGING:
            await asyncio.Event().wait()
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        is_auto = request.query.get("auto_mode") == "true"
        is_aligned = request.query.get("sync_alignment") == "true"
        await ElevenLabsSocket(socket, speech, self.asked, idle_s, is_auto=is_auto, is_aligned=is_aligned).run()
        return socket

    async def _post(self, request: web.Request) -> web.StreamResponse:
        try:
            speech = self._speech(request, _OF_STREAM)
            text = await _text(request)
            fault = self.behaviour.take()
            _fail(fault)
        except ElevenLabsRefused as refused:
            return self._refuse(refused)
        self.asked.append(text)
        headers = {"request-id": f"request-{next(self._ids)}", "character-cost": str(len(text))}
        answer = Answer(request, fault, self.behaviour.latency_s(), headers)
        due_s = asyncio.get_running_loop().time() + answer.latency_s
        try:
            pieces = await speech.pieces(text, fault, due_s)
        except Speechless as why:
            return self._refuse(ElevenLabsRefused(500, str(why)))
        await answer.hang()
        return await answer.stream(pieces, "audio/pcm", gap_s=speech.gap_s)

    async def _voices(self, request: web.Request) -> web.StreamResponse:
        try:
            self._admit(request)
        except ElevenLabsRefused as refused:
            return self._refuse(refused)
        voice = {"voice_id": "hpp4J3VqNfWAUOO0d1Us", "name": "Emulator", "category": "premade"}
        return web.json_response({"voices": [voice]})

    def _admit(self, request: web.Request) -> None:
        if self.key is not None and request.headers.get("xi-api-key") != self.key:
            raise ElevenLabsRefused(401, "Invalid API key")

    def _speech(self, request: web.Request, parameters: frozenset[str]) -> Speech:
        self._admit(request)
        unknown = sorted(set(request.query) - parameters)
        if unknown:
            raise ElevenLabsRefused(400, f"Unknown query parameter: {unknown[0]}", "invalid_parameters")
        found = _FORMAT.fullmatch(request.query.get("output_format", "mp3_44100_128"))
        if found is None:
            message = "This emulator makes PCM only: output_format is to be pcm_8000 to pcm_48000"
            raise ElevenLabsRefused(400, message, "invalid_output_format")
        return Speech(self.voice, self.behaviour, int(found[1]))

    def _refuse(self, refused: ElevenLabsRefused) -> web.Response:
        self.behaviour.refuse(refused.status)
        detail = {"status": refused.code, "message": str(refused)}
        return web.json_response({"detail": detail}, status=refused.status)


def _fail(fault: Fault) -> None:
    if fault is Fault.LIMITED:
        raise ElevenLabsRefused(429, "Too many concurrent requests for your plan.")
    if fault is Fault.FAILING:
        raise ElevenLabsRefused(500, "Something went wrong.")


def _idle_s(request: web.Request) -> float:
    try:
        idle_s = float(request.query.get("inactivity_timeout", "20"))
    except ValueError:
        idle_s = -1.0
    if not 0 < idle_s <= _MOST_IDLE_S:
        raise ElevenLabsRefused(400, f"inactivity_timeout: at most {_MOST_IDLE_S:.0f}", "invalid_parameters")
    return idle_s


async def _text(request: web.Request) -> str:
    try:
        document = await request.json()
    except ValueError:
        document = None
    text = document.get("text") if isinstance(document, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise ElevenLabsRefused(422, "text: expected something to say", "invalid_request")
    if len(text) > _MOST_CHARACTERS:
        raise ElevenLabsRefused(400, f"more than {_MOST_CHARACTERS} characters", "max_character_limit_exceeded")
    return text
