"""`python -m agent.keeper`: admission, re-dispatch and housekeeping for the whole fleet.

Start two: one leads, the other takes over within seconds.
"""

from __future__ import annotations

import asyncio
import sys

from agent.bootstrap.keeper import run
from agent.domain.errors import FleetError
from agent.runtime import logs, traces
from agent.runtime.settings import KeeperSettings, load


def main() -> int:
    """Run until told to stop; returns the exit code."""
    try:
        settings = load(KeeperSettings)
        logs.configure(settings.keeper_id, settings.log_level)
        provider = traces.configure("keeper", settings.otlp_endpoint)
        try:
            asyncio.run(run(settings))
        finally:
            provider.shutdown()
    except FleetError as error:
        print(f"keeper: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
