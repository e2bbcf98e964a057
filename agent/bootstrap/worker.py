"""The worker process: what is wired where.

The parent registers with livekit-server, counts seats, renews them in PostgreSQL every second and
tells its health. Each call runs in a job process of its own, prepared by `prepare_job`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass, field

from aiohttp import web
from livekit.agents import AgentServer, JobProcess, JobRequest
from prometheus_client import CollectorRegistry, Counter, Gauge

from agent.bootstrap import job
from agent.domain.errors import FleetError
from agent.runtime import health, logs, traces
from agent.runtime.settings import WorkerSettings, load
from agent.storage import workers
from agent.storage.pool import Pool, Role, fleet_tx, open_pool

_log = logs.get_logger("agent.worker")
_RENEW_S = 1.0


@dataclass(slots=True)
class Seats:
    """How many calls this worker may carry, and how many it carries.

    The count is taken before a job is accepted, so two requests in the same instant cannot both get
    the last seat.
    """

    server: AgentServer
    total: int
    refusals: Counter
    accepting: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def busy(self) -> int:
        return len(self.server.active_jobs) + self.accepting

    async def on_request(self, request: JobRequest) -> None:
        """Accept the call if a seat is free, else leave it to another worker."""
        if self.server.draining or self.busy >= self.total:
            self.refusals.inc()
            _log.info("seat.refused", room=request.room.name, busy=self.busy, seats=self.total)
            # the default, terminate=True, would stop the server from asking anybody else
            await request.reject(terminate=False)
            return
        self.accepting += 1
        self.changed.set()
        try:
            await request.accept(name="receptionist", identity=f"agent-{request.id}")
        finally:
            self.accepting -= 1


def prepare_job(process: JobProcess) -> None:
    """Runs once in each job process before it gets its call."""
    settings = load(WorkerSettings)
    logs.configure_child()
    traces.configure("worker", settings.otlp_endpoint)
    job.prepare(process, settings)


def build_server(settings: WorkerSettings, refusals: Counter) -> tuple[AgentServer, Seats]:
    """The LiveKit worker with our admission; not yet running."""
    server = AgentServer(
        ws_url=settings.livekit_url,
        api_key=settings.livekit_api_key,
        api_secret=settings.livekit_api_secret.get_secret_value(),
        host="127.0.0.1",
        port=0,  # its own health page says OK while draining or unregistered: ours replaces it
        num_idle_processes=min(settings.worker_seats, 2),
        drain_timeout=settings.drain_timeout_s,
        load_threshold=1.01,  # seats decide, not the sampled load
        setup_fnc=prepare_job,
        preload_modules=["agent.bootstrap.job"],
    )
    seats = Seats(server, settings.worker_seats, refusals)
    server.load_fnc = lambda: min(1.0, seats.busy / seats.total)
    server.rtc_session(
        job.answer,
        agent_name=settings.agent_name,
        on_request=seats.on_request,
        on_session_end=job.hung_up,
    )
    return server, seats


async def run(settings: WorkerSettings) -> int:
    """Serve until SIGTERM, then finish the calls in progress. Returns the exit code."""
    logs.configure(settings.worker_id, settings.log_level)
    os.environ["OMP_NUM_THREADS"] = "1"
    pool = await open_pool(settings.database_url.get_secret_value(), role=Role.APP, max_size=2)
    registry = CollectorRegistry()
    refusals = Counter("agent_worker_refused", "Jobs refused: no seat free.", registry=registry)
    server, seats = build_server(settings, refusals)
    _add_gauges(registry, seats)
    registered = asyncio.Event()
    server.on("worker_registered", lambda *_: registered.set())

    async def readiness() -> list[str]:
        reasons = [] if registered.is_set() else ["not registered with livekit-server"]
        return [*reasons, "draining"] if server.draining else reasons

    app = web.Application()
    health.add_health_routes(app, readiness, registry)
    runner = await health.serve(app, port=settings.worker_http_port)
    renewing = asyncio.create_task(
        _renew_seats(pool, settings.worker_id, seats, registered), name="worker.renew_seats"
    )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    serving = asyncio.create_task(server.run(), name="worker.serve")
    stopping = asyncio.create_task(stop.wait(), name="worker.stop")
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():  # reconnects exhausted; exit code 0 would keep a supervisor from restarting us
            _log.error("worker.connection_lost", error=str(serving.exception()))
            return 1
        await _drain(server, settings)
        return 0
    finally:
        renewing.cancel()
        stopping.cancel()
        await asyncio.gather(renewing, stopping, return_exceptions=True)
        await server.aclose()
        await asyncio.gather(serving, return_exceptions=True)
        await runner.cleanup()
        await pool.close()


async def _drain(server: AgentServer, settings: WorkerSettings) -> None:
    _log.info("worker.draining", calls=len(server.active_jobs))
    try:
        await server.drain(timeout=settings.drain_timeout_s)
    except TimeoutError:
        _log.warning("worker.drain_timeout", calls=len(server.active_jobs))


async def _renew_seats(pool: Pool, worker_id: str, seats: Seats, registered: asyncio.Event) -> None:
    await registered.wait()
    while True:
        total = seats.busy if seats.server.draining else seats.total
        try:
            async with fleet_tx(pool) as connection:
                await workers.renew(connection, worker_id, seats=total, busy=seats.busy)
        except FleetError as error:
            _log.warning("seats.not_renewed", error=str(error), blame=error.blame.value)
        seats.changed.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_RENEW_S):
                await seats.changed.wait()


def _add_gauges(registry: CollectorRegistry, seats: Seats) -> None:
    total = Gauge("agent_worker_seats", "Calls this worker may carry.", registry=registry)
    busy = Gauge("agent_worker_calls", "Calls this worker carries.", registry=registry)
    total.set_function(lambda: seats.total)
    busy.set_function(lambda: seats.busy)
