"""Notices when neither side has spoken for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from agent.runtime.tasks import TaskSet


class SilenceWatch:
    """Counts silences in a row.

    Args:
        on_silence: told the count, from 1; may speak.
        after_s: seconds of silence that count as one.
    """

    def __init__(self, on_silence: Callable[[int], Awaitable[None]], *, after_s: float) -> None:
        self._on_silence = on_silence
        self._after_s = after_s
        self._count = 0
        self._tasks = TaskSet("silence")
        self._timer: asyncio.Task[None] | None = None

    def quiet(self) -> None:
        """Both sides have stopped: start waiting."""
        self.sound()
        self._timer = self._tasks.start(self._wait(), name="timer")

    def sound(self) -> None:
        """Somebody makes a sound: stop waiting."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def caller_spoke(self) -> None:
        """The caller said something: the next silence is the first again."""
        self._count = 0

    async def aclose(self) -> None:
        """Stop watching."""
        await self._tasks.aclose()

    async def _wait(self) -> None:
        await asyncio.sleep(self._after_s)
        self._timer = None  # what follows is not part of the wait, so a sound must not cancel it
        self._count += 1
        await self._on_silence(self._count)
