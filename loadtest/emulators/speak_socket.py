"""One websocket of Aura: text in, a word or a sentence at a time; audio and what became of it out.

A sentence is spoken as soon as it is whole, the rest when it is flushed.

Source: Deepgram's asyncapi document, /v1/speak; its guides to Flush (20 a minute, more are ignored with a warning) and
Clear, and to troubleshooting websockets (codes of the close frames). When speech begins before a flush is assumed.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from loadtest.emulators.mouth import Mouth, Sound, Speech, sentences
from loadtest.emulators.profiles import Fault

_MOST_FLUSHES, _FLUSH_WINDOW_S = 20, 60.0
_MODEL_UUID = str(uuid.uuid5(uuid.NAMESPACE_DNS, "emulator"))


class _Closing(Exception):
    """The socket is closed, with a code and a reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class SpeakSocket:
    """Answers one client until it leaves.

    Args:
        asked: where each text goes as it is spoken.
        made: the request's id.
    """

    def __init__(self, socket: web.WebSocketResponse, speech: Speech, asked: deque[str], made: str, model: str) -> None:
        self._socket = socket
        self._speech = speech
        self._asked = asked
        self._hello = {
            "type": "Metadata", "request_id": made, "model_name": model, "model_version": "2026-01-01.0",
            "model_uuid": _MODEL_UUID,
        }  # fmt: skip
        self._mouth = Mouth(speech, self._sound, self._drop)
        self._text = ""
        self._fault: Fault | None = None
        self._sequence = 0
        self._flushes: deque[float] = deque(maxlen=_MOST_FLUSHES)
        self._rules: dict[str, Callable[[dict[str, Any]], Awaitable[None]]] = {
            "Speak": self._speak, "Flush": self._flush, "Clear": self._clear, "Close": self._close,
        }  # fmt: skip

    async def run(self) -> None:
        """Until either side closes."""
        try:
            await self._socket.send_json(self._hello)
            async for message in self._socket:
                document = _document(message.type, message.data)
                await self._rules[document["type"]](document)
        except _Closing as closing:
            await self._socket.close(code=closing.code, message=str(closing).encode())
        except asyncio.QueueFull:
            await self._socket.close(code=WSCloseCode.MESSAGE_TOO_BIG, message=b"BIG-0000")
        except ConnectionResetError:
            pass  # who listened has left
        finally:
            await self._mouth.stop()

    async def _speak(self, document: dict[str, Any]) -> None:
        text = document.get("text")
        if not isinstance(text, str):
            raise _Closing(WSCloseCode.POLICY_VIOLATION, "DATA-0000")
        whole, self._text = sentences(self._text + text)
        for each in whole:
            self._say(each)

    async def _flush(self, _: dict[str, Any]) -> None:
        now = asyncio.get_running_loop().time()
        if len(self._flushes) == _MOST_FLUSHES and now - self._flushes[0] < _FLUSH_WINDOW_S:
            description = f"more than {_MOST_FLUSHES} flushes in {_FLUSH_WINDOW_S:.0f} seconds; this one is ignored"
            await self._socket.send_json({"type": "Warning", "description": description, "code": "EXCESSIVE_FLUSH"})
            return
        self._flushes.append(now)
        if self._text.strip():
            self._say(self._text)
        self._text, self._fault = "", None
        self._mouth.then(partial(self._tell, "Flushed"))

    async def _clear(self, _: dict[str, Any]) -> None:
        await self._mouth.stop()
        self._text, self._fault = "", None
        await self._tell("Cleared")

    async def _close(self, _: dict[str, Any]) -> None:
        if self._text.strip():
            self._say(self._text)
            self._text = ""
        self._mouth.then(self._socket.close)

    def _say(self, text: str) -> None:
        """Speak next; the first text since a flush draws the fault of all until the next one."""
        if self._fault is None:
            self._fault = self._speech.behaviour.take()
        if self._fault is Fault.LIMITED:
            self._speech.behaviour.refuse(429)
            raise _Closing(WSCloseCode.POLICY_VIOLATION, "TOO_MANY_REQUESTS")
        if self._fault is Fault.FAILING:
            self._speech.behaviour.refuse(500)
            raise _Closing(WSCloseCode.INTERNAL_ERROR, "NET-0000")
        self._asked.append(text.strip())
        self._mouth.say(text, self._fault)

    async def _sound(self, sound: Sound) -> None:
        await self._socket.send_bytes(sound.pcm)

    async def _tell(self, what: str) -> None:
        await self._socket.send_json({"type": what, "sequence_id": self._sequence})
        self._sequence += 1

    async def _drop(self) -> None:
        await self._socket.close(code=WSCloseCode.INTERNAL_ERROR, message=b"NET-0002")


def _document(kind: WSMsgType, data: Any) -> dict[str, Any]:
    """A client's message. Raises _Closing."""
    if kind is not WSMsgType.TEXT:
        raise _Closing(WSCloseCode.UNSUPPORTED_DATA, "MESSAGE-0000")
    try:
        document = json.loads(data)
    except ValueError:
        document = None
    if not isinstance(document, dict) or document.get("type") not in ("Speak", "Flush", "Clear", "Close"):
        raise _Closing(WSCloseCode.POLICY_VIOLATION, "DATA-0000")
    return document
