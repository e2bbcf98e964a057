"""A worker's parent and a job process of its own: what the job reports is counted, stored and told to other jobs."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from agent.bootstrap.job_reports import FleetBreakers
from agent.bootstrap.provider_watch import watching_providers
from agent.domain.breaker import BURST, Cause
from agent.domain.providers import Kind, parse_provider
from agent.runtime.settings import WorkerSettings, load
from agent.storage import breakers
from agent.storage.pool import Pool, fleet_tx
from tests.unit.worker.job_line import until

PROVIDER = parse_provider(Kind.STT, "deepgram/nova-3")
#: A job process that is refused until the provider is left alone; it knows of its parent by its settings alone.
JOB = """
import asyncio
from agent.bootstrap.job_reports import FleetBreakers
from agent.domain.errors import Blame
from agent.domain.breaker import BURST
from agent.domain.providers import Attempt, Kind, parse_provider
from agent.runtime.settings import WorkerSettings, load

async def call():
    reports = await FleetBreakers.open(load(WorkerSettings).job_socket)
    for _ in range(BURST):
        reports.attempted(Attempt(parse_provider(Kind.STT, "deepgram/nova-3"), Blame.CLIENT, reason="invalid key"))
    await reports.aclose()

asyncio.run(call())
"""


@pytest.fixture
def settings(database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> WorkerSettings:
    given = {
        "DATABASE_URL": database,
        "LIVEKIT_URL": "ws://127.0.0.1:1",
        "LIVEKIT_API_KEY": "key",
        "LIVEKIT_API_SECRET": "secret",
        "VOICEFLEET_INFERENCE_SOCKET": str(tmp_path / "none.sock"),
        "VOICEFLEET_JOB_SOCKET": "",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return load(WorkerSettings)


async def test_what_a_job_process_reports_reaches_metrics_the_fleet_and_other_calls(
    settings: WorkerSettings, pool: Pool
) -> None:
    registry = CollectorRegistry()
    async with watching_providers(settings, pool, registry):
        other = await FleetBreakers.open(load(WorkerSettings).job_socket)
        job = await asyncio.create_subprocess_exec(sys.executable, "-c", JOB)
        async with asyncio.timeout(30):
            assert await job.wait() == 0
        await until(lambda: other.is_open(PROVIDER))
        labels = {"kind": "stt", "provider": PROVIDER.name}
        assert registry.get_sample_value("agent_provider_attempts_total", {**labels, "outcome": "client"}) == BURST
        assert registry.get_sample_value("agent_provider_breaker_state", labels) == 2
        await other.aclose()
    async with fleet_tx(pool) as connection:
        stored = (await breakers.read_all(connection)).breakers[Kind.STT, PROVIDER.name]
    assert (stored.cause, stored.reason) == (Cause.BURST, "invalid key")
