"""Probes: None means healthy, otherwise one phrase says why not."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg

Probe = Callable[[], Awaitable[str | None]]

#: A probe that has no answer after so long counts as failed.
PROBE_TIMEOUT_S = 2.0
_RETRANSMIT_S = 0.25


async def ask(probe: Probe, *, timeout_s: float = PROBE_TIMEOUT_S) -> str | None:
    """Run a probe; whatever goes wrong becomes its phrase."""
    try:
        async with asyncio.timeout(timeout_s):
            return await probe()
    except TimeoutError:
        return "gives no answer"
    except (OSError, EOFError, ValueError) as error:
        return str(error) or type(error).__name__


def redis_answers(socket_path: Path) -> Probe:
    """Redis says PONG."""

    async def probe() -> str | None:
        reader, writer = await asyncio.open_unix_connection(str(socket_path))
        try:
            writer.write(b"PING\r\n")
            answer = await reader.readline()
        finally:
            writer.close()
        return None if answer == b"+PONG\r\n" else f"answers PING with {answer.decode(errors='replace')!r}"

    return probe


def postgres_answers(url: str) -> Probe:
    """PostgreSQL accepts a query."""

    async def probe() -> str | None:
        try:
            connection = await asyncpg.connect(url, timeout=PROBE_TIMEOUT_S)
        except asyncpg.PostgresError as error:
            return str(error)
        try:
            await connection.fetchval("SELECT 1")
        finally:
            connection.terminate()
        return None

    return probe


def http_answers(host: str, port: int, path: str, *, good: tuple[int, ...] = (200,)) -> Probe:
    """GET says 200, or another status that counts as good."""

    async def probe() -> str | None:
        status, _ = await http_get(host, port, path)
        return None if status in good else f"GET {path} says {status}"

    return probe


def sip_answers(host: str, port: int, health_port: int) -> Probe:
    """livekit-sip calls itself healthy and answers OPTIONS on its SIP port.

    Its 429 only says that the machine's processors are busy, with whatever: it takes calls all the same.
    """
    healthy = http_answers("127.0.0.1", health_port, "/", good=(200, 429))

    async def probe() -> str | None:
        return await healthy() or await _answers_options(host, port)

    return probe


def command_succeeds(argv: list[str], env: dict[str, str], folder: Path) -> Probe:
    """A command ends with 0."""

    async def probe() -> str | None:
        quiet = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            *argv, env=env, cwd=folder, stdin=quiet, stdout=quiet, stderr=quiet
        )
        try:
            code = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return None if code == 0 else f"its health command ended with {code}"

    return probe


async def http_get(host: str, port: int, path: str) -> tuple[int, bytes]:
    """GET over a connection of its own: status and body, 64 kB at most."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.read(65536)
        while len(body) < 65536 and (more := await reader.read(65536)):
            body += more
    finally:
        writer.close()
    return int(head.split(b" ", 2)[1]), body


async def http_get_json(host: str, port: int, path: str) -> dict[str, Any] | None:
    """A JSON object over GET; None when it cannot be had."""
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            status, body = await http_get(host, port, path)
            document = json.loads(body)
    except (TimeoutError, OSError, EOFError, ValueError, IndexError):
        return None
    return document if status == 200 and isinstance(document, dict) else None


class _Options(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self.answer.done():
            self.answer.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(exc)


async def _answers_options(host: str, port: int) -> str | None:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(_Options, remote_addr=(host, port))
    try:
        mine = "{}:{}".format(*transport.get_extra_info("sockname")[:2])
        request = _options_request(f"{host}:{port}", mine)
        while not protocol.answer.done():
            transport.sendto(request)  # UDP: said again until heard, as SIP does
            await asyncio.wait([protocol.answer], timeout=_RETRANSMIT_S)
        answer = protocol.answer.result()
    finally:
        transport.close()
    line = answer.split(b"\r\n", 1)[0].decode(errors="replace")
    return None if line.startswith("SIP/2.0 200") else f"answers OPTIONS with {line!r}"


def _options_request(theirs: str, mine: str) -> bytes:
    unique = secrets.token_hex(8)
    return (
        f"OPTIONS sip:health@{theirs} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {mine};branch=z9hG4bK{unique}\r\nMax-Forwards: 70\r\n"
        f"From: <sip:health@{mine}>;tag={unique}\r\nTo: <sip:health@{theirs}>\r\n"
        f"Call-ID: {unique}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    ).encode()
