"""A socket of live recognition: audio and control messages in, a session's messages out when due."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from aiohttp import WSMsgType, web

from loadtest.caller.ulaw import decode
from loadtest.emulators.deepgram_listen_session import Due
from loadtest.emulators.deepgram_messages import Message
from loadtest.emulators.fingerprint import Samples
from loadtest.emulators.profiles import Fault
from loadtest.emulators.transcript import Transcribing

_MOST_WAITING = 1000
_DRIP_S = 1.0
_SEND_LIMIT_S = 5.0
_CLOSE_LIMIT_S = 0.5
_LONGEST_MESSAGE = 1 << 20
_DONE = (1000, b"")


End = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Ends:
    """How a vendor closes a socket: code and reason.

    Attributes:
        undecodable: the audio is none; idle: neither audio nor a message came for idle_limit_s; internal: it gave up.
        headers: of the handshake's answer.
    """

    undecodable: End
    idle: End
    internal: End
    idle_limit_s: float
    headers: Mapping[str, str]


class Session(Protocol):
    """What turns audio into messages."""

    is_closed: bool

    def open(self) -> Iterator[Due]: ...
    def feed(self, samples: Samples) -> Iterator[Due]: ...
    def control(self, document: Message) -> Iterator[Due]: ...
    def has_words(self, message: Message) -> bool:
        """It tells what was said."""
        ...


class Stream:
    """One socket.

    Args:
        usage: counts `streams`, `audio_ms` that was heard, and stretches of speech (`unknown`, `unknown_ms`) that were
            no recording.
    """

    def __init__(
        self,
        session: Session,
        transcriber: Transcribing,
        encoding: str,
        ends: Ends,
        fault: Fault,
        usage: Counter[str],
    ) -> None:
        self._session = session
        self._transcriber = transcriber
        self._encoding = encoding
        self._ends = ends
        self._fault = fault
        self._usage = usage
        self._waiting: asyncio.Queue[tuple[float, Message] | None] = asyncio.Queue(_MOST_WAITING)

    async def run(self, request: web.Request) -> web.WebSocketResponse:
        """Serve until either end closes."""
        socket = web.WebSocketResponse(compress=False, max_msg_size=_LONGEST_MESSAGE, timeout=_CLOSE_LIMIT_S)
        socket.headers.update(self._ends.headers)
        await socket.prepare(request)
        self._usage["streams"] += 1
        sending = asyncio.create_task(self._send(socket), name="listen-send")
        receiving = asyncio.create_task(self._receive(socket), name="listen-receive")
        try:
            await asyncio.wait({sending, receiving}, return_when=asyncio.FIRST_COMPLETED)
            code, reason = receiving.result() if receiving.done() else self._ends.internal
            if self._session.is_closed and not sending.done():
                await sending
        finally:
            for task in (receiving, sending):
                task.cancel()
            await asyncio.gather(receiving, sending, return_exceptions=True)
        await socket.close(code=code, message=reason)
        return socket

    async def _receive(self, socket: web.WebSocketResponse) -> tuple[int, bytes]:
        """Until the client closes, or must be closed on: how."""
        try:
            self._put(self._session.open())
            while not self._session.is_closed:
                message = await socket.receive(timeout=self._ends.idle_limit_s)
                if message.type not in (WSMsgType.BINARY, WSMsgType.TEXT):
                    return _DONE
                self._put(self._heard(message.data))
            self._waiting.put_nowait(None)
        except TimeoutError:
            return self._ends.idle
        except asyncio.QueueFull:
            return self._ends.internal
        except ValueError:
            return self._ends.undecodable
        return _DONE

    def _heard(self, data: bytes | str) -> Iterator[Due]:
        """What a message brings about. Raises ValueError: its audio is none."""
        if isinstance(data, str):
            return self._session.control(_object(data))
        if not data:  # as old clients end a stream
            return self._session.control({"type": "CloseStream"})
        samples = decode(data) if self._encoding == "mulaw" else np.frombuffer(data, dtype="<i2").astype(np.int16)
        return self._session.feed(samples)

    def _put(self, messages: Iterator[Due]) -> None:
        """Raises asyncio.QueueFull: the client does not read."""
        activity, before_s = self._transcriber.activity, self._transcriber.activity.time_s
        found = list(messages)
        now, heard_s = time.monotonic(), activity.time_s
        unknown, unknown_s = self._transcriber.take_unknown()
        self._usage["audio_ms"] += round(1000 * (heard_s - before_s))
        self._usage["unknown"] += unknown
        self._usage["unknown_ms"] += round(1000 * unknown_s)
        if self._fault is Fault.MUTE:
            return
        for due in found:
            self._waiting.put_nowait((now + max(0.0, due.at_s - heard_s), due.message))

    async def _send(self, socket: web.WebSocketResponse) -> None:
        """What is due, in order, until there is no more; or until the first words, under DROPPING and STALLING."""
        is_told = False
        while (waiting := await self._waiting.get()) is not None:
            due, message = waiting
            if is_told and self._fault is Fault.STALLING:
                continue
            await asyncio.sleep(max(_DRIP_S if self._fault is Fault.DRIPPING else 0.0, due - time.monotonic()))
            text = json.dumps(message, separators=(",", ":"))
            if self._fault is Fault.MALFORMED:
                text = text[: len(text) // 2]
            async with asyncio.timeout(_SEND_LIMIT_S):
                await socket.send_str(text)
            is_told = is_told or self._session.has_words(message)
            if is_told and self._fault is Fault.DROPPING:
                return


def _object(text: str) -> Message:
    """A control message; what is none is one of no type."""
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    return document if isinstance(document, dict) else {"type": None, "unread": text}
