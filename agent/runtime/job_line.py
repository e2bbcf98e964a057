"""Between a worker and its job processes: one Unix socket, lines of JSON both ways, nobody waits for anybody.

A job has exactly one parent, on the same machine and alive as long as it, so there is nothing to reconnect to. What
finds no room is not sent: metrics and what is known of providers are worth less than a call's time.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from agent.runtime.logs import get_logger

_log = get_logger("agent.job_line")

#: JSON-compatible.
Message: TypeAlias = Mapping[str, Any]

#: Of what the other side has not read yet; and of one line.
_MOST_BYTES = 64 * 1024
_CONNECT_S = 0.3
_HANG_UP_S = 0.5


class JobLine(asyncio.Protocol):
    """One end of a connection.

    Args:
        heard: called with each message of the other side, on the event loop.
        begun: called once the connection is made; ended: once it is gone.
    """

    def __init__(
        self,
        heard: Callable[[Message], None],
        begun: Callable[[JobLine], None] = lambda _: None,
        ended: Callable[[JobLine], None] = lambda _: None,
    ) -> None:
        self._heard = heard
        self._begun = begun
        self._ended = ended
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._gone = asyncio.Event()
        #: Messages there was no room for.
        self.lost = 0

    def send(self, message: Message) -> bool:
        """Give a message to the other side; False when it was dropped. Returns at once and never raises."""
        transport = self._transport
        if transport is None or transport.is_closing() or transport.get_write_buffer_size() > _MOST_BYTES:
            self.lost += 1
            return False
        transport.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
        return True

    async def hang_up(self) -> None:
        """Say that nothing more comes, and wait up to half a second until all of it was read.

        A socket closed at once would fail the other side's next write, and with it drop what is there to be read.
        """
        if self._transport is None:
            return
        if not self._transport.is_closing():
            self._transport.write_eof()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_HANG_UP_S):
                await self._gone.wait()
        self.close()

    def close(self) -> None:
        """Drop the connection."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio's."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._begun(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio's."""
        self._gone.set()
        self._ended(self)

    def data_received(self, data: bytes) -> None:
        """asyncio's."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._read(line)
        if len(self._rest) > _MOST_BYTES and self._transport is not None:
            _log.error("job_line.endless", received_bytes=len(self._rest))
            self._rest = b""
            self._transport.abort()

    def _read(self, line: bytes) -> None:
        try:
            message = json.loads(line)
        except ValueError:
            message = None
        if isinstance(message, dict):
            self._heard(message)
        else:
            _log.error("job_line.unreadable", received_bytes=len(line))


async def dial(path: Path | None, heard: Callable[[Message], None]) -> JobLine | None:
    """A job's end; None, after at most 0.3 s, when there is no parent to be reached."""
    if path is None:
        return None
    try:
        async with asyncio.timeout(_CONNECT_S):
            _, line = await asyncio.get_running_loop().create_unix_connection(lambda: JobLine(heard), str(path))
    except OSError as error:
        _log.warning("job_line.not_reached", error=str(error) or type(error).__name__)
        return None
    return line


class Switch:
    """The parent's end: the lines of all its jobs.

    Args:
        heard: called with each message of any job.
        greeting: what a job is told as soon as it dials.
    """

    def __init__(self, path: Path, heard: Callable[[Message], None], greeting: Callable[[], Message]) -> None:
        self._path = path
        self._heard = heard
        self._greeting = greeting
        self._lines: set[JobLine] = set()
        self._server: asyncio.Server | None = None

    @property
    def jobs(self) -> int:
        """How many are connected."""
        return len(self._lines)

    def tell_all(self, message: Message) -> None:
        """Send to every job; one that reads nothing goes without."""
        for line in self._lines:
            line.send(message)

    async def __aenter__(self) -> Switch:
        self._server = await asyncio.get_running_loop().create_unix_server(
            lambda: JobLine(self._heard, self._begin, self._lines.discard), str(self._path)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for line in list(self._lines):
            line.close()
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    def _begin(self, line: JobLine) -> None:
        self._lines.add(line)
        line.send(self._greeting())
