"""How fast the machine was while something was measured.

A processor of a shared machine may run at half its speed for seconds at a time, and no counter of the system says so:
only how long the same work takes. A process of its own does a little work ten times a second (less than one per cent of
a processor) and notes how long it took. What is measured slows it too, through caches and shared cores: it tells that
the machine was slow, not who made it so.
"""

from __future__ import annotations

import argparse
import bisect
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

_TURNS = 12_000
_EVERY_S = 0.1
#: A reply is worked out and carried within about so long of the caller's last word.
_BEFORE_S, _AFTER_S = 1.5, 1.0
#: Taken for full speed; a run that was slow throughout looks fast by this, and is found out by `mean_ms`.
_FULL_SPEED_PERCENTILE = 10


class Paces:
    """What was noted, in order of time.

    Args:
        noted: Unix time in seconds, and milliseconds of a processor that the work took.

    Attributes:
        slowdowns: how many times as long as at full speed each took.
        mean_ms: of all; it may be compared with that of other runs on the same machine. None when nothing was noted.
    """

    def __init__(self, noted: list[tuple[float, float]]) -> None:
        self._at_s = [at_s for at_s, _ in noted]
        took_ms = np.array([took for _, took in noted])
        self.slowdowns = took_ms / np.percentile(took_ms, _FULL_SPEED_PERCENTILE) if noted else took_ms
        self.mean_ms = float(took_ms.mean()) if noted else None

    def around(self, at_s: float) -> float | None:
        """How many times as long as at full speed work took about then; None when nothing was noted."""
        first = bisect.bisect_left(self._at_s, at_s - _BEFORE_S)
        last = bisect.bisect_right(self._at_s, at_s + _AFTER_S)
        return float(self.slowdowns[first:last].mean()) if last > first else None


@contextmanager
def noting(path: Path) -> Iterator[None]:
    """Have the machine's pace noted in `path` for so long."""
    process = subprocess.Popen([sys.executable, "-m", "loadtest.caller.pace", str(path), str(os.getpid())])
    try:
        yield
    finally:
        if process.poll() is not None:
            print(f"the machine's pace was not noted to the end: exit code {process.returncode}", file=sys.stderr)
        process.terminate()
        process.wait()


def noted(path: Path) -> Paces:
    """What was noted there; a line that was cut off by the end is left out."""
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    return Paces([(float(at_s), float(took_ms)) for at_s, took_ms in (line.split() for line in lines)])


def main() -> None:
    """Note until terminated, or until who asked for it is gone."""
    parser = argparse.ArgumentParser(prog="python -m loadtest.caller.pace", description="note how fast the machine is")
    parser.add_argument("path", type=Path)
    parser.add_argument("asked_by", type=int, metavar="PID", help="whose child this is")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # callers hang up politely then, and are measured to the end
    with options.path.open("w", buffering=1) as notes:
        while os.getppid() == options.asked_by:
            notes.write(f"{time.time():.3f} {_work_ms():.4f}\n")
            time.sleep(_EVERY_S)


def _work_ms() -> float:
    # of this thread: what runs beside it takes no part, only how fast the processor is
    began_s, total = time.thread_time(), 0
    for number in range(_TURNS):
        total += number * number
    return (time.thread_time() - began_s) * 1000


if __name__ == "__main__":
    main()
