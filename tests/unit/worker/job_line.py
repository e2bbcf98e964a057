"""A parent's socket in a folder short enough for one, and a wait for what must come."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from agent.runtime.job_line import Message, Switch


@asynccontextmanager
async def listening(
    heard: Callable[[Message], None], greeting: Callable[[], Message]
) -> AsyncIterator[tuple[Path, Switch]]:
    with tempfile.TemporaryDirectory(prefix="vf-") as folder:
        path = Path(folder) / "jobs.sock"
        async with Switch(path, heard, greeting) as switch:
            yield path, switch


async def until(condition: Callable[[], bool]) -> None:
    """Turn the event loop until it is so."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - sockets set no events
            await asyncio.sleep(0.001)
