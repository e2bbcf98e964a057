"""`python -m agent.worker`: takes calls, one job process each, as many as it has seats."""

from __future__ import annotations

import asyncio
import sys

from agent.bootstrap.worker import run
from agent.domain.errors import ConfigError
from agent.runtime.settings import WorkerSettings, load


def main() -> int:
    """Run until told to stop; returns the exit code."""
    try:
        settings = load(WorkerSettings)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    return asyncio.run(run(settings))


if __name__ == "__main__":
    raise SystemExit(main())
