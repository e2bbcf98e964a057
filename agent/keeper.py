"""`python -m agent.keeper`: admission, re-dispatch and housekeeping for the whole fleet.

Start two: one leads, the other takes over within seconds.
"""

from __future__ import annotations

import asyncio
import sys

from agent.bootstrap.keeper import run
from agent.runtime import logs, traces
from agent.runtime.boot import run_process
from agent.runtime.settings import KeeperSettings


async def serve(settings: KeeperSettings) -> None:
    """Keep the fleet until SIGTERM or SIGINT, then export the last spans."""
    logs.configure(settings.keeper_id, settings.log_level)
    traces.configure("keeper", settings.otlp_endpoint)
    try:
        await run(settings)
    finally:
        await asyncio.to_thread(traces.flush)


def main() -> int:
    """Run until told to stop; returns the exit code."""
    return run_process("keeper", KeeperSettings, serve)


if __name__ == "__main__":
    sys.exit(main())
