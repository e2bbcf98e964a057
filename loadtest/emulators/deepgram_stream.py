"""A socket of Deepgram's live recognition: audio and control messages in, a session's messages out when due."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from typing import Protocol

import numpy as np
from aiohttp import WSMsgType, web

from loadtest.caller.ulaw import decode
from loadtest.emulators.deepgram_listen_session import Due
from loadtest.emulators.deepgram_messages import Message, has_words
from loadtest.emulators.fingerprint import Samples
from loadtest.emulators.profiles import Fault
from loadtest.emulators.transcript import Transcribing

#: Without audio or a message for so long the API closes, as its documentation says.
IDLE_LIMIT_S = 10.0
_MOST_WAITING = 1000
_DRIP_S = 1.0
_SEND_LIMIT_S = 5.0
_CLOSE_LIMIT_S = 0.5
_LONGEST_MESSAGE = 1 << 20
_UNDECODABLE = (1008, b"DATA-0000: The payload cannot be decoded as audio.")
_IDLE = (
    1011,
    b"Deepgram did not receive audio data or a text message within the timeout window. See https://dpgr.am/net0001",
)
_INTERNAL = (
    1011,
    b"Deepgram did not provide a response message within the timeout window. See https://dpgr.am/net0000",
)
_DONE = (1000, b"")


class Session(Protocol):
    """What turns audio into messages."""

    is_closed: bool

    def open(self) -> Iterator[Due]: ...
    def feed(self, samples: Samples) -> Iterator[Due]: ...
    def control(self, document: Message) -> Iterator[Due]: ...


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
        request_id: str,
        fault: Fault,
        usage: Counter[str],
    ) -> None:
        self._session = session
        self._transcriber = transcriber
        self._encoding = encoding
        self._request_id = request_id
        self._fault = fault
        self._usage = usage
        self._waiting: asyncio.Queue[tuple[float, Message] | None] = asyncio.Queue(_MOST_WAITING)

    async def run(self, request: web.Request) -> web.WebSocketResponse:
        """Serve until either end closes."""
        socket = web.WebSocketResponse(compress=False, max_msg_size=_LONGEST_MESSAGE, timeout=_CLOSE_LIMIT_S)
        socket.headers["dg-request-id"] = self._request_id
        await socket.prepare(request)
        self._usage["streams"] += 1
        sending = asyncio.create_task(self._send(socket), name="deepgram-send")
        receiving = asyncio.create_task(self._receive(socket), name="deepgram-receive")
        try:
            await asyncio.wait({sending, receiving}, return_when=asyncio.FIRST_COMPLETED)
            code, reason = receiving.result() if receiving.done() else _INTERNAL
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
                message = await socket.receive(timeout=IDLE_LIMIT_S)
                if message.type not in (WSMsgType.BINARY, WSMsgType.TEXT):
                    return _DONE
                self._put(self._heard(message.data))
            self._waiting.put_nowait(None)
        except TimeoutError:
            return _IDLE
        except asyncio.QueueFull:
            return _INTERNAL
        except ValueError:
            return _UNDECODABLE
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
            is_told = is_told or has_words(message)
            if is_told and self._fault is Fault.DROPPING:
                return


def _object(text: str) -> Message:
    """A control message; what is none is one of no type."""
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    return document if isinstance(document, dict) else {"type": None, "unread": text}
