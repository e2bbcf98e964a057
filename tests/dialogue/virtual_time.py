"""An event loop whose clock jumps to the next thing that is due, so that a call of minutes takes milliseconds."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time passes only while nothing else is to be done."""

    _now_s = 0.0

    def time(self) -> float:
        """Seconds since the loop began."""
        return self._now_s

    def _run_once(self) -> None:
        # the base class drops what was cancelled, and then would wait for what is due after it
        due = [each._when for each in self._scheduled if not each._cancelled]  # type: ignore[attr-defined]
        if not self._ready and due:  # type: ignore[attr-defined]
            self._now_s = max(self._now_s, min(due))
        super()._run_once()  # type: ignore[misc]


def run_virtually(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end, without waiting for anything but work."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(work)
