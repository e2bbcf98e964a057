"""The keeper's nightly runs against a real base: one leader, one run a night, and nothing of a caller's in the log."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from agent.domain.errors import ConfigError
from agent.domain.tenant import Tenant
from agent.keeping.evaluation_metrics import EvaluationMetrics
from agent.keeping.evaluations import IDLE_S, NightlyEvaluations
from agent.keeping.leader import Leadership, Standing
from agent.keeping.metrics import KeeperMetrics
from agent.keeping.report_files import ReportFolder
from agent.keeping.service import Keeper
from agent.storage.kb_evaluations import StoredEvaluation, last_evaluation
from agent.storage.pool import Pool, Role, fleet_tx, open_pool, tenant_tx
from kb.deciding import Thresholds
from kb.evaluation.keeping import keep
from kb.evaluation.running import run_set
from sip.rooms import Rooms
from sip.server import ServerAddress, connected
from tests.integration.kb.evaluated import MODEL, ByWords, ask, tell
from tests.integration.keeper.process import until
from tests.integration.shop import shop, stored_shop

#: Whatever was stored just now stands for longer than a night.
TONIGHT = (datetime.now(UTC) + timedelta(days=2)).replace(hour=2, minute=0, second=0, microsecond=0)
SET = {"parking": ["faq.md#parking"], "my whitening": []}
NOBODY_ANSWERS = ServerAddress("ws://127.0.0.1:9", "key", "secret" * 6)


@dataclass
class Night:
    """A clock, and a keeper that goes by it."""

    pool: Pool
    reports: Path
    at: datetime = TONIGHT
    metrics: KeeperMetrics = field(init=False)
    evaluations: NightlyEvaluations = field(init=False)

    def __post_init__(self) -> None:
        self.metrics = KeeperMetrics()
        self.evaluations = self.keeper(self.metrics)

    def keeper(self, metrics: KeeperMetrics) -> NightlyEvaluations:
        return NightlyEvaluations(
            self.pool,
            EvaluationMetrics(metrics.registry),
            tenant_of,
            reports=ReportFolder(self.reports),
            now=lambda: self.at,
        )

    async def last(self, tenant_id: UUID) -> StoredEvaluation | None:
        async with tenant_tx(self.pool, tenant_id) as connection:
            return await last_evaluation(connection, tenant_id)

    async def runs(self, tenant_id: UUID) -> int:
        last = await self.last(tenant_id)
        return 0 if last is None else last.run

    async def whole(self) -> list[MutableMapping[str, Any]]:
        """See to everybody; the log."""
        with capture_logs() as log:
            while await self.evaluations.see_to_next() < IDLE_S:
                pass
        return log


def tenant_of(config: dict[str, Any], name: str) -> Tenant:
    """What a stored shop's document comes to; it is only its name."""
    if config.get("name") != "The Shop":
        raise ConfigError(f"{name}: no document")
    return shop(name)


@pytest.fixture
async def night(keeper_pool: Pool, tmp_path: Path) -> AsyncIterator[Night]:
    yield Night(keeper_pool, tmp_path / "reports")
    async with fleet_tx(keeper_pool) as connection:
        for table in ("kb_evaluations", "kb_question_vectors", "kb_questions", "kb_question_sets"):
            await connection.execute(f"DELETE FROM {table}")


@pytest.fixture
async def tenant(night: Night) -> Tenant:
    return await told(night)


async def told(night: Night) -> Tenant:
    """A shop with a base and an embedded set, never run."""
    stored = await stored_shop(night.pool)
    await tell(night.pool, stored.id, "shop/faq.md", {"parking": "Parking"})
    await ask(night.pool, stored.id, SET)
    await run_set(night.pool, stored.id, Thresholds(), {MODEL: ByWords()}, at=TONIGHT, is_timed=False)
    return stored


async def test_a_set_is_run_once_a_night_and_only_after_a_change(night: Night, tenant: Tenant) -> None:
    for _ in range(2):
        await night.whole()
        assert await night.runs(tenant.id) == 1
    night.at += timedelta(days=1)
    await night.whole()
    assert await night.runs(tenant.id) == 1
    await tell(night.pool, tenant.id, "shop/more.md", {"boat": "Boat"})
    await night.whole()
    assert await night.runs(tenant.id) == 2


async def test_what_got_worse_is_stored_exported_counted_and_logged_by_id(night: Night, tenant: Tenant) -> None:
    await night.whole()
    await tell(night.pool, tenant.id, "shop/faq.md", {"boat": "Boat"})
    night.at += timedelta(days=1)
    log = await night.whole()
    last = await night.last(tenant.id)
    assert last is not None
    assert (last.run, last.evaluation.figures["worse"]) == (2, 1)
    events = {line["event"]: line for line in log}
    assert (events["kb.evaluated"]["n"], events["kb.evaluated"]["top_1"], events["kb.evaluated"]["worse"]) == (
        2,
        0.0,
        1,
    )
    assert (events["kb.worse"]["log_level"], events["kb.worse"]["count"]) == ("warning", 1)
    report = json.loads((night.reports / tenant.slug / "run-000002.json").read_text())
    assert [worse["question"] for worse in report["worse"]] == ["parking"]
    assert events["kb.worse"]["questions"] == [worse["id"] for worse in report["worse"]]
    assert night.metrics.registry.get_sample_value("keeper_kb_questions_worse") == 1
    assert night.metrics.registry.get_sample_value("keeper_kb_tenants", {"state": "worse"}) == 1
    assert night.metrics.registry.get_sample_value("keeper_kb_runs_total", {"outcome": "success"}) == 2


