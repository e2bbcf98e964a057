"""Two workers' boards and one PostgreSQL: what one learns the other knows, and one of them probes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from prometheus_client import CollectorRegistry

from agent.bootstrap.breaker_board import Board
from agent.bootstrap.breaker_sync import BreakerSync
from agent.bootstrap.probing_loop import ProbingLoop
from agent.bootstrap.providers_status import table
from agent.domain.breaker import Happening, Key, key_of
from agent.domain.errors import Blame
from agent.domain.providers import Attempt, Kind, Provider, parse_provider
from agent.runtime.job_metrics import PROBES, JobMetrics
from agent.runtime.tasks import TaskSet
from agent.storage import breakers
from agent.storage.pool import Pool, fleet_tx, open_pool

PROVIDER = parse_provider(Kind.TTS, "elevenlabs/flash@voice")
KEY = key_of(PROVIDER)


@dataclass
class Worker:
    board: Board
    sync: BreakerSync
    changed: asyncio.Event
    registry: CollectorRegistry
    metrics: JobMetrics

    async def learns(self, condition: Callable[[], bool]) -> None:
        """Wait for changes until it is so."""
        async with asyncio.timeout(10):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    def looks(self, tasks: TaskSet, probe: Callable[[Provider], object], idle_s: float | None = None) -> None:
        loop = ProbingLoop(
            self.board,
            self.sync,
            probe,  # type: ignore[arg-type]
            self.metrics.record,
            configured=[PROVIDER],
            idle_s=idle_s,
        )
        loop.look(tasks)


@asynccontextmanager
async def running(pool: Pool, url: str, name: str) -> AsyncIterator[Worker]:
    changed = asyncio.Event()
    registry = CollectorRegistry()
    metrics = JobMetrics(registry)
    board = Board(lambda: datetime.now(UTC), metrics.record, changed.set)
    sync = BreakerSync(board, pool, url, name)
    tasks = TaskSet(name)
    tasks.start(sync.run(), name="sync")
    try:
        async with asyncio.timeout(10):
            await sync.is_listening.wait()
        yield Worker(board, sync, changed, registry, metrics)
    finally:
        await tasks.aclose()


@pytest.fixture
async def two(pool: Pool, keeper_pool: Pool, database: str) -> AsyncIterator[tuple[Worker, Worker]]:
    async with fleet_tx(keeper_pool) as connection:
        await connection.execute("DELETE FROM breakers")
    async with running(pool, database, "one") as one, running(pool, database, "two") as two:
        yield one, two


async def make_due(pool: Pool, *workers: Worker) -> None:
    async with fleet_tx(pool) as connection:
        await connection.execute("UPDATE breakers SET due_at = clock_timestamp() - interval '1 second'")
        fleet = await breakers.read_all(connection)
    for worker in workers:
        worker.board.read(fleet)


async def test_what_opens_at_one_worker_is_left_alone_at_the_other_until_a_probe_closes_it(
    two: tuple[Worker, Worker], pool: Pool
) -> None:
    one, other = two
    one.board.see(KEY, Happening.PROBE_REFUSED, "invalid key")
    one.sync.hurry()
    await other.learns(lambda: other.board.left_alone == [KEY])
    other.board.see(KEY, Happening.PROBE_SUCCEEDED)
    other.sync.hurry()
    await one.learns(lambda: one.board.left_alone == [])


async def test_failures_that_are_few_at_each_worker_open_it_at_both(two: tuple[Worker, Worker]) -> None:
    one, other = two
    for worker in (one, other, other):
        worker.board.see(KEY, Happening.FAILED, "503")
        worker.sync.hurry()
    for worker in two:
        await worker.learns(lambda worker=worker: worker.board.left_alone == [KEY])  # type: ignore[misc]


async def test_of_two_workers_that_look_one_probes_and_both_know_the_result(
    two: tuple[Worker, Worker], pool: Pool
) -> None:
    one, other = two
    one.board.see(KEY, Happening.PROBE_REFUSED)
    one.sync.hurry()
    await other.learns(lambda: other.board.left_alone == [KEY])
    await make_due(pool, one, other)
    tried: list[Key] = []

    async def probe(provider: Provider) -> Attempt:
        tried.append(key_of(provider))
        assert provider.voice == "voice"
        return Attempt(provider, Blame.SUCCESS, 0.2)

    tasks = TaskSet("looking")
    one.looks(tasks, probe)
    other.looks(tasks, probe)
    for worker in two:
        await worker.learns(lambda worker=worker: worker.board.left_alone == [])  # type: ignore[misc]
    await tasks.join(timeout_s=10)
    assert tried == [KEY]
    labels = {"kind": "tts", "provider": KEY[1], "outcome": "success"}
    assert sum(worker.registry.get_sample_value(f"{PROBES}_total", labels) or 0 for worker in two) == 1


async def test_a_configured_provider_nobody_uses_is_tried_when_that_is_wished(
    two: tuple[Worker, Worker], pool: Pool
) -> None:
    one, _ = two
    tried: list[Key] = []

    async def probe(provider: Provider) -> Attempt:
        tried.append(key_of(provider))
        return Attempt(provider, Blame.CLIENT, reason="invalid key")

    tasks = TaskSet("looking")
    one.looks(tasks, probe)
    assert not tasks.is_busy
    one.looks(tasks, probe, idle_s=60)
    await one.learns(lambda: one.board.left_alone == [KEY])
    await tasks.join(timeout_s=10)
    assert tried == [KEY]


async def test_without_postgresql_a_worker_goes_on_by_what_it_sees_and_probes_alone(database: str) -> None:
    times = [datetime(2026, 11, 22, 12, 0, tzinfo=UTC)]
    board = Board(lambda: times[0], JobMetrics(CollectorRegistry()).record, lambda: None)
    gone = await open_pool(database, max_size=1, connect_timeout_s=20)
    await gone.close()
    sync = BreakerSync(board, gone, database, "alone")
    board.see(KEY, Happening.PROBE_REFUSED)
    times[0] += timedelta(minutes=1)
    assert board.left_alone == [KEY]
    assert await sync.claim(KEY, None)
    assert not await sync.claim(KEY, None)
    board.see(KEY, Happening.PROBE_SUCCEEDED)
    assert board.left_alone == []


async def test_what_could_not_be_stored_is_stored_later(database: str, keeper_pool: Pool) -> None:
    async with fleet_tx(keeper_pool) as connection:
        await connection.execute("DELETE FROM breakers")
    board = Board(lambda: datetime.now(UTC), JobMetrics(CollectorRegistry()).record, lambda: None)
    async with await open_pool(database, max_size=1, connect_timeout_s=20) as pool:
        sync = BreakerSync(board, pool, database, "late")
        board.see(KEY, Happening.PROBE_REFUSED)
        async with fleet_tx(keeper_pool, budget_s=20) as connection:
            await connection.execute("LOCK TABLE breakers IN ACCESS EXCLUSIVE MODE")
            await sync.store(budget_s=0.2)
            assert len(board.pending) == 1
        await sync.store(budget_s=10)
    async with fleet_tx(keeper_pool) as connection:
        stored = (await breakers.read_all(connection)).breakers[KEY]
    assert (board.pending, stored.is_left_alone) == ([], True)


async def test_a_worker_whose_connection_was_cut_listens_again(
    two: tuple[Worker, Worker], database: str, pool: Pool
) -> None:
    one, other = two
    login = await asyncpg.connect(database, timeout=5)
    try:
        cut = await login.fetch("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'two'")
    finally:
        await login.close(timeout=5)
    assert len(cut) == 1
    one.board.see(KEY, Happening.PROBE_REFUSED)
    one.sync.hurry()
    await other.learns(lambda: other.board.left_alone == [KEY])


async def test_the_status_tells_why_a_provider_is_left_alone_and_when_it_is_probed(
    two: tuple[Worker, Worker], pool: Pool
) -> None:
    async with fleet_tx(pool) as connection:
        assert table(await breakers.read_all(connection)) == "no call has used a hosted provider yet"
        told = [
            breakers.Told((Kind.STT, "deepgram/nova-3"), Happening.SUCCEEDED),
            breakers.Told(KEY, Happening.PROBE_REFUSED, reason="invalid key"),
        ]
        await breakers.report(connection, told)
        head, first, second = table(await breakers.read_all(connection)).splitlines()
    assert head.split()[:3] == ["kind", "provider", "state"]
    assert first.startswith("tts   elevenlabs/flash  open")
    assert "1/1" in first
    assert first.endswith("refused: invalid key")
    assert second.startswith("stt   deepgram/nova-3   closed")
