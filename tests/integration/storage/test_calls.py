"""A call's record: opened, taken over, written once, closed once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from agent.domain.errors import Blame
from agent.domain.tenant import Tenant
from agent.storage import call_state, calls, partitions
from agent.storage.call_state import open_call
from agent.storage.calls import CallKey, ClosedCall, NewCall, Turn
from agent.storage.pool import Pool, fleet_tx, tenant_tx
from tests.integration.shop import stored_shop

NOW = datetime.now(UTC)
END = ClosedCall(NOW, Blame.SUCCESS, "booked", "caller", {"turns": 2})


@pytest.fixture
async def tenant(keeper_pool: Pool) -> Tenant:
    return await stored_shop(keeper_pool)


def incoming(tenant: Tenant, *, started_at: datetime = NOW, room: str = "", worker: str = "worker-1") -> NewCall:
    key = CallKey(tenant.id, uuid4(), started_at)
    return NewCall(key, room or f"room-{key.id}", tenant.numbers[0], "+12125550100", "sip-1", worker)


async def test_a_call_is_active_from_opening_to_closing(pool: Pool, keeper_pool: Pool, tenant: Tenant) -> None:
    new = incoming(tenant)
    opened = await open_call(pool, new)
    assert opened == call_state.OpenCall(new.key, epoch=1, state=None, resumed=False)
    async with tenant_tx(pool, tenant.id) as connection:
        await calls.mark_answered(connection, new.key, NOW, "announced")
    async with fleet_tx(keeper_pool) as connection:
        (active,) = [call for call in await call_state.active_calls(connection) if call.key.tenant_id == tenant.id]
    assert (active.key, active.room, active.worker_id) == (new.key, new.room, "worker-1")
    assert (active.status, active.epoch, active.is_leased) == ("active", 1, True)
    async with tenant_tx(pool, tenant.id) as connection:
        assert await calls.close_call(connection, new.key, END)
        assert await call_state.active_calls(connection) == ()
        row = await connection.fetchrow("SELECT * FROM calls WHERE id = $1", new.key.id)
    assert row
    assert row["status"] == "ended"
    assert (row["outcome"], row["disposition"], row["hangup_by"]) == ("success", "booked", "caller")
    assert (row["answered_at"], row["recording"], row["facts"]) == (NOW, "announced", {"turns": 2})


async def test_the_first_report_of_a_calls_end_stands(pool: Pool, tenant: Tenant) -> None:
    new = incoming(tenant)
    await open_call(pool, new)
    late = ClosedCall(NOW, Blame.SERVER, None, "fleet")

    async def close(end: ClosedCall) -> bool:
        async with tenant_tx(pool, tenant.id) as connection:
            return await calls.close_call(connection, new.key, end)

    assert await close(END)
    assert not await close(late)
    assert await asyncio.gather(*(close(late) for _ in range(4))) == [False] * 4
    async with tenant_tx(pool, tenant.id) as connection:
        outcome = await connection.fetchval("SELECT outcome FROM calls WHERE id = $1", new.key.id)
    assert outcome == "success"


async def test_an_answer_after_the_end_does_not_revive_the_call(pool: Pool, tenant: Tenant) -> None:
    new = incoming(tenant)
    await open_call(pool, new)
    async with tenant_tx(pool, tenant.id) as connection:
        await calls.close_call(connection, new.key, END)
        await calls.mark_answered(connection, new.key, NOW, "announced")
        status = await connection.fetchval("SELECT status FROM calls WHERE id = $1", new.key.id)
    assert status == "ended"


async def test_of_two_calls_for_a_tenants_last_seat_one_is_opened(pool: Pool, tenant: Tenant) -> None:
    for _ in range(10):
        first = incoming(tenant)
        await open_call(pool, first, seat_cap=2)
        rivals = (incoming(tenant), incoming(tenant))
        results = await asyncio.gather(*(open_call(pool, new, seat_cap=2) for new in rivals), return_exceptions=True)
        assert sorted(type(result).__name__ for result in results) == ["OpenCall", "Overloaded"]
        async with tenant_tx(pool, tenant.id) as connection:
            assert await connection.fetchval("SELECT count(*) FROM calls WHERE status <> 'ended'") == 2
            for active in await call_state.active_calls(connection):
                await calls.close_call(connection, active.key, END)


async def test_taking_a_call_over_needs_no_seat(pool: Pool, tenant: Tenant) -> None:
    new = incoming(tenant)
    await open_call(pool, new, seat_cap=1)
    again = await open_call(pool, incoming(tenant, room=new.room), seat_cap=1)
    assert (again.key, again.resumed) == (new.key, True)


async def test_a_call_that_has_ended_gives_its_seat_back(pool: Pool, tenant: Tenant) -> None:
    new = incoming(tenant)
    await open_call(pool, new, seat_cap=1)
    async with tenant_tx(pool, tenant.id) as connection:
        await calls.close_call(connection, new.key, END)
    assert not (await open_call(pool, incoming(tenant), seat_cap=1)).resumed


async def test_state_is_kept_for_the_holder_of_the_epoch_alone(pool: Pool, tenant: Tenant) -> None:
    new = incoming(tenant)
    first = await open_call(pool, new)
    async with tenant_tx(pool, tenant.id) as connection:
        assert await call_state.save_state(connection, new.key, first.epoch, {"step": "time"})
    second = await open_call(pool, incoming(tenant, room=new.room, worker="worker-2"))
    assert second == call_state.OpenCall(new.key, epoch=2, state={"step": "time"}, resumed=True)
    async with tenant_tx(pool, tenant.id) as connection:
        assert not await call_state.save_state(connection, new.key, first.epoch, {"step": "stale"})
        assert not await call_state.renew_lease(connection, new.key, first.epoch)
        assert await call_state.save_state(connection, new.key, second.epoch, {"step": "name"})
        worker = await connection.fetchval("SELECT worker_id FROM calls WHERE id = $1", new.key.id)
    third = await open_call(pool, incoming(tenant, room=new.room))
    assert third == call_state.OpenCall(new.key, epoch=3, state={"step": "name"}, resumed=True)
    assert worker == "worker-2"


async def test_an_ended_call_has_no_state_to_write(pool: Pool, tenant: Tenant) -> None:
    new = incoming(tenant)
    opened = await open_call(pool, new)
    async with tenant_tx(pool, tenant.id) as connection:
        await calls.close_call(connection, new.key, END)
        assert not await call_state.save_state(connection, new.key, opened.epoch, {})
        assert await connection.fetchval("SELECT count(*) FROM call_state WHERE call_id = $1", new.key.id) == 0


async def test_agents_that_open_one_room_at_once_share_one_record_and_get_an_epoch_each(
    pool: Pool, tenant: Tenant
) -> None:
    opened = await asyncio.gather(*(open_call(pool, incoming(tenant, room="same")) for _ in range(8)))
    assert sorted(each.epoch for each in opened) == list(range(1, 9))
    assert len({each.key for each in opened}) == 1
    async with tenant_tx(pool, tenant.id) as connection:
        assert await connection.fetchval("SELECT count(*) FROM calls") == 1


async def test_a_lease_runs_out_unless_renewed(pool: Pool, tenant: Tenant) -> None:
    new = incoming(tenant)
    opened = await open_call(pool, new, lease_s=0)
    async with tenant_tx(pool, tenant.id) as connection:
        assert [each.is_leased for each in await call_state.active_calls(connection)] == [False]
        assert await call_state.renew_lease(connection, new.key, opened.epoch, lease_s=60)
        assert [each.is_leased for each in await call_state.active_calls(connection)] == [True]


async def test_turns_are_stored_once_and_in_order(pool: Pool, tenant: Tenant) -> None:
    new = incoming(tenant)
    await open_call(pool, new)
    heard = Turn(0, "caller", NOW, "A haircut, please.", events=({"kind": "service", "id": "cut"},))
    said, timings = "We have ten and two.", {"words_ms": 120.5, "begun_by": "words", "is_plain": True}
    cut = Turn(1, "agent", NOW, said, interrupted=True, heard_text="We have ten", timings=timings)
    async with tenant_tx(pool, tenant.id) as connection:
        assert await calls.add_turn(connection, new.key, cut)
        assert await calls.add_turn(connection, new.key, heard)
        assert not await calls.add_turn(connection, new.key, Turn(1, "agent", NOW, "replayed"))
        assert await calls.turns_of(connection, new.key) == (heard, cut)


async def test_a_call_in_a_month_without_partition_makes_one_and_is_stored(pool: Pool, tenant: Tenant) -> None:
    far = datetime(2031, 5, 31, 23, 59, 59, tzinfo=UTC)
    new = incoming(tenant, started_at=far)
    assert (await open_call(pool, new)).key == new.key
    async with tenant_tx(pool, tenant.id) as connection:
        await calls.add_turn(connection, new.key, Turn(0, "caller", far, "hello"))
        where = await connection.fetchval("SELECT tableoid::regclass::text FROM calls")
        spoken = await connection.fetchval("SELECT tableoid::regclass::text FROM turns")
    assert (where, spoken) == ("calls_y2031m05", "turns_y2031m05")


async def test_calls_that_all_miss_the_same_month_at_once_are_all_stored(pool: Pool, tenant: Tenant) -> None:
    far = datetime(2032, 1, 1, tzinfo=UTC)
    opened = await asyncio.gather(*(open_call(pool, incoming(tenant, started_at=far)) for _ in range(10)))
    assert len({each.key.id for each in opened}) == 10


async def test_months_are_made_ahead_by_utc_and_only_once(pool: Pool, keeper_pool: Pool) -> None:
    # Still December in New York and in the session's own zone, but January in UTC.
    now = datetime(2033, 12, 31, 23, tzinfo=UTC) + timedelta(hours=2)
    async with fleet_tx(keeper_pool) as connection:
        await connection.execute("SET LOCAL timezone = 'America/New_York'")
        made = await partitions.ensure_partitions(connection, now, months_ahead=1)
    assert made == tuple(
        f"{table}_y2034m{month}" for table in ("calls", "turns", "citations", "spend") for month in ("01", "02")
    )
    async with fleet_tx(pool) as connection:
        assert await partitions.ensure_partitions(connection, now, months_ahead=1) == ()
        bounds = await connection.fetchval(
            "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'calls_y2034m01'"
        )
    assert bounds == "FOR VALUES FROM ('2034-01-01 00:00:00+00') TO ('2034-02-01 00:00:00+00')"


async def test_a_fresh_database_has_this_month_and_three_more(keeper_pool: Pool) -> None:
    async with fleet_tx(keeper_pool) as connection:
        assert await partitions.ensure_partitions(connection, datetime.now(UTC), months_ahead=3) == ()


async def test_a_call_that_breaks_a_rule_is_not_mistaken_for_a_missing_month(pool: Pool, tenant: Tenant) -> None:
    new = incoming(tenant)
    await open_call(pool, new)
    async with pool.raw.acquire() as connection:
        outcome = "nonsense"
        await connection.execute("SELECT set_config('app.tenant_id', $1, false)", str(tenant.id))
        try:
            await connection.execute("UPDATE calls SET outcome = $1", outcome)
        except Exception as error:
            failure = error
    assert type(failure).__name__ == "CheckViolationError"
    assert not partitions.is_missing_partition(failure)  # type: ignore[arg-type]
