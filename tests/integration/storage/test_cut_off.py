"""What a cut-off call left: kept by number for a while, ended with the call's record, forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any
from uuid import uuid4

import pytest

from agent.dialogue.record import CallRecord
from agent.domain.call import CallState, new_call
from agent.domain.errors import Blame
from agent.domain.facts import When
from agent.domain.intent import Operation
from agent.domain.left import Left
from agent.domain.staffing import StaffWish
from agent.domain.state import Stage
from agent.domain.tenant import Tenant
from agent.keeping.left_behind import left_by
from agent.storage import call_state, cut_off
from agent.storage.call_state import OpenCall, open_call
from agent.storage.calls import CallKey, ClosedCall, NewCall, close_call
from agent.storage.pool import Pool, fleet_tx, tenant_tx
from tests.integration.shop import MONDAY, stored_shop

CALLER = "+12125550100"
END = ClosedCall(datetime.now(UTC), Blame.SUCCESS, "abandoned", "caller", {})
DAY = MONDAY.date()
LEFT = Left(
    CALLER, Operation.BOOK, service_id="cut", when=When(DAY, DAY, at=time(10)), staff=StaffWish(), name="Dana Smith",
    phone="+12125550177", has_keypad=True,
)  # fmt: skip


@pytest.fixture
async def tenant(keeper_pool: Pool) -> Tenant:
    return await stored_shop(keeper_pool)


async def opened_call(pool: Pool, tenant: Tenant) -> OpenCall:
    key = CallKey(tenant.id, uuid4(), datetime.now(UTC))
    return await open_call(pool, NewCall(key, f"room-{key.id}", tenant.numbers[0], CALLER, None, "worker-1"))


async def found(pool: Pool, tenant: Tenant) -> Left | None:
    async with tenant_tx(pool, tenant.id) as connection:
        return await cut_off.find(connection, tenant.id, CALLER)


async def test_what_was_left_is_read_as_it_was_written_and_the_newest_counts(pool: Pool, tenant: Tenant) -> None:
    for left in (LEFT, replace(LEFT, name="Dana Jones")):
        async with tenant_tx(pool, tenant.id) as connection:
            await cut_off.keep(connection, tenant.id, left)
        assert await found(pool, tenant) == left


async def test_once_told_it_is_gone(pool: Pool, tenant: Tenant) -> None:
    async with tenant_tx(pool, tenant.id) as connection:
        await cut_off.keep(connection, tenant.id, LEFT)
        assert await cut_off.forget(connection, tenant.id, CALLER)
        assert not await cut_off.forget(connection, tenant.id, CALLER)
    assert await found(pool, tenant) is None


async def test_what_has_expired_is_not_read_and_the_keeper_deletes_it_for_every_tenant(
    pool: Pool, keeper_pool: Pool, tenant: Tenant
) -> None:
    other = await stored_shop(keeper_pool)
    for each, for_s in ((tenant, -1.0), (other, 900.0)):
        async with tenant_tx(pool, each.id) as connection:
            await cut_off.keep(connection, each.id, LEFT, for_s=for_s)
    assert await found(pool, tenant) is None
    async with fleet_tx(keeper_pool) as connection:
        assert await cut_off.forget_expired(connection) == 1
        assert await cut_off.forget_expired(connection) == 0
    assert await found(pool, other) == LEFT


async def test_a_calls_record_and_what_it_left_end_together_and_once(pool: Pool, tenant: Tenant) -> None:
    opened = await opened_call(pool, tenant)
    record = CallRecord(pool, opened.key, opened.epoch, lambda: datetime.now(UTC))
    await record.close(END, left=LEFT)
    assert await found(pool, tenant) == LEFT
    late = CallRecord(pool, opened.key, opened.epoch, lambda: datetime.now(UTC))
    await late.close(END, left=replace(LEFT, name="Nobody"))
    assert await found(pool, tenant) == LEFT, "the record was closed already"


async def test_the_next_calls_record_forgets_it_when_it_has_been_told(pool: Pool, tenant: Tenant) -> None:
    async with tenant_tx(pool, tenant.id) as connection:
        await cut_off.keep(connection, tenant.id, LEFT)
    opened = await opened_call(pool, tenant)
    record = CallRecord(pool, opened.key, opened.epoch, lambda: datetime.now(UTC))
    record.called_back(LEFT)
    await record.close(END)
    assert await found(pool, tenant) is None


AT_THE_READ_BACK = replace(
    new_call(CALLER), stage=Stage.CONFIRMING, service_id="cut", when=LEFT.when, name="Dana Smith", phone=LEFT.phone
)  # fmt: skip


@pytest.mark.parametrize(
    ("document", "is_left"),
    [
        (AT_THE_READ_BACK.to_json(), True),
        (replace(AT_THE_READ_BACK, caller_number=None).to_json(), False),
        (CallState().to_json(), False),
        ({"stage": "a stage of another release"}, False),
        (None, False),
    ],
    ids=["at the read-back", "number withheld", "ringing", "another release", "nothing stored"],
)
async def test_a_lost_agents_stored_state_tells_the_keeper_what_was_left(
    pool: Pool, keeper_pool: Pool, tenant: Tenant, document: Mapping[str, Any] | None, is_left: bool
) -> None:
    opened = await opened_call(pool, tenant)
    if document is not None:
        async with tenant_tx(pool, tenant.id) as connection:
            assert await call_state.save_state(connection, opened.key, opened.epoch, document)
    async with fleet_tx(keeper_pool) as connection:
        left = await left_by(connection, opened.key)
        assert await close_call(connection, opened.key, END)
        assert await left_by(connection, opened.key) is None
    assert (left is not None) is is_left
    assert left is None or (left.name, left.when) == ("Dana Smith", LEFT.when)