async def test_no_line_of_the_log_holds_a_question_or_a_passage(night: Night, tenant: Tenant) -> None:
    log = await night.whole()
    await tell(night.pool, tenant.id, "shop/faq.md", {"boat": "Boat"})
    night.at += timedelta(days=1)
    log += await night.whole()
    assert [line["event"] for line in log] == ["kb.evaluated", "kb.evaluated", "kb.worse"]
    written = json.dumps(log, default=str)
    assert str(tenant.id) in written
    assert not [word for word in ("parking", "whitening", "boat", "faq.md") if word in written.lower()]


async def test_a_tenant_that_cannot_be_run_does_not_hold_up_the_others_and_is_tried_once_a_night(
    night: Night, tenant: Tenant
) -> None:
    broken, unembedded = await told(night), await stored_shop(night.pool)
    await tell(night.pool, unembedded.id, "shop/faq.md", {"parking": "Parking"})
    await ask(night.pool, unembedded.id, SET)
    async with fleet_tx(night.pool) as connection:
        await connection.execute("UPDATE tenants SET config = '{}' WHERE id = $1", broken.id)
    failed = [line for line in await night.whole() if line["event"] == "kb.not_evaluated"]
    assert {line["tenant_id"] for line in failed} == {str(broken.id), str(unembedded.id)}
    assert {line["blame"] for line in failed} == {"client"}
    assert await night.runs(tenant.id) == 1
    night.at += timedelta(hours=24) - timedelta(seconds=1)
    assert not await night.whole()
    night.at += timedelta(seconds=1)
    assert [line["event"] for line in await night.whole()] == ["kb.not_evaluated"] * 2


async def test_a_report_that_cannot_be_written_leaves_the_run_stored(night: Night, tenant: Tenant) -> None:
    night.reports.write_text("in the way")
    log = await night.whole()
    assert [line["event"] for line in log] == ["kb.evaluated", "kb.report_not_written"]
    assert await night.runs(tenant.id) == 1


async def test_a_run_by_hand_meanwhile_is_tonights(night: Night, tenant: Tenant) -> None:
    """It is seen by whoever looks next, because it is the tenant's last run."""
    await night.whole()
    await tell(night.pool, tenant.id, "shop/more.md", {"boat": "Boat"})
    night.at += timedelta(days=1)
    by_hand = await run_set(night.pool, tenant.id, Thresholds(), {}, at=night.at, is_timed=False)
    await keep(night.pool, tenant.id, by_hand)
    await night.whole()
    assert await night.runs(tenant.id) == 2


async def test_a_database_that_is_away_is_looked_for_again_later(database: str, night: Night, tenant: Tenant) -> None:
    async with await open_pool(database, role=Role.KEEPER) as other:
        gone = replace(night, pool=other)
    with capture_logs() as log:
        assert await gone.evaluations.see_to_next() == IDLE_S
    assert [line["event"] for line in log] == ["kb.not_evaluated"]
    assert await night.runs(tenant.id) == 0


@asynccontextmanager
async def keeper(database: str, night: Night, name: str) -> AsyncIterator[tuple[Leadership, KeeperMetrics]]:
    """A keeper that competes for the lead, while LiveKit is away."""
    metrics, leadership = KeeperMetrics(), Leadership(database, name=name)
    async with connected(NOBODY_ANSWERS) as server:
        keeper = Keeper(
            Rooms(server), night.pool, metrics, agent_name="receptionist", evaluations=night.keeper(metrics)
        )
        acting = asyncio.create_task(leadership.run(keeper.act), name=f"test.{name}")
        try:
            yield leadership, metrics
        finally:
            acting.cancel()
            await asyncio.gather(acting, return_exceptions=True)


async def test_of_two_keepers_only_the_leader_runs_sets_even_while_livekit_is_away(
    database: str, night: Night, tenant: Tenant
) -> None:
    def has_looked(metrics: KeeperMetrics) -> bool:
        return metrics.registry.get_sample_value("keeper_kb_tenants", {"state": "worse"}) is not None

    async def is_run() -> bool:
        return await night.runs(tenant.id) == 1

    async with AsyncExitStack() as first, AsyncExitStack() as second:
        leader, _ = await first.enter_async_context(keeper(database, night, "one"))
        await until(is_run)
        assert leader.standing is Standing.LEADER
        other, metrics = await second.enter_async_context(keeper(database, night, "two"))
        await until(_stands(other, Standing.STANDBY))
        assert not has_looked(metrics)
        await first.aclose()
        await until(_stands(other, Standing.LEADER))
        await until(_once(lambda: has_looked(metrics)))
        assert await night.runs(tenant.id) == 1


def _stands(leadership: Leadership, standing: Standing) -> Callable[[], Awaitable[bool]]:
    return _once(lambda: leadership.standing is standing)


def _once(condition: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    async def is_so() -> bool:
        return condition()

    return is_so
