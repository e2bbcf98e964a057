"""GET /healthz and /ready, and the metrics of a process, on one small HTTP server."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from agent.domain.errors import ConfigError

#: Returns the reasons why the process cannot take work now; empty means ready.
Readiness = Callable[[], Awaitable[list[str]]]


def add_health_routes(app: web.Application, readiness: Readiness, registry: CollectorRegistry) -> None:
    """Serve /healthz (the event loop turns), /ready (work can be taken) and /metrics."""

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def ready(_: web.Request) -> web.Response:
        reasons = await readiness()
        return web.json_response({"ready": not reasons, "reasons": reasons}, status=503 if reasons else 200)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/ready", ready)
    app.router.add_get("/metrics", metrics)


async def serve(app: web.Application, *, port: int, setting: str, host: str = "127.0.0.1") -> web.AppRunner:
    """Start serving; the caller cleans the returned runner up.

    Args:
        port: TCP; setting: the variable that gave it, for the message.

    Raises:
        ConfigError: the port cannot be used.
    """
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise ConfigError(f"{setting} {port} cannot be used: {reason}") from None
    return runner
