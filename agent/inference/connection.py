"""One client's connection to the front: requests in, answers out, in whatever order they finish."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from agent.inference import frames
from agent.inference.engine import Engine, Request
from agent.inference.messages import Priority, Refusal
from agent.runtime.logs import get_logger

_log = get_logger("agent.inference.connection")
#: Answers a client may leave unread; one that reads nothing must not fill our memory.
_MOST_UNREAD_BYTES = 32 * 1024 * 1024
_LONGEST_DEADLINE_S = 60.0

HealthReport = Callable[[], dict[str, Any]]


class Connection:
    """Serves one client until it goes; its unfinished requests are cancelled then.

    Args:
        engines: by the `op` they serve.
        health: what the op `health` answers.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        engines: Mapping[str, Engine],
        health: HealthReport,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._engines = engines
        self._health = health
        self._open: dict[int, tuple[Engine, Request]] = {}

    async def run(self) -> None:
        """Read requests until the client closes or breaks the protocol."""
        try:
            while (frame := await frames.read(self._reader)) is not None:
                self._on_frame(frame)
        except frames.FrameError as error:
            _log.warning("inference.bad_client", error=str(error))
        finally:
            for engine, request in self._open.values():
                engine.cancel(request)
            self._open.clear()
            self._writer.close()

    def _on_frame(self, frame: frames.Frame) -> None:
        header = frame.header
        number, op = header.pop("id", None), header.pop("op", None)
        if not isinstance(number, int):
            raise frames.FrameError("id: expected a number")
        if op == "cancel":
            if entry := self._open.pop(number, None):
                entry[0].cancel(entry[1])
        elif op == "health":
            self._send({"id": number, "ok": True, **self._health()})
        elif op in self._engines:
            self._submit(number, self._engines[op], header, frame.payload)
        else:
            self._refuse(number, f"op: no such operation: {op!r}")

    def _submit(self, number: int, engine: Engine, header: dict[str, Any], payload: bytes) -> None:
        if number in self._open:
            raise frames.FrameError(f"id {number} is in use")
        try:
            priority = Priority(header.pop("priority", Priority.FINAL.value))
            deadline_s = min(float(header.pop("deadline_s")), _LONGEST_DEADLINE_S)
        except (KeyError, TypeError, ValueError):
            self._refuse(number, "priority or deadline_s: missing or malformed")
            return

        def reply(answer: Mapping[str, Any], audio: bytes) -> None:
            self._open.pop(number, None)
            self._send({**answer, "id": number}, audio)

        now = asyncio.get_running_loop().time()
        request = Request(header, payload, priority, now + deadline_s, now, reply)
        self._open[number] = (engine, request)
        engine.submit(request)

    def _refuse(self, number: int, message: str) -> None:
        self._send({"id": number, "ok": False, "code": Refusal.BAD_REQUEST.value, "message": message})

    def _send(self, header: Mapping[str, Any], payload: bytes = b"") -> None:
        if self._writer.is_closing():
            return
        self._writer.write(frames.encode(header, payload))
        if self._writer.transport.get_write_buffer_size() > _MOST_UNREAD_BYTES:
            _log.warning("inference.client_does_not_read")
            self._writer.transport.abort()
