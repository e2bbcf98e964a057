"""A socket of live recognition: audio and control messages in, a session's messages out when due."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from aiohttp import WSMsgType, web

from loadtest.caller.ulaw import decode
from loadtest.emulators.behaviour import Behaviour
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
_SILENT = (Fault.MUTE, Fault.HANGING)

End = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Ends:
    """How a vendor closes a socket: code and reason.

    Attributes:
        undecodable: the audio is none; idle: neither audio nor a message came for idle_limit_s; internal: it gave up.
        limited, failing: a stream that runs is refused; assumed.
        headers: of the handshake's answer.
    """

    undecodable: End
    idle: End
    internal: End
    limited: End
    failing: End
    idle_limit_s: float
    headers: Mapping[str, str]


class Session(Protocol):
    """What turns audio into messages."""

    is_closed: bool

    def open(self) -> Iterator[Due]: ...
    def feed(self, samples: Samples) -> Iterator[Due]: ...
    def control(self, document: Message) -> Iterator[Due]: ...
    def audio_of(self, document: Message) -> Samples | None:
        """What a message carries, of vendors whose audio comes in messages; None where it carries none."""
        ...

    def has_words(self, message: Message) -> bool:
        """It tells what was said."""
        ...


class Stream:
    """One socket.

    Args:
        behaviour: may strike it while it runs; counts `streams`, `audio_ms` that was heard, and stretches of speech
            (`unknown`, `unknown_ms`) that were no recording.
    """

    def __init__(
        self,
        session: Session,
        transcriber: Transcribing,
        encoding: str,
        ends: Ends,
        fault: Fault,
        behaviour: Behaviour,
    ) -> None:
        self._session = session
        self._transcriber = transcriber
        self._encoding = encoding
        self._ends = ends
        self._fault = fault
        self._behaviour = behaviour
        self._usage = behaviour.usage
        self._waiting: asyncio.Queue[tuple[float, Message] | None] = asyncio.Queue(_MOST_WAITING)
        self._is_told = False
        self._refusal: asyncio.Future[End] = asyncio.get_running_loop().create_future()

    def suffer(self, fault: Fault) -> None:
        """Have this fault from now on, as if nothing had been told yet."""
        self._fault, self._is_told = fault, False
        refusals = {Fault.LIMITED: self._ends.limited, Fault.FAILING: self._ends.failing}
        if fault in refusals and not self._refusal.done():
            self._refusal.set_result(refusals[fault])

    async def run(self, request: web.Request) -> web.WebSocketResponse:
        """Serve until either end closes."""
        socket = web.WebSocketResponse(compress=False, max_msg_size=_LONGEST_MESSAGE, timeout=_CLOSE_LIMIT_S)
        socket.headers.update(self._ends.headers)
        await socket.prepare(request)
        self._usage["streams"] += 1
        sending = asyncio.create_task(self._send(socket), name="listen-send")
        receiving = asyncio.create_task(self._receive(socket), name="listen-receive")
        self._behaviour.running.add(self)
        try:
            awaited: set[asyncio.Future[Any]] = {sending, receiving, self._refusal}
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            ends = [each.result() for each in (receiving, self._refusal) if each.done()]
            code, reason = ends[0] if ends else self._ends.internal
            if self._session.is_closed and not sending.done():
                await sending
        finally:
            self._behaviour.running.discard(self)
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
        if not data:  # as old clients end a stream
            return self._session.control({"type": "CloseStream"})
        if isinstance(data, str):
            document = _object(data)
            carried = self._session.audio_of(document)
            if carried is None:
                return self._session.control(document)
            samples = carried
        else:
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
            self._is_told = self._is_told or self._session.has_words(message)
            if self._is_told and self._fault is Fault.DROPPING:
                return


def _object(text: str) -> Message:
    """A control message; what is none is one of no type."""
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    return document if isinstance(document, dict) else {"type": None, "unread": text}
