"""Breakers in PostgreSQL: what workers saw adds up, one of many probes, and changes are announced."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from agent.domain.breaker import KINDS, Breaker, Cause, Happening, Key, Standing
from agent.domain.providers import Kind
from agent.storage import breakers
from agent.storage.breakers import CHANNEL, Told
from agent.storage.pool import Pool, fleet_tx

KEY: Key = (Kind.STT, "deepgram/nova-3")
OTHER: Key = (Kind.TTS, "deepgram/aura-2")


@pytest.fixture(autouse=True)
async def none_yet(keeper_pool: Pool) -> None:
    async with fleet_tx(keeper_pool) as connection:
        await connection.execute("DELETE FROM breakers")


async def tell(pool: Pool, *told: Told) -> dict[Key, Breaker]:
    async with fleet_tx(pool, budget_s=10) as connection:
        return dict(await breakers.report(connection, told))


async def claim(pool: Pool, key: Key, idle_s: float | None = None) -> Breaker | None:
    async with fleet_tx(pool, budget_s=10) as connection:
        return await breakers.claim(connection, key, idle_s=idle_s)


async def read(pool: Pool) -> dict[Key, Breaker]:
    async with fleet_tx(pool) as connection:
        return dict((await breakers.read_all(connection)).breakers)


async def make_due(pool: Pool) -> None:
    async with fleet_tx(pool) as connection:
        await connection.execute("UPDATE breakers SET due_at = clock_timestamp() - interval '1 second'")


async def test_two_workers_failures_add_up(pool: Pool, keeper_pool: Pool) -> None:
    failed = Told(KEY, Happening.FAILED, reason="503")
    assert (await tell(pool, failed, failed))[KEY].standing is Standing.CLOSED
    now = (await tell(keeper_pool, failed))[KEY]
    assert (now.standing, now.cause, now.reason) == (Standing.OPEN, Cause.BURST, "503")
    assert await read(pool) == {KEY: now}


async def test_every_kind_that_has_a_breaker_can_be_stored(pool: Pool) -> None:
    told = [Told((kind, "vendor/model"), Happening.SUCCEEDED) for kind in KINDS]
    assert set(await tell(pool, *told)) == {each.key for each in told}


async def test_twenty_workers_that_tell_at_once_lose_nothing_and_never_block_each_other(pool: Pool) -> None:
    forth = [Told(KEY, Happening.SUCCEEDED), Told(OTHER, Happening.SUCCEEDED)]
    await asyncio.gather(*(tell(pool, *(forth if number % 2 else forth[::-1])) for number in range(20)))
    stored = await read(pool)
    for key in (KEY, OTHER):
        assert sum(bucket.attempts for bucket in stored[key].buckets) == 20


async def test_what_happened_earlier_is_counted_at_its_time_by_the_servers_clock(pool: Pool) -> None:
    now = (await tell(pool, Told(KEY, Happening.FAILED, age_s=120), Told(KEY, Happening.SUCCEEDED)))[KEY]
    first, last = now.buckets
    assert last.number - first.number in (12, 13)
    assert now.told_at is not None
    assert now.told_at - now.in_a_row[0] >= timedelta(seconds=120) if now.in_a_row else True


async def test_one_of_twenty_claims_a_probe(pool: Pool) -> None:
    await tell(pool, Told(KEY, Happening.PROBE_REFUSED, reason="invalid key"))
    assert await claim(pool, KEY) is None
    await make_due(pool)
    claims = [each for each in await asyncio.gather(*(claim(pool, KEY) for _ in range(20))) if each is not None]
    assert [each.standing for each in claims] == [Standing.HALF_OPEN]


async def test_a_probe_whose_worker_died_is_anybodys_again(pool: Pool) -> None:
    await tell(pool, Told(KEY, Happening.PROBE_REFUSED))
    await make_due(pool)
    assert await claim(pool, KEY) is not None
    assert await claim(pool, KEY) is None
    await make_due(pool)  # the lease ran out
    assert await claim(pool, KEY) is not None


async def test_a_provider_nobody_has_used_is_claimed_by_one_when_idle_ones_are_probed(pool: Pool) -> None:
    assert await claim(pool, KEY) is None
    claims = await asyncio.gather(*(claim(pool, KEY, 60) for _ in range(20)))
    assert len([each for each in claims if each is not None]) == 1


async def test_a_breaker_is_closed_by_hand_by_its_name(pool: Pool) -> None:
    await tell(pool, Told(KEY, Happening.PROBE_REFUSED), Told(OTHER, Happening.PROBE_REFUSED))
    async with fleet_tx(pool) as connection:
        was = await breakers.reset(connection, KEY[1])
        assert await breakers.reset(connection, "nobody/nothing") == {}
    assert {key: breaker.standing for key, breaker in was.items()} == {KEY: Standing.OPEN}
    stored = await read(pool)
    assert (stored[KEY].standing, stored[OTHER].standing) == (Standing.CLOSED, Standing.OPEN)


async def test_every_change_of_standing_is_announced_and_nothing_else(database: str, pool: Pool) -> None:
    heard: list[str] = []
    news = asyncio.Event()

    def hear(_: object, __: int, ___: str, payload: object) -> None:
        heard.append(str(payload))
        if payload == "end":
            news.set()

    session = await asyncpg.connect(database, timeout=5)
    try:
        await session.add_listener(CHANNEL, hear)
        await tell(pool, Told(KEY, Happening.FAILED))
        await tell(pool, Told(KEY, Happening.PROBE_REFUSED))
        await make_due(pool)
        await claim(pool, KEY)
        await tell(pool, Told(KEY, Happening.PROBE_SUCCEEDED))
        await session.execute("SELECT pg_notify($1, 'end')", CHANNEL)
        async with asyncio.timeout(10):
            await news.wait()
    finally:
        await session.close(timeout=5)
    assert heard == ["stt deepgram/nova-3"] * 3 + ["end"]
