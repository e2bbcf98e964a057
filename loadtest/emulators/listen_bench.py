"""`bench` of the recognisers: streams of real speech in real time, among other recordings that are known."""

from __future__ import annotations

import asyncio
import base64
import functools
import json
import random
from collections.abc import AsyncIterator

import numpy as np
from aiohttp import ClientSession, ClientWebSocketResponse

from loadtest.caller.ulaw import Pcm, decode, encode
from loadtest.caller.voices import RATE_HZ, clips, resample

_WIRE_RATE_HZ, _OPENAI_RATE_HZ = 16_000, 24_000
_CHUNK_S = 0.05
_PAUSE_S = 2.5
_ANSWER_LIMIT_S = 5.0
TEXTS = (
    "Hi, I'd like to book a cleaning.", "Yes, please.", "No, thank you.", "Tuesday the fourth at half past nine.",
    "My name is Linda Baker.", "Do you take my insurance?", "What time do you open on Saturday?",
    "I need to cancel my appointment.", "Could you put me through to somebody?", "That works for me.",
    "Where can I park when I come in?", "Can I come in a little later than that?",
)  # fmt: skip


@functools.cache
def recordings() -> dict[str, Pcm]:
    """What callers say, at 8 kHz. Raises CallerError: the voice is not installed."""
    return clips("hibari", list(TEXTS))


async def register(session: ClientSession, url: str) -> None:
    """Make the recordings known, and as many again backwards and at other speeds, which nobody says."""
    for text, clip in recordings().items():
        await _register(session, url, text, clip, RATE_HZ)
        for rate_hz in (7000, 7500, 8500, 9000):
            await _register(session, url, f"not {text}", clip[::-1], rate_hz)
            await _register(session, url, f"never {text}", clip, rate_hz)


async def listen(session: ClientSession, url: str) -> None:
    """One recording at /v1/listen, as LiveKit's plugin asks for it."""
    query = "model=nova-3&interim_results=true&punctuate=true&vad_events=true&endpointing=25"
    await _speak(session, f"{url}/deepgram/v1/listen?{query}")


async def flux(session: ClientSession, url: str) -> None:
    """One recording at /v2/listen."""
    await _speak(session, f"{url}/deepgram/v2/listen?model=flux-general-en&eager_eot_threshold=0.4")


async def openai_listen(session: ClientSession, url: str) -> None:
    """One recording to OpenAI's live transcription. Raises OSError: the words that come back are others."""
    text = random.choice(TEXTS)
    audio, size = _on_the_wire(text, _OPENAI_RATE_HZ), round(_CHUNK_S * _OPENAI_RATE_HZ)
    async with session.ws_connect(f"{url}/openai/v1/realtime?intent=transcription") as socket:
        reading = asyncio.create_task(_completed(socket), name="bench-read")
        async for at in _in_real_time(len(audio), size):
            piece = base64.b64encode(audio[at : at + size].tobytes()).decode()
            await socket.send_json({"type": "input_audio_buffer.append", "audio": piece})
        await _is_heard(reading, text)


async def _is_heard(reading: asyncio.Task[str], text: str) -> None:
    """Raises OSError: other words came back, or none in time."""
    try:
        async with asyncio.timeout(_ANSWER_LIMIT_S):
            said = await reading
    except TimeoutError:
        raise OSError(f"expected {text!r}, heard nothing within {_ANSWER_LIMIT_S:g} s") from None
    if said != text:
        raise OSError(f"expected {text!r}, heard {said!r}")


async def _completed(socket: ClientWebSocketResponse) -> str:
    """The first item's words."""
    async for message in socket:
        event = json.loads(message.data)
        if event["type"] == "conversation.item.input_audio_transcription.completed":
            return str(event["transcript"])
    return ""


async def _in_real_time(length: int, size: int) -> AsyncIterator[int]:
    """Where each piece begins, when it is due."""
    due_s = asyncio.get_running_loop().time()
    for at in range(0, length, size):
        yield at
        due_s += _CHUNK_S
        await asyncio.sleep(due_s - asyncio.get_running_loop().time())


async def _register(session: ClientSession, url: str, text: str, clip: Pcm, rate_hz: int) -> None:
    pcm = base64.b64encode(clip.astype("<i2").tobytes()).decode()
    asked = {"text": text, "pcm": pcm, "rate_hz": rate_hz}
    async with session.post(f"{url}/control/utterances", json=asked) as response:
        response.raise_for_status()


@functools.cache
def _on_the_wire(text: str, rate_hz: int) -> Pcm:
    """A recording after a telephone line, with the silence around it."""
    heard = decode(encode(recordings()[text])).astype(np.float32)
    wide = np.clip(resample(heard, RATE_HZ, rate_hz), -32768, 32767).astype(np.int16)
    silence = np.zeros(round(_PAUSE_S * rate_hz), dtype=np.int16)
    return np.concatenate([silence, wide, silence])


async def _speak(session: ClientSession, url: str) -> None:
    """Raises OSError: the words that come back are others."""
    text = random.choice(TEXTS)
    audio, size = _on_the_wire(text, _WIRE_RATE_HZ), round(_CHUNK_S * _WIRE_RATE_HZ)
    query = f"&encoding=linear16&sample_rate={_WIRE_RATE_HZ}"
    async with session.ws_connect(url + query, headers={"Authorization": "Token any"}) as socket:
        reading = asyncio.create_task(_finals(socket), name="bench-read")
        async for at in _in_real_time(len(audio), size):
            await socket.send_bytes(audio[at : at + size].tobytes())
        await socket.send_json({"type": "CloseStream"})
        await _is_heard(reading, text)


async def _finals(socket: ClientWebSocketResponse) -> str:
    said = []
    async for message in socket:
        event = json.loads(message.data)
        if event["type"] == "Results" and event["is_final"]:
            said.append(event["channel"]["alternatives"][0]["transcript"])
        elif event.get("event") == "EndOfTurn":
            said.append(event["transcript"])
    return " ".join(part for part in said if part)
