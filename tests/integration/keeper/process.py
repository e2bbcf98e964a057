"""The keeper as a process, as a supervisor starts it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import IO, Any

import aiohttp

from tests.integration.sip.stack import Stack

DEADLINE_S = 20.0


@dataclass
class KeeperProcess:
    """A running keeper."""

    port: int
    process: subprocess.Popen[bytes]
    http: aiohttp.ClientSession

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def get(self, path: str) -> tuple[int, Any]:
        """Status and body; (0, None) while nobody listens."""
        try:
            async with self.http.get(f"{self.base}{path}") as response:
                body = await response.text() if path == "/metrics" else await response.json()
                return response.status, body
        except aiohttp.ClientError:
            return 0, None

    async def leads(self) -> bool:
        return bool(((await self.get("/status"))[1] or {}).get("leader"))

    async def metric(self, name: str) -> float:
        """A sample's value; 0 when there is none."""
        _, text = await self.get("/metrics")
        values = [line.split()[-1] for line in (text or "").splitlines() if line.startswith(f"{name} ")]
        return float(values[0]) if values else 0.0

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)


@asynccontextmanager
async def keeper_process(stack: Stack, database: str, number: int) -> AsyncIterator[KeeperProcess]:
    """Start keeper 0 or 1 on the port that LiveKit posts its webhooks to, and wait until it is ready."""
    environment = os.environ | {
        "DATABASE_URL": database,
        "LIVEKIT_URL": stack.address.url,
        "LIVEKIT_API_KEY": stack.address.api_key,
        "LIVEKIT_API_SECRET": stack.address.api_secret,
        "VOICEFLEET_KEEPER_ID": f"keeper-{number}",
        "VOICEFLEET_KEEPER_HTTP_PORT": str(stack.webhook_ports[number]),
    }
    with (stack.folder / f"keeper-{number}.log").open("wb") as log:
        process = _started(environment, log)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as http:
        keeper = KeeperProcess(stack.webhook_ports[number], process, http)
        try:
            await until(lambda: _is_ready(keeper))
            yield keeper
        finally:
            process.terminate()
            process.wait(timeout=10)


def _started(environment: dict[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "agent.keeper"], env=environment, stderr=log)


async def until(condition: Callable[[], Awaitable[bool]], *, deadline_s: float = DEADLINE_S) -> None:
    """Wait for something that can only be asked for.

    Raises: TimeoutError: it did not come true.
    """
    async with asyncio.timeout(deadline_s):
        while not await condition():  # noqa: ASYNC110 - other processes set no events
            await asyncio.sleep(0.05)


async def _is_ready(keeper: KeeperProcess) -> bool:
    assert keeper.process.poll() is None, "the keeper ended"
    return (await keeper.get("/ready"))[0] == 200
