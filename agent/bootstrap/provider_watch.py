"""The part of a worker's parent that watches providers, for its own calls and for the fleet."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client import CollectorRegistry

from agent.bootstrap.breaker_board import Board
from agent.bootstrap.breaker_sync import BreakerSync
from agent.bootstrap.job_reports import Reception, greeting
from agent.bootstrap.prober import Prober
from agent.bootstrap.probing_loop import ProbingLoop
from agent.runtime.job_line import Switch
from agent.runtime.job_metrics import JobMetrics
from agent.runtime.settings import WorkerSettings
from agent.runtime.tasks import TaskSet
from agent.storage.pool import Pool

_JOB_SOCKET = "VOICEFLEET_JOB_SOCKET"


@asynccontextmanager
async def watching_providers(settings: WorkerSettings, pool: Pool, registry: CollectorRegistry) -> AsyncIterator[None]:
    """While the block runs: jobs started in it report here, breakers are shared, and what is left alone is probed.

    Args:
        pool: of the worker's parent.
        registry: where the declared metrics of jobs appear.
    """
    metrics = JobMetrics(registry)
    board = Board(lambda: datetime.now(UTC), metrics.record, lambda: switch.tell_all(greeting(board)))
    name = f"{settings.worker_id}-breakers"
    sync = BreakerSync(board, pool, settings.database_url.get_secret_value(), name)
    named = settings.stt_chain + settings.model_chain + settings.large_model_chain + settings.tts_chain
    tasks = TaskSet("worker")
    # short, because a socket's path may have 107 bytes; nobody else's, because what jobs say is believed
    with tempfile.TemporaryDirectory(prefix="vf-jobs-") as folder:
        path = Path(folder) / "jobs.sock"
        switch = Switch(path, Reception(board, metrics, sync.hurry).hear, lambda: greeting(board))
        async with switch, Prober(settings) as prober:
            os.environ[_JOB_SOCKET] = str(path)
            tasks.start(sync.run(), name="breakers")
            idle_s = settings.probe_idle_s or None
            probing = ProbingLoop(board, sync, prober.probe, metrics.record, configured=named, idle_s=idle_s)
            tasks.start(probing.run(), name="probing")
            try:
                yield
            finally:
                await tasks.aclose()
