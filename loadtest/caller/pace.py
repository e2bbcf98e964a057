"""How fast this machine is at the moment: shared ones change by a third within hours, and figures with them."""

from __future__ import annotations

import time

_TURNS = 400_000
_TRIES = 3


def pace_ms() -> float:
    """Milliseconds of a processor that a fixed loop takes now, the best of three; compare it between runs only."""
    return min(_once() for _ in range(_TRIES))


def _once() -> float:
    # of this thread: what else runs here takes no part in it, only how fast the processor is
    began_s, total = time.thread_time(), 0
    for number in range(_TURNS):
        total += number * number
    return (time.thread_time() - began_s) * 1000
