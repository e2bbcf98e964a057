"""The record of a call against a real PostgreSQL: what cannot be written, and who may not write."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from agent.dialogue.record import CallRecord
from agent.domain.call import new_call
from agent.domain.errors import Blame
from agent.domain.tenant import Tenant
from agent.storage.call_state import LEASE_S, OpenCall, active_calls, open_call
from agent.storage.calls import CallKey, ClosedCall, NewCall, Turn, turns_of
from agent.storage.pool import Pool, tenant_tx
from tests.integration.shop import stored_shop
from tests.integration.worker.process import until

END = ClosedCall(datetime.now(UTC), Blame.SUCCESS, "booked", "caller", {})
PATIENCE_S = 20.0


class Unreadable(Mapping[str, float]):
    """Timings that raise what no storage module expects."""

    def __getitem__(self, key: str) -> float:
        raise RuntimeError("unreadable")

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("unreadable")

    def __len__(self) -> int:
        return 1


@pytest.fixture
async def tenant(keeper_pool: Pool) -> Tenant:
    return await stored_shop(keeper_pool)


@pytest.fixture
def call(tenant: Tenant) -> NewCall:
    key = CallKey(tenant.id, uuid4(), datetime.now(UTC))
    return NewCall(key, f"room-{key.id}", tenant.numbers[0], None, None, "worker-1")


@pytest.fixture
async def opened(pool: Pool, call: NewCall) -> OpenCall:
    return await open_call(pool, call)


@pytest.fixture
async def record(pool: Pool, opened: OpenCall) -> AsyncIterator[CallRecord]:
    record = _record(pool, opened)
    yield record
    await record.close(END)


def _record(pool: Pool, opened: OpenCall, *, give_up_after_s: float = 60.0) -> CallRecord:
    return CallRecord(pool, opened.key, opened.epoch, lambda: datetime.now(UTC), give_up_after_s=give_up_after_s)


async def _turns(pool: Pool, key: CallKey) -> tuple[Turn, ...]:
    async with tenant_tx(pool, key.tenant_id) as connection:
        return await turns_of(connection, key)


async def _status(pool: Pool, key: CallKey) -> str:
    async with tenant_tx(pool, key.tenant_id) as connection:
        return str(await connection.fetchval("SELECT status FROM calls WHERE id = $1", key.id))


async def test_a_write_that_breaks_or_is_refused_is_skipped_and_the_rest_is_kept(
    pool: Pool, opened: OpenCall, record: CallRecord
) -> None:
    record.turn("caller", "one")
    record.turn("caller", "broken", timings=Unreadable())
    record.turn("caller", "refused: \0")
    record.turn("agent", "two")
    await record.close(END)
    assert [turn.text for turn in await _turns(pool, opened.key)] == ["one", "two"]
    assert record.lost_writes == 2
    assert await _status(pool, opened.key) == "ended"


async def test_a_write_repeated_in_vain_is_given_up_and_the_next_is_made(
    pool: Pool, keeper_pool: Pool, opened: OpenCall
) -> None:
    record = _record(pool, opened, give_up_after_s=0.0)
    blocked = Turn(seq=0, role="caller", at=datetime.now(UTC), text="from elsewhere")
    async with tenant_tx(keeper_pool, opened.key.tenant_id, budget_s=PATIENCE_S) as other:
        # the same turn in a transaction that stays open: ours waits for its end until its time is up
        await other.execute(
            """
            INSERT INTO turns (tenant_id, started_at, call_id, seq, role, at, text)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            opened.key.tenant_id,
            opened.key.started_at,
            opened.key.id,
            blocked.seq,
            blocked.role,
            blocked.at,
            blocked.text,
        )
        record.turn("caller", "blocked")
        record.turn("agent", "next")
        await until(lambda: _has_turn(pool, opened.key, "next"))
    await record.close(END)
    assert record.lost_writes == 1


async def test_the_lease_is_renewed_while_a_write_is_stuck(pool: Pool, keeper_pool: Pool, opened: OpenCall) -> None:
    record = _record(pool, opened)
    async with tenant_tx(keeper_pool, opened.key.tenant_id, budget_s=PATIENCE_S) as other:
        await other.execute("SELECT 1 FROM calls WHERE id = $1 FOR UPDATE", opened.key.id)
        record.answered("off")
        before = await _lease(pool, opened.key)
        await until(lambda: _lease_moved(pool, opened.key, before + 2 * LEASE_S))
    await record.close(END)
    assert record.lost_writes == 0


async def test_the_end_is_written_though_too_many_writes_wait(pool: Pool, opened: OpenCall, record: CallRecord) -> None:
    for number in range(300):
        record.turn("caller", str(number))
    await record.close(END)
    assert record.lost_writes == 300 - 256
    assert await _status(pool, opened.key) == "ended"


async def test_an_agent_whose_call_was_taken_over_learns_it_and_writes_no_more(
    pool: Pool, call: NewCall, opened: OpenCall, record: CallRecord
) -> None:
    await open_call(pool, call)
    record.settled(new_call(None))
    async with asyncio.timeout(PATIENCE_S):
        await record.superseded.wait()
    record.turn("agent", "from the grave")
    await record.close(END)
    assert await _turns(pool, opened.key) == ()
    assert await _status(pool, opened.key) != "ended"
    async with tenant_tx(pool, opened.key.tenant_id) as connection:
        (active,) = await active_calls(connection)
    assert (active.key, active.epoch) == (opened.key, opened.epoch + 1)


async def test_a_silent_agent_learns_of_the_take_over_by_its_lease(
    pool: Pool, call: NewCall, opened: OpenCall, record: CallRecord
) -> None:
    await open_call(pool, call)
    async with asyncio.timeout(PATIENCE_S):
        await record.superseded.wait()


async def test_the_ordinary_end_of_a_call_supersedes_nobody(pool: Pool, opened: OpenCall, record: CallRecord) -> None:
    record.settled(new_call(None))
    await record.close(END)
    assert not record.superseded.is_set()
    assert await _status(pool, opened.key) == "ended"


async def _has_turn(pool: Pool, key: CallKey, text: str) -> bool:
    return text in [turn.text for turn in await _turns(pool, key)]


async def _lease(pool: Pool, key: CallKey) -> float:
    async with tenant_tx(pool, key.tenant_id) as connection:
        return float(
            await connection.fetchval(
                "SELECT extract(epoch FROM lease_until)::float8 FROM call_state WHERE call_id = $1", key.id
            )
        )


async def _lease_moved(pool: Pool, key: CallKey, past: float) -> bool:
    return await _lease(pool, key) > past
