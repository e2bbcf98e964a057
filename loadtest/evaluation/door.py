"""The only way to the agent: a `voicefleet rehearse` process, spoken to in lines of JSON."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

#: Longer than any reply without audio, a slow machine's first import included.
_DEADLINE_S = 60.0
_CLOSE_S = 10.0
_LONGEST_LINE_BYTES = 1 << 20


class DoorError(Exception):
    """The agent's process ended or did not answer in time."""


class Door:
    """One process, one call at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, **asked: Any) -> dict[str, Any]:
        """Send one line, and wait for its answer. Raises DoorError."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            async with asyncio.timeout(_DEADLINE_S):
                stdin.write(json.dumps(asked).encode() + b"\n")
                await stdin.drain()
                line = await stdout.readline()
        except (TimeoutError, ConnectionError) as error:
            raise DoorError(f"no answer to {asked}: {error!r}") from error
        if not line:
            raise DoorError(f"the agent's process ended at {asked}; what it said is above")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextlib.asynccontextmanager
async def open_door(tenant: Path, *options: str) -> AsyncIterator[Door]:
    """A process of the agent's for this tenant, with these options of its own; ended at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agent.cli", "rehearse", "--tenant", str(tenant), *options,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LONGEST_LINE_BYTES,
    )  # fmt: skip
    try:
        yield Door(process)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(_CLOSE_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
