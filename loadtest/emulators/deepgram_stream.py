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
#: How a stream that runs is refused; the codes of Aura's close frames are assumed.
_REFUSALS = {Fault.LIMITED: (1008, b"TOO_MANY_REQUESTS"), Fault.FAILING: (1011, b"NET-0000")}
_SILENT = (Fault.MUTE, Fault.HANGING)


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
        self._is_told = False
        self._refused = asyncio.Event()

    def suffer(self, fault: Fault) -> None:
        """Have this fault from now on, as if nothing had been told yet."""
        self._fault, self._is_told = fault, False
        if fault in _REFUSALS:
            self._refused.set()

    async def run(self, request: web.Request) -> web.WebSocketResponse:
        """Serve until either end closes."""
        socket = web.WebSocketResponse(compress=False, max_msg_size=_LONGEST_MESSAGE, timeout=_CLOSE_LIMIT_S)
        socket.headers["dg-request-id"] = self._request_id
        await socket.prepare(request)
        self._usage["streams"] += 1
        sending = asyncio.create_task(self._send(socket), name="deepgram-send")
        receiving = asyncio.create_task(self._receive(socket), name="deepgram-receive")
        refused = asyncio.create_task(self._refused.wait(), name="deepgram-refused")
        tasks = (sending, receiving, refused)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            code, reason = receiving.result() if receiving.done() else _REFUSALS.get(self._fault, _INTERNAL)
            if self._session.is_closed and not sending.done():
                await sending
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
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
        if self._fault is Fault.WRONG_RATE:  # taken for audio of half its rate, it is twice as long and as low
            samples = np.repeat(samples, 2)
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
        for due in found:
            self._waiting.put_nowait((now + max(0.0, due.at_s - heard_s), due.message))

    async def _send(self, socket: web.WebSocketResponse) -> None:
        """What is due, in order, until there is no more; or until the first words, under DROPPING and STALLING."""
        while (waiting := await self._waiting.get()) is not None:
            due, message = waiting
            await asyncio.sleep(max(_DRIP_S if self._fault is Fault.DRIPPING else 0.0, due - time.monotonic()))
            if self._fault in _SILENT or (self._is_told and self._fault is Fault.STALLING):
                continue
            text = json.dumps(message, separators=(",", ":"))
            if self._fault is Fault.MALFORMED:
                text = text[: len(text) // 2]
            async with asyncio.timeout(_SEND_LIMIT_S):
                await socket.send_str(text)
            self._is_told = self._is_told or has_words(message)
            if self._is_told and self._fault is Fault.DROPPING:
                return


def _object(text: str) -> Message:
    """A control message; what is none is one of no type."""
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    return document if isinstance(document, dict) else {"type": None, "unread": text}
