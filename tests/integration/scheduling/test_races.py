"""Who races for an opening or repeats a booking: one winner, one booking, no deadlock."""

from __future__ import annotations

import asyncio
import random
from uuid import uuid4

from agent.domain.tenant import Tenant
from agent.scheduling.desk import Desk
from agent.storage.pool import Pool
from tests.integration.scheduling.holding import book, hold_of, run_out, statuses
from tests.integration.shop import opening

#: Openings that fifty connections want at the same moment, one after another.
RACES = 100


async def test_fifty_calls_race_for_one_opening_and_one_wins(crowd: Desk, pool: Pool, tenant: Tenant) -> None:
    person = tenant.staff[0].id
    for burst in range(RACES):
        # Not all want the same minute: overlapping times are harder on the index than equal ones.
        wanted = [opening(person, day=burst, minute=5 * (call % 3)) for call in range(50)]
        got = await asyncio.gather(*(crowd.hold(tenant, uuid4(), each, "cut") for each in wanted))
        assert len([hold for hold in got if hold]) == 1
    assert await statuses(pool, tenant) == ["held"] * RACES


async def test_fifty_calls_race_for_the_opening_of_a_stale_hold_and_one_wins(
    crowd: Desk, keeper_pool: Pool, tenant: Tenant
) -> None:
    person = tenant.staff[0].id
    for burst in range(5):
        for minute in (0, 45):
            await run_out(keeper_pool, await hold_of(crowd, tenant, opening(person, day=burst, minute=minute)))
        wanted = [opening(person, day=burst, minute=20 + call % 3) for call in range(50)]
        got = await asyncio.gather(*(crowd.hold(tenant, uuid4(), each, "cut") for each in wanted))
        assert len([hold for hold in got if hold]) == 1


async def test_many_calls_that_clear_stale_holds_all_over_each_other_never_deadlock(
    crowd: Desk, tenant: Tenant
) -> None:
    person = tenant.staff[0].id

    async def caller(seed: int) -> int:
        dice = random.Random(seed)
        won = 0
        for _ in range(25):
            wanted = opening(person, hour=9, minute=dice.randrange(0, 180, 5))
            won += await crowd.hold(tenant, uuid4(), wanted, "cut", ttl_s=0) is not None
        return won

    assert sum(await asyncio.gather(*(caller(seed) for seed in range(40)))) > 0


async def test_the_same_intent_confirmed_twenty_times_at_once_is_one_booking(
    crowd: Desk, pool: Pool, tenant: Tenant
) -> None:
    held = await hold_of(crowd, tenant, opening(tenant.staff[0].id))
    got = await asyncio.gather(*(book(crowd, tenant, held, "intent") for _ in range(20)))
    assert {booked.id for booked in got if booked} == {held.id}
    assert sorted(booked.was_known for booked in got if booked) == [False] + [True] * 19
    assert await statuses(pool, tenant) == ["confirmed"]


async def test_the_same_intent_with_a_hold_a_call_is_one_booking_and_leaves_no_hold(
    crowd: Desk, pool: Pool, tenant: Tenant
) -> None:
    first, second = (person.id for person in tenant.staff)
    holds = [await hold_of(crowd, tenant, opening(person)) for person in (first, second)]
    got = await asyncio.gather(*(book(crowd, tenant, held, "intent") for held in holds))
    assert len({booked.id for booked in got if booked}) == 1
    assert all(got)
    assert sorted(await statuses(pool, tenant)) == ["cancelled", "confirmed"]
