"""`python -m agent.worker`: takes calls, one job process each, as many as it has seats."""

from __future__ import annotations

import sys

from agent.bootstrap.worker import run
from agent.runtime.boot import run_process
from agent.runtime.settings import WorkerSettings


def main() -> int:
    """Run until told to stop; returns the exit code."""
    return run_process("worker", WorkerSettings, run)


if __name__ == "__main__":
    sys.exit(main())
