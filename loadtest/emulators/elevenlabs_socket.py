"""One websocket of ElevenLabs, which carries many contexts at once, each spoken in an order of its own.

A context opens with a single space, speaks its buffer when it is flushed, when enough has come (the schedule), or, in
auto mode, at once. Once it is closed what was not flushed is forgotten, and it is released with `isFinal` when all the
rest is said.

Source: ElevenLabs' API reference, "Multi-context websocket", and the types of its SDK. Times of the alignment run on
the context's clock, as the official plugin reads them; the reference has them restart with each chunk.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from loadtest.emulators.mouth import GARBAGE, Mouth, Sound, Speech
from loadtest.emulators.profiles import Fault

_SCHEDULE = (120, 160, 250, 290)
_MOST_CONTEXTS = 5
_KEYS = frozenset(
    {"authorization", "close_context", "close_socket", "context_id", "contextId", "flush", "generation_config",
     "pronunciation_dictionary_locators", "text", "voice_settings", "xi-api-key"}
)  # fmt: skip


class _Closing(Exception):
    """The socket is closed after a message that says why."""

    def __init__(self, code: int, error: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.error = error


@dataclass(slots=True)
class _Context:
    mouth: Mouth
    schedule: list[int]
    fault: Fault | None = None
    text: str = ""
    is_closing: bool = False


@dataclass(slots=True)
class ElevenLabsSocket:
    """Answers one client until it leaves.

    Args:
        asked: where each text goes as it is spoken.
        idle_s: of silence of the client, after which it is closed.
        is_auto: every text is spoken as it comes.
        is_aligned: tells when each character is said.
    """

    socket: web.WebSocketResponse
    speech: Speech
    asked: deque[str]
    idle_s: float
    is_auto: bool
    is_aligned: bool
    _contexts: dict[str, _Context] = field(default_factory=dict)
    _is_ending: bool = False

    async def run(self) -> None:
        """Until either side closes."""
        try:
            while True:
                message = await self.socket.receive(timeout=self.idle_s)
                if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
                    return
                await self._take(_document(message.type, message.data))
        except TimeoutError:
            closing = _Closing(WSCloseCode.POLICY_VIOLATION, "input_timeout_exceeded", "Nothing came for too long.")
            await self._end(closing)
        except _Closing as closing:
            await self._end(closing)
        except asyncio.QueueFull:
            await self._end(_Closing(WSCloseCode.POLICY_VIOLATION, "queue_full", "More text than can wait."))
        except ConnectionResetError:
            pass  # who listened has left
        finally:
            for context in list(self._contexts.values()):
                await context.mouth.stop()

    async def _take(self, document: Mapping[str, Any]) -> None:
        if document.get("close_socket"):
            self._is_ending = True
            for name, context in list(self._contexts.items()):
                self._say(context)
                self._close(name)
            if not self._contexts:
                await self.socket.close()
            return
        name = document.get("context_id") or document.get("contextId") or ""
        if document.get("close_context"):
            self._close(name)
            return
        context = self._contexts.get(name) or self._open(name, document)
        if context.is_closing:
            return
        context.text += document.get("text") or ""
        is_due = len(context.text) >= context.schedule[0]
        if document.get("flush") or (self.is_auto and context.text.strip()) or is_due:
            self._say(context)

    def _open(self, name: str, document: Mapping[str, Any]) -> _Context:
        if len(self._contexts) >= _MOST_CONTEXTS:
            message = f"Maximum of {_MOST_CONTEXTS} simultaneous contexts exceeded."
            raise _Closing(WSCloseCode.POLICY_VIOLATION, "max_simultaneous_contexts_exceeded", message)
        schedule = (document.get("generation_config") or {}).get("chunk_length_schedule", _SCHEDULE)
        mouth = Mouth(self.speech, partial(self._sound, name), self._drop)
        self._contexts[name] = context = _Context(mouth, list(schedule))
        return context

    def _say(self, context: _Context) -> None:
        """Speak the buffer next; a context's first text draws its fault."""
        text, context.text = context.text, ""
        if not text.strip():
            return
        if len(context.schedule) > 1:
            del context.schedule[0]
        if context.fault is None:
            context.fault = self.speech.behaviour.take()
        if context.fault is Fault.LIMITED:
            self.speech.behaviour.refuse(429)
            message = "Too many concurrent requests for your plan."
            raise _Closing(WSCloseCode.POLICY_VIOLATION, "too_many_concurrent_requests", message)
        if context.fault is Fault.FAILING:
            self.speech.behaviour.refuse(500)
            raise _Closing(WSCloseCode.INTERNAL_ERROR, "internal_server_error", "Something went wrong.")
        self.asked.append(text.strip())
        context.mouth.say(text, context.fault)

    def _close(self, name: str) -> None:
        context = self._contexts.get(name)
        if context is not None and not context.is_closing:
            context.is_closing = True
            context.mouth.then(partial(self._release, name))

    async def _release(self, name: str) -> None:
        await self.socket.send_json({"isFinal": True, "contextId": name})
        context = self._contexts.pop(name)
        if self._is_ending and not self._contexts:
            await self.socket.close()
        await context.mouth.stop()

    async def _sound(self, name: str, sound: Sound) -> None:
        if sound.pcm == GARBAGE:
            await self.socket.send_str("}{ garbage")
            return
        message: dict[str, Any] = {
            "audio": base64.b64encode(sound.pcm).decode(), "isFinal": None, "contextId": name,
            "alignment": None, "normalizedAlignment": None,
        }  # fmt: skip
        if sound.text and self.is_aligned:
            message["alignment"] = message["normalizedAlignment"] = _alignment(sound)
        await self.socket.send_json(message)

    async def _end(self, closing: _Closing) -> None:
        await self.socket.send_json({"message": str(closing), "error": closing.error, "code": closing.code})
        await self.socket.close(code=closing.code, message=str(closing).encode())

    async def _drop(self) -> None:
        await self.socket.close(code=WSCloseCode.INTERNAL_ERROR)


def _document(kind: WSMsgType, data: Any) -> dict[str, Any]:
    """A client's message. Raises _Closing."""
    try:
        document = json.loads(data) if kind is WSMsgType.TEXT else None
    except ValueError:
        document = None
    if not isinstance(document, dict) or set(document) - _KEYS:
        raise _Closing(WSCloseCode.POLICY_VIOLATION, "invalid_message", "The message is not of the expected form.")
    return document


def _alignment(sound: Sound) -> dict[str, Any]:
    """When each character is said, all as long as another."""
    count = len(sound.text)
    starts = [sound.start_ms + index * sound.length_ms // count for index in range(count + 1)]
    return {
        "chars": list(sound.text),
        "charStartTimesMs": starts[:-1],
        "charDurationsMs": [after - before for before, after in pairwise(starts)],
    }
