"""The keeper's work against a real server and database, with little patience so that nothing takes long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from livekit import api

from agent.keeping.decide import Policy
from agent.keeping.leader import Leadership, Standing
from agent.keeping.metrics import KeeperMetrics
from agent.keeping.outbox import FileSender, Sender
from agent.keeping.service import Keeper
from agent.storage.call_state import active_calls, open_call
from agent.storage.calls import CallKey, NewCall
from agent.storage.outbox import enqueue
from agent.storage.pool import Pool, fleet_tx
from agent.storage.tenants import apply_tenant
from agent.storage.workers import renew
from sip.rooms import Rooms
from sip.server import connected
from tests.integration.keeper.conftest import worker_with
from tests.integration.keeper.process import until
from tests.integration.sip.plans import CARRIER_ADDRESS, OWNED
from tests.integration.sip.sender import SipCall
from tests.integration.sip.stack import Stack

IMPATIENT = Policy(agent_joins_within_s=0.5, orphan_after_s=0.5)


@pytest.fixture
async def tenant_call(pool: Pool, fleet: Pool) -> NewCall:
    """A call to a tenant, not opened yet."""
    tenant_id = uuid4()
    async with fleet_tx(fleet) as connection:
        await apply_tenant(connection, tenant_id, slug=f"t-{tenant_id}", config={}, numbers=[], staff={})
    key = CallKey(tenant_id, uuid4(), datetime.now(UTC))
    return NewCall(key, f"call_{uuid4().hex}", OWNED, None, None, "worker-gone")


@asynccontextmanager
async def keeping(
    rooms: Rooms, pool: Pool, policy: Policy = IMPATIENT, sender: Sender | None = None
) -> AsyncIterator[KeeperMetrics]:
    """A keeper that acts."""
    metrics = KeeperMetrics()
    keeper = Keeper(rooms, pool, metrics, agent_name="receptionist", policy=policy, sender=sender)
    acting = asyncio.create_task(keeper.act(), name="test.keeper")
    try:
        yield metrics
    finally:
        acting.cancel()
        await asyncio.gather(acting, return_exceptions=True)


async def test_a_call_without_an_agent_is_dispatched_again_and_refused_in_the_end(
    stack: Stack, rooms: Rooms, fleet: Pool
) -> None:
    async with (
        worker_with(fleet, 2),
        keeping(rooms, fleet) as metrics,
        SipCall(CARRIER_ADDRESS, ("127.0.0.1", stack.sip_port), OWNED) as call,
        connected(stack.address) as server,
    ):
        await until(lambda: _value_is(metrics, "keeper_redispatched_total", 1))
        (room,) = await rooms.list_rooms()
        dispatches = await server.agent_dispatch.list_dispatch(room.name)
        assert {dispatch.agent_name for dispatch in dispatches} == {"receptionist"}
        assert len(dispatches) == 2  # the rule's own and the keeper's
        assert (await call.wait_final(timeout_s=10)).status == 486
        assert _value(metrics, "keeper_redispatched_total") == 2
        await until(lambda: _value_is(metrics, "keeper_rooms_refused_total", 1, reason="no_agent"))


async def test_a_room_without_a_caller_is_ended_and_other_rooms_stay(stack: Stack, rooms: Rooms, fleet: Pool) -> None:
    async with connected(stack.address) as server, keeping(rooms, fleet) as metrics:
        for name in ("call_left", "meeting"):
            await server.room.create_room(api.CreateRoomRequest(name=name))
        await until(lambda: _value_is(metrics, "keeper_orphans_ended_total", 1))
        assert [room.name for room in await rooms.list_rooms()] == ["meeting"]


async def test_the_record_of_a_call_whose_worker_died_is_closed_and_one_that_lives_is_not(
    rooms: Rooms, fleet: Pool, pool: Pool, tenant_call: NewCall
) -> None:
    living = NewCall(
        CallKey(tenant_call.key.tenant_id, uuid4(), datetime.now(UTC)),
        "call_b",
        OWNED,
        None,
        None,
        "worker-2",
    )
    await open_call(pool, tenant_call, lease_s=0.1)
    await open_call(pool, living, lease_s=60)
    async with keeping(rooms, fleet):
        await until(lambda: _open_calls_are(fleet, {living.key.id}))
    async with fleet_tx(fleet) as connection:
        row = await connection.fetchrow("SELECT * FROM calls WHERE id = $1", tenant_call.key.id)
    assert row is not None
    assert (row["status"], row["outcome"], row["hangup_by"]) == ("ended", "server", "fleet")
    assert row["facts"]["closed_by"] == "keeper"


async def test_a_new_leader_makes_partitions_and_forgets_workers_long_gone(rooms: Rooms, fleet: Pool) -> None:
    async with fleet_tx(fleet) as connection:
        await renew(connection, "worker-long-gone", seats=2, busy=0)
        await connection.execute("UPDATE workers SET updated_at = now() - interval '2 hours'")
    async with keeping(rooms, fleet):
        await until(lambda: _workers_are(fleet, set()))
    last_month = datetime.now(UTC).replace(day=1) + timedelta(days=3 * 31)
    async with fleet_tx(fleet) as connection:
        part = f"calls_y{last_month:%Y}m{last_month:%m}"
        assert await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", part)


async def test_a_leader_is_cancelled_the_moment_its_session_ends(database: str) -> None:
    leadership = Leadership(database, name="keeper-under-test")
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def act() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
            assert leadership.standing is not Standing.LEADER

    running = asyncio.create_task(leadership.run(act), name="test.leadership")
    try:
        async with asyncio.timeout(10):
            await started.wait()
            assert leadership.standing is Standing.LEADER
            await _end_leader_session(database)
            await cancelled.wait()
            started.clear()
            await started.wait()  # and leads again, for nobody else wants to
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _end_leader_session(database: str) -> None:
    connection = await asyncpg.connect(database, timeout=5)
    try:
        assert await connection.fetchval(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1",
            "voicefleet-keeper-under-test-leader",
        )
    finally:
        await connection.close()


def _value(metrics: KeeperMetrics, name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(name, labels) or 0.0


async def _value_is(metrics: KeeperMetrics, name: str, value: float, **labels: str) -> bool:
    return _value(metrics, name, **labels) == value


async def _open_calls_are(pool: Pool, expected: set[object]) -> bool:
    async with fleet_tx(pool) as connection:
        return {call.key.id for call in await active_calls(connection)} == expected


async def _workers_are(pool: Pool, expected: set[str]) -> bool:
    async with fleet_tx(pool) as connection:
        return {row["worker_id"] for row in await connection.fetch("SELECT worker_id FROM workers")} == expected


async def test_the_leader_empties_the_outbox_and_waits_out_a_file_that_cannot_be_written(
    rooms: Rooms, fleet: Pool, tenant_call: NewCall, tmp_path: Path
) -> None:
    file = tmp_path / "not yet" / "outbox.jsonl"
    async with fleet_tx(fleet) as connection:
        for number in range(3):
            await enqueue(connection, tenant_call.key.tenant_id, "message_notice", f"notice {number}", {})

    async def has_failed() -> bool:
        async with fleet_tx(fleet) as connection:
            return bool(await connection.fetchval("SELECT count(*) = 3 FROM outbox WHERE error IS NOT NULL"))

    async def is_empty() -> bool:
        async with fleet_tx(fleet) as connection:
            return bool(await connection.fetchval("SELECT count(*) = 3 FROM outbox WHERE sent_at IS NOT NULL"))

    async with keeping(rooms, fleet, sender=FileSender(file)):
        await until(has_failed)
        file.parent.mkdir()
        await until(is_empty)
    assert len(file.read_text(encoding="utf-8").splitlines()) == 3
