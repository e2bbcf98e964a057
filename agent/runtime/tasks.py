"""Background tasks with a name and an owner."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from agent.runtime.logs import get_logger

_log = get_logger("agent.runtime.tasks")
T = TypeVar("T")


class TaskSet:
    """Owns the side tasks of one object; failures are logged, none outlives `aclose`."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
        """Run `work` in the background under the name `owner.name`."""
        task = asyncio.create_task(work, name=f"{self._owner}.{name}")
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("task.failed", task=task.get_name(), error=str(error), exc_info=error)

    @property
    def is_busy(self) -> bool:
        """Whether any task still runs."""
        return bool(self._tasks)

    async def join(self, *, timeout_s: float) -> None:
        """Wait until the tasks have ended; those still running at the deadline go on running."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=timeout_s)

    async def aclose(self) -> None:
        """Cancel what still runs and wait for it to end."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
