"""The worker as a process, as a supervisor starts it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.integration.sip.stack import API_KEY, API_SECRET

WORKER = "worker-under-test"
DEADLINE_S = 60.0


def environment(*, database: str, livekit_url: str, socket: Path, port: int) -> dict[str, str]:
    """A worker with two seats."""
    return os.environ | {
        "DATABASE_URL": database,
        "LIVEKIT_URL": livekit_url,
        "LIVEKIT_API_KEY": API_KEY,
        "LIVEKIT_API_SECRET": API_SECRET,
        "VOICEFLEET_INFERENCE_SOCKET": str(socket),
        "VOICEFLEET_WORKER_ID": WORKER,
        "VOICEFLEET_WORKER_SEATS": "2",
        "VOICEFLEET_WORKER_HTTP_PORT": str(port),
    }


@dataclass
class WorkerProcess:
    """A running worker."""

    port: int
    process: subprocess.Popen[bytes]
    http: aiohttp.ClientSession

    async def reasons(self) -> list[str] | None:
        """Why it is not ready, [] when it is; None while nobody listens."""
        assert self.process.poll() is None, "the worker ended"
        try:
            async with self.http.get(f"http://127.0.0.1:{self.port}/ready") as response:
                body: dict[str, Any] = await response.json()
        except aiohttp.ClientError:
            return None
        assert (response.status == 200) == (body["reasons"] == [])
        reasons: list[str] = body["reasons"]
        return reasons

    async def is_ready(self) -> bool:
        return await self.reasons() == []

    async def says(self, *reasons: str) -> bool:
        """Whether these, by their beginnings, are all the reasons why it is not ready."""
        told = await self.reasons() or []
        return len(told) == len(reasons) and all(t.startswith(r) for t, r in zip(told, reasons, strict=True))


@asynccontextmanager
async def worker_process(env: dict[str, str], log: Path) -> AsyncIterator[WorkerProcess]:
    """Start a worker; stop it as its supervisor would."""
    process = _started(env, log)
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as http:
            yield WorkerProcess(int(env["VOICEFLEET_WORKER_HTTP_PORT"]), process, http)
    finally:
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, 30)
        finally:
            process.kill()


def _started(env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as file:
        return subprocess.Popen([sys.executable, "-m", "agent.worker"], env=env, stderr=file)


async def until(is_true: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that can only be asked for.

    Raises: TimeoutError: it did not come true.
    """
    async with asyncio.timeout(DEADLINE_S):
        while not await is_true():  # noqa: ASYNC110 - other processes set no events
            await asyncio.sleep(0.05)
