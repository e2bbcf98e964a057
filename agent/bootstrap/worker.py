"""The worker process: what is wired where.

The parent registers with livekit-server, counts seats, renews them in PostgreSQL every second and
tells its health. Each call runs in a job process of its own, prepared by `prepare_job`.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.util import Finalize

from aiohttp import web
from livekit.agents import AgentServer, JobProcess, telemetry
from opentelemetry.trace import NoOpTracerProvider
from prometheus_client import CollectorRegistry, Counter, Gauge

from agent.bootstrap import job
from agent.bootstrap.provider_watch import watching_providers
from agent.bootstrap.readiness import SpeechHealth, faults
from agent.bootstrap.seats import SeatRenewal, Seats
from agent.bootstrap.warm import warm_prompts
from agent.runtime import health, logs, traces
from agent.runtime.settings import WorkerSettings, load
from agent.storage.pool import Role, open_pool

_log = logs.get_logger("agent.worker")
#: A loop that stands still for longer is told of. LiveKit wakes two threads five times as often to notice, in
#: every process; at its own 100 ms that is a hundred times a second.
_BLOCKED_MS = "250"


def prepare_job(process: JobProcess) -> None:
    """Runs once in each job process before it gets its call."""
    settings = load(WorkerSettings)
    logs.configure_child()
    provider = traces.configure("worker", settings.otlp_endpoint)
    # LiveKit makes dozens of spans a turn and writes the conversation into them: without a collector it makes none, and
    # with one, what was said and who called is taken out before anything is exported
    livekits = provider if settings.otlp_endpoint else NoOpTracerProvider()
    telemetry.set_tracer_provider(livekits, allow_pii=False)
    # LiveKit ends its own spans after we have hung up, and a job process does not run `atexit`
    Finalize(None, traces.flush, exitpriority=1)
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
        preload_modules=["agent.bootstrap.preloaded"],
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
    """Serve until SIGTERM, then finish the calls in progress.

    Returns: the exit code.

    Raises:
        FleetError: PostgreSQL cannot be reached at boot, or the HTTP port is taken.
    """
    logs.configure(settings.worker_id, settings.log_level)
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ.setdefault("LIVEKIT_AGENTS_LOOP_BLOCK_WARN_MS", _BLOCKED_MS)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    registry = CollectorRegistry()
    refusals = Counter("agent_worker_refused", "Jobs refused: no seat free.", registry=registry)
    server, seats = build_server(settings, refusals)
    _add_gauges(registry, seats)
    database_url = settings.database_url.get_secret_value()
    async with await open_pool(database_url, role=Role.APP, name=settings.worker_id, min_size=2, max_size=2) as pool:
        renewal = SeatRenewal(pool, settings.worker_id, seats)
        async with _telling_health(settings, seats, renewal, registry), watching_providers(settings, pool, registry):
            renewing = asyncio.create_task(renewal.run(), name="worker.renew_seats")
            try:
                return await _serve(server, settings, stop)
            finally:
                renewing.cancel()
                await asyncio.gather(renewing, return_exceptions=True)
                await renewal.leave()


@asynccontextmanager
async def _telling_health(
    settings: WorkerSettings, seats: Seats, renewal: SeatRenewal, registry: CollectorRegistry
) -> AsyncIterator[None]:
    speech = SpeechHealth(settings.inference_socket)
    embeddings = Gauge("agent_embeddings_ready", "1 while words can be read by their meaning.", registry=registry)
    embeddings.set_function(lambda: float(speech.has_embeddings))

    async def readiness() -> list[str]:
        return await faults(seats, renewal, speech)

    app = web.Application()
    health.add_health_routes(app, readiness, registry)
    port = settings.worker_http_port
    runner = await health.serve(app, port=port, setting="VOICEFLEET_WORKER_HTTP_PORT")
    try:
        yield
    finally:
        await runner.cleanup()
        await speech.aclose()


async def _serve(server: AgentServer, settings: WorkerSettings, stop: asyncio.Event) -> int:
    serving = asyncio.create_task(server.run(), name="worker.serve")
    stopping = asyncio.create_task(stop.wait(), name="worker.stop")
    warming = asyncio.create_task(warm_prompts(settings), name="worker.warm_prompts")
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():  # reconnects exhausted; exit code 0 would keep a supervisor from restarting us
            _log.error("worker.connection_lost", error=str(serving.exception()))
            return 1
        await _drain(server, settings)
        return 0
    finally:
        stopping.cancel()
        warming.cancel()
        await server.aclose()
        await asyncio.gather(serving, stopping, warming, return_exceptions=True)


async def _drain(server: AgentServer, settings: WorkerSettings) -> None:
    _log.info("worker.draining", calls=len(server.active_jobs))
    try:
        await server.drain(timeout=settings.drain_timeout_s)
    except TimeoutError:
        _log.warning("worker.drain_timeout", calls=len(server.active_jobs))


def _add_gauges(registry: CollectorRegistry, seats: Seats) -> None:
    total = Gauge("agent_worker_seats", "Calls this worker may carry.", registry=registry)
    busy = Gauge("agent_worker_calls", "Calls this worker carries.", registry=registry)
    total.set_function(lambda: seats.total)
    busy.set_function(lambda: seats.busy)
