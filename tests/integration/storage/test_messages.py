"""Messages in PostgreSQL: once for each intent, whoever asks at the same moment; never another tenant's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

import pytest

from agent.bootstrap.message_list import table
from agent.domain.notes import Message, Reason, message_key
from agent.domain.tenant import Tenant
from agent.scheduling.desk import Desk
from agent.scheduling.memory_desk import MemoryDesk
from agent.storage.messages import StoredMessage, newest
from agent.storage.pool import Pool, fleet_tx, tenant_tx
from tests.integration.shop import MONDAY, stored_shop

CALLER = "+15550190001"
LATE = Message(text="I'm running late", is_urgent=False, name="Dana Smith", phone=CALLER, is_confirmed=True)


@pytest.fixture
async def tenant(keeper_pool: Pool) -> Tenant:
    return await stored_shop(keeper_pool)


async def leave(desk: Desk | MemoryDesk, tenant: Tenant, call_id: UUID, message: Message, caller: str | None) -> bool:
    key = message_key(tenant.id, caller or message.phone or "", message)
    return await desk.take_message(tenant, call_id, message, key=key, caller_number=caller)


async def read(pool: Pool, tenant: Tenant) -> Sequence[StoredMessage]:
    async with tenant_tx(pool, tenant.id) as connection:
        return await newest(connection, tenant.id)


async def notices(pool: Pool, tenant: Tenant) -> int:
    async with tenant_tx(pool, tenant.id) as connection:
        count: int = await connection.fetchval("SELECT count(*) FROM outbox WHERE kind = 'message_notice'")
        return count


async def test_twenty_takes_of_one_message_at_once_store_one_with_one_notice(pool: Pool, tenant: Tenant) -> None:
    desk, call_id = Desk(pool, budget_s=10), uuid4()
    done = await asyncio.gather(*(leave(desk, tenant, call_id, LATE, CALLER) for _ in range(20)))
    assert sorted(done) == [False] * 19 + [True]
    (message,) = await read(pool, tenant)
    assert (message.text, message.name, message.phone, message.caller_e164) == (LATE.text, "Dana Smith", CALLER, CALLER)
    assert await notices(pool, tenant) == 1


async def test_twenty_calls_of_one_caller_with_one_message_store_it_once(pool: Pool, tenant: Tenant) -> None:
    desk = Desk(pool, budget_s=10)
    await asyncio.gather(*(leave(desk, tenant, uuid4(), LATE, CALLER) for _ in range(20)))
    assert len(await read(pool, tenant)) == 1


@pytest.mark.parametrize("is_stored", [True, False])
async def test_whose_words_are_the_same_message(pool: Pool, tenant: Tenant, is_stored: bool) -> None:
    desk: Desk | MemoryDesk = Desk(pool) if is_stored else MemoryDesk(lambda: MONDAY)
    nameless = replace(LATE, name=None, phone=None)
    assert await leave(desk, tenant, uuid4(), LATE, CALLER)
    assert not await leave(desk, tenant, uuid4(), LATE, CALLER), "called back"
    assert await leave(desk, tenant, uuid4(), LATE, "+15550190002"), "somebody else"
    assert await leave(desk, tenant, uuid4(), replace(LATE, text="I'm early"), CALLER), "other words"
    call_id = uuid4()
    assert await leave(desk, tenant, call_id, nameless, None)
    assert not await leave(desk, tenant, call_id, nameless, None), "a retry"
    assert await leave(desk, tenant, uuid4(), nameless, None), "two callers nobody knows"


@pytest.mark.parametrize("is_stored", [True, False])
async def test_two_people_of_one_line_who_were_not_understood_are_both_called_back(
    pool: Pool, tenant: Tenant, is_stored: bool
) -> None:
    desk: Desk | MemoryDesk = Desk(pool) if is_stored else MemoryDesk(lambda: MONDAY)
    lost = Message(Reason.NOT_UNDERSTOOD, phone="+15550190011", is_confirmed=True)
    ann, bob = replace(lost, name="Ann"), replace(lost, name="Bob", phone="+15550190012")
    assert await leave(desk, tenant, uuid4(), ann, CALLER)
    assert await leave(desk, tenant, uuid4(), bob, CALLER)
    assert not await leave(desk, tenant, uuid4(), ann, CALLER), "Ann again"
    assert await leave(desk, tenant, uuid4(), replace(bob, phone="+15550190013"), CALLER), "another number"
    assert not await leave(desk, tenant, uuid4(), replace(bob, name="bob", phone=None), CALLER), "Bob, in short"
    kept = await read(pool, tenant) if isinstance(desk, Desk) else [each.message for each in desk.notes.messages]
    told = {("Ann", "+15550190011"), ("Bob", "+15550190012"), ("Bob", "+15550190013")}
    assert {((message.name or "").title(), message.phone) for message in kept} == told
    assert len(kept) == 3


async def test_what_is_corrected_in_the_same_call_is_still_one_message(pool: Pool, tenant: Tenant) -> None:
    call_id = uuid4()
    assert await leave(Desk(pool), tenant, call_id, LATE, CALLER)
    assert not await leave(Desk(pool), tenant, call_id, replace(LATE, name="Dina Smith"), CALLER)
    (message,) = await read(pool, tenant)
    assert message.name == "Dina Smith"


async def test_a_message_that_turns_urgent_is_announced_once_more(pool: Pool, tenant: Tenant) -> None:
    for is_urgent in (False, False, True, True, False):
        await leave(Desk(pool), tenant, uuid4(), replace(LATE, is_urgent=is_urgent), CALLER)
    async with tenant_tx(pool, tenant.id) as connection:
        sent = await connection.fetch("SELECT payload FROM outbox WHERE kind = 'message_notice' ORDER BY created_at")
    assert [row["payload"]["urgent"] for row in sent] == [False, True]
    assert len({row["payload"]["message_id"] for row in sent}) == 1


async def test_the_same_words_after_half_an_hour_are_another_message(
    pool: Pool, keeper_pool: Pool, tenant: Tenant
) -> None:
    await leave(Desk(pool), tenant, uuid4(), LATE, CALLER)
    async with fleet_tx(keeper_pool) as connection:
        await connection.execute(
            "UPDATE messages SET created_at = created_at - interval '31 minutes' WHERE tenant_id = $1", tenant.id
        )
    assert await leave(Desk(pool), tenant, uuid4(), LATE, CALLER)


async def test_a_message_confirmed_in_the_next_call_completes_the_unconfirmed_one(pool: Pool, tenant: Tenant) -> None:
    cut_off = replace(LATE, name=None, is_confirmed=False)
    await leave(Desk(pool), tenant, uuid4(), cut_off, CALLER)
    await leave(Desk(pool), tenant, uuid4(), replace(LATE, is_urgent=True), CALLER)
    await leave(Desk(pool), tenant, uuid4(), cut_off, CALLER)
    (message,) = await read(pool, tenant)
    assert (message.is_confirmed, message.is_urgent, message.name) == (True, True, "Dana Smith")


async def test_urgent_messages_are_read_first_then_the_newest_and_only_the_tenants_own(
    pool: Pool, keeper_pool: Pool, tenant: Tenant
) -> None:
    desk, other = Desk(pool), await stored_shop(keeper_pool)
    for text, is_urgent in (("one", False), ("two", True), ("three", False), ("four", True)):
        await leave(desk, tenant, uuid4(), replace(LATE, text=text, is_urgent=is_urgent), CALLER)
    await leave(desk, other, uuid4(), LATE, CALLER)
    assert [message.text for message in await read(pool, tenant)] == ["four", "two", "three", "one"]
    assert [message.text for message in await read(pool, other)] == [LATE.text]
    async with tenant_tx(pool, other.id) as connection:
        assert await newest(connection, tenant.id) == []


def test_the_table_says_when_how_urgent_who_which_number_and_what(tenant: Tenant) -> None:
    at = datetime.fromisoformat("2026-12-01T15:04:00+00:00")
    long = "My crown came off while I was eating, it does not hurt, but I would like to be seen this week."
    found = [
        StoredMessage(at, Reason.MESSAGE, long, "Ana", True, False, "Dana Smith", CALLER, CALLER),
        StoredMessage(at, Reason.NOT_UNDERSTOOD, "", None, False, True, None, None, None),
    ]
    left = "2026-12-01 15:04  URGENT unconfirmed  Dana Smith  +15550190001  "
    assert table(found, tenant).splitlines() == [
        "when                                  name        call back     message",
        left + "For Ana. My crown came off while I was eating, it does not",
        " " * len(left) + "hurt, but I would like to be seen this week.",
        "2026-12-01 15:04                      -           -             was not understood",
    ]
    assert table([], tenant) == "no messages"


async def test_every_reason_can_be_stored_and_is_shown(pool: Pool, tenant: Tenant) -> None:
    for reason in Reason:
        await leave(Desk(pool, budget_s=10), tenant, uuid4(), replace(LATE, reason=reason), CALLER)
    stored = await read(pool, tenant)
    assert {message.reason for message in stored} == set(Reason)
    assert "might buy: I'm running late" in table(stored, tenant)
