"""A server over scripted children, and waiting for things to become true."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from agent.inference.client import InferenceClient, Priority, Transcript
from agent.inference.engine import Engine
from agent.inference.server import Server

PATIENCE_S = 20.0
CHILD = Path(__file__).with_name("scripted_child.py")


async def until(is_true: Callable[[], bool] | Callable[[], Awaitable[bool]]) -> None:
    """Return when the condition holds; fail when it does not within PATIENCE_S."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            value = is_true()
            if value if isinstance(value, bool) else await value:
                return
            await asyncio.sleep(0.005)


@dataclass
class Desk:
    """One scripted engine behind a real socket."""

    engine: Engine
    server: Server
    socket_path: Path
    directory: Path

    def client(self) -> InferenceClient:
        return InferenceClient(self.socket_path)

    def started(self) -> list[str]:
        """What the child was given, in the order it was begun."""
        path = self.directory / "started"
        return path.read_text().splitlines() if path.exists() else []

    def gate(self, name: str) -> Path:
        return self.directory / name

    async def occupied(self, running: int, queued: int = 0) -> None:
        await until(lambda: (self.engine.health().running, self.engine.health().queued) == (running, queued))


def ask(
    client: InferenceClient, script: str, *, deadline_s: float = PATIENCE_S, priority: Priority = Priority.FINAL
) -> asyncio.Task[Transcript]:
    """Send a script and return the task that waits for its result."""
    return asyncio.create_task(
        client.transcribe(script.encode(), deadline_s=deadline_s, priority=priority), name=script
    )


@asynccontextmanager
async def open_desk(
    directory: Path, *, slots: int = 1, queue_limit: int = 4, is_ready: bool = True
) -> AsyncIterator[Desk]:
    """Start a server over one scripted engine, ready unless told otherwise."""
    env = {**os.environ, "STARTED": str(directory / "started")}
    if not is_ready:
        env["WARM_UP_GATE"] = str(directory / "warm")
    command = (sys.executable, str(CHILD), "--slots", str(slots))
    engine = Engine("whisper", command, slots, queue_limit, env)
    path = directory / "inference.sock"
    async with Server(path, {"transcribe": engine}) as server:
        desk = Desk(engine, server, path, directory)
        if is_ready:
            await until(lambda: engine.health().ready)
        yield desk
