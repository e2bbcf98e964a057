"""An executor for work that is shorter than the way to a thread and back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class InPlace(Executor):
    """Runs what `loop.run_in_executor` gives it at once, in the loop's own thread.

    A detector's window takes a fraction of a millisecond (docs/adr/0011); a thread for it costs more than that, and two
    waits on a busy machine. Only for work that never blocks.
    """

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Call `fn`; what it raises is raised here, and so where the loop's future would have been awaited."""
        done: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        done.set_result(fn(*args, **kwargs))
        # run_in_executor hands on a future of the loop as it is; any other comes back through the loop's pipe
        return done  # type: ignore[return-value]
