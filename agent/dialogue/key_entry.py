"""Keys of the telephone, pressed one by one, until they are an answer.

One key is an answer at once where a few can be named; digits wait for the next one as long as it may belong to
them. A key pressed while the reply to the last answer cannot be heard yet answers nothing and is dropped: whoever
presses a key twice, or pound after the tenth digit, must not have chosen something they have not been offered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from agent.domain.keypad import is_stray, patience_s, with_key
from agent.domain.state import CallState
from agent.runtime.logs import get_logger
from agent.runtime.tasks import TaskSet

_log = get_logger("agent.dialogue.key_entry")
#: Keys that wait to be looked at; nobody presses faster than they are.
_QUEUE_LIMIT = 32


class KeyEntry:
    """Collects the keys of one call.

    Args:
        state: of the call now; what was asked decides when an entry is complete.
        on_first: told when an entry begins, before anything else is done with it.
        on_entered: given the keys of an answer, at least one.
    """

    def __init__(
        self,
        state: Callable[[], CallState],
        on_first: Callable[[], Awaitable[None]],
        on_entered: Callable[[str], Awaitable[None]],
    ) -> None:
        self._state = state
        self._on_first = on_first
        self._on_entered = on_entered
        self._keys = ""
        self._is_replying = False
        self._queue: asyncio.Queue[str] = asyncio.Queue(_QUEUE_LIMIT)
        self._tasks = TaskSet("key_entry")
        self._collecting: asyncio.Task[None] | None = None

    def press(self, key: str) -> None:
        """A key was pressed."""
        if self._is_replying:
            _log.info("keys.dropped")
            return
        if self._collecting is None:
            self._collecting = self._tasks.start(self._collect(), name="collect")
        try:
            self._queue.put_nowait(key)
        except asyncio.QueueFull:
            _log.warning("keys.lost")

    def reply_began(self) -> None:
        """The reply to the last answer is heard now, or will never be."""
        self._is_replying = False

    def forget(self) -> None:
        """The caller went on in words."""
        self._keys = ""

    async def aclose(self) -> None:
        """Stop collecting."""
        await self._tasks.aclose()

    async def _collect(self) -> None:
        while True:
            wait_s = patience_s(self._keys, self._state()) if self._keys else None
            try:
                async with asyncio.timeout(wait_s):
                    key = await self._queue.get()
            except TimeoutError:
                await self._enter()
                continue
            await self._take(key)

    async def _take(self, key: str) -> None:
        if is_stray(key, self._keys, self._state()):
            return
        if not self._keys:
            await self._on_first()
        self._keys = with_key(self._keys, key)
        if patience_s(self._keys, self._state()) == 0.0:
            await self._enter()

    async def _enter(self) -> None:
        keys, self._keys = self._keys, ""
        if not keys:  # forgotten meanwhile
            return
        self._is_replying = True
        while not self._queue.empty():
            self._queue.get_nowait()
        await self._on_entered(keys)
