"""`python -m agent.inference`: local speech models behind a Unix socket; `--health` asks a running one."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from dataclasses import asdict

from agent.domain.errors import FleetError
from agent.inference.client import InferenceClient
from agent.inference.server import Server, local_engines
from agent.runtime import logs
from agent.runtime.boot import run_process
from agent.runtime.settings import InferenceSettings

_HEALTH_DEADLINE_S = 2.0


async def serve(settings: InferenceSettings) -> None:
    """Serve until SIGTERM or SIGINT."""
    logs.configure("inference", settings.log_level)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Server(settings.inference_socket, local_engines(settings)):
        await stop.wait()


async def report_health(settings: InferenceSettings) -> int:
    """Print one line of JSON; returns 0 if every engine is ready."""
    try:
        async with InferenceClient(settings.inference_socket) as client:
            health = await client.health(deadline_s=_HEALTH_DEADLINE_S)
    except FleetError as error:
        print(json.dumps({"ready": False, "engines": {}, "error": str(error)}))
        return 1
    print(json.dumps(asdict(health)))
    return 0 if health.ready else 1


def main() -> int:
    """Serve, or report on the process that does; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m agent.inference", description=__doc__)
    parser.add_argument("--health", action="store_true", help="exit 0 if the running process is ready")
    args = parser.parse_args()
    return run_process("inference", InferenceSettings, report_health if args.health else serve)


if __name__ == "__main__":
    sys.exit(main())
