"""A voice behind POST /v1/audio/speech, as OpenAI's API answers: bare audio, or server-sent events with usage.

Source: OpenAI's API reference, "Create speech", and the parameters of its client. PCM is the only audio it makes.
"""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from aiohttp import web

from loadtest.emulators.answer import Answer
from loadtest.emulators.gate import Refused, model_of
from loadtest.emulators.mouth import Speech, length_ms
from loadtest.emulators.openai_api import OpenAIApi, tokens
from loadtest.emulators.profiles import Fault
from loadtest.emulators.speaker import Hum, Speechless, Voice

_RATE_HZ = 24_000
_PARAMETERS = frozenset({"input", "instructions", "model", "response_format", "speed", "stream_format", "voice"})
_MOST_CHARACTERS = 4096
#: These are billed by the character, and have no events.
_BARE_MODELS = frozenset({"tts-1", "tts-1-hd"})
#: Of audio, which the price by the minute follows from; assumed.
_TOKENS_A_SECOND = 20


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """A request that may be answered."""

    text: str
    speed: float
    has_events: bool


@dataclass
class SpeechEmulator(OpenAIApi):
    """One provider; whichever voice is asked for, `voice` speaks."""

    _: KW_ONLY
    voice: Voice = field(default_factory=Hum)

    @property
    def path(self) -> str:
        """Where it is asked."""
        return "/v1/audio/speech"

    def check(self, document: dict[str, Any]) -> SpeechRequest:
        """What a request asks for. Raises Refused."""
        return check(document, self.models)

    async def answer(self, asked: SpeechRequest, answer: Answer) -> web.StreamResponse:
        """Speak."""
        speech = Speech(self.voice, self.behaviour, _RATE_HZ, asked.speed)
        due_s = asyncio.get_running_loop().time() + answer.latency_s
        try:
            pieces = await speech.pieces(asked.text, answer.fault, due_s)
        except Speechless as why:
            return self.gate.error(Refused(500, str(why)))
        await answer.hang()
        heard_s = sum(length_ms(piece, _RATE_HZ) for piece in pieces) / 1000
        used_in, used_out = tokens(len(asked.text)), round(heard_s * _TOKENS_A_SECOND)
        self.behaviour.usage.update(input_tokens=used_in, output_tokens=used_out)
        if not asked.has_events:
            return await answer.stream(pieces, "audio/pcm", gap_s=speech.gap_s)
        usage = {"input_tokens": used_in, "output_tokens": used_out, "total_tokens": used_in + used_out}
        done = {"type": "speech.audio.done"} | ({"usage": usage} if answer.fault is not Fault.UNCOUNTED else {})
        events = [{"type": "speech.audio.delta", "audio": base64.b64encode(piece).decode()} for piece in pieces]
        bodies = [f"data: {json.dumps(event)}\n\n".encode() for event in [*events, done]]
        return await answer.stream(bodies, "text/event-stream", gap_s=speech.gap_s)


def check(document: dict[str, Any], models: frozenset[str]) -> SpeechRequest:
    """A request's body, or why it is refused.

    Args:
        models: that exist; empty means every one does.
    Raises: Refused.
    """
    for name in document:
        if name not in _PARAMETERS:
            raise Refused(400, f"Unrecognized request argument supplied: {name}")
    model = model_of(document, models)
    text, speed = document.get("input"), document.get("speed", 1.0)
    if not isinstance(text, str) or not 0 < len(text) <= _MOST_CHARACTERS:
        raise Refused(400, f"Invalid 'input': expected 1 to {_MOST_CHARACTERS} characters.", param="input")
    if not isinstance(document.get("voice"), str | dict):
        raise Refused(400, "Missing required parameter: 'voice'.", param="voice")
    if not isinstance(speed, int | float) or isinstance(speed, bool) or not 0.25 <= speed <= 4.0:
        raise Refused(400, "Invalid 'speed': expected 0.25 to 4.0.", param="speed")
    if document.get("response_format", "mp3") != "pcm":
        message = "Invalid 'response_format': this emulator makes 'pcm' only."
        raise Refused(400, message, param="response_format", code="invalid_value")
    form = document.get("stream_format", "audio")
    if form not in ("audio", "sse") or (form == "sse" and model in _BARE_MODELS):
        raise Refused(400, f"Invalid 'stream_format' for {model}: {form!r}.", param="stream_format")
    return SpeechRequest(text, float(speed), form == "sse")
