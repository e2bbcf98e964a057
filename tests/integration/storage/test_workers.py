"""Seats of the fleet count while their workers renew them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from agent.storage.pool import Connection, Pool, fleet_tx
from agent.storage.workers import FleetSeats, fleet_seats, forget_silent, leave, renew


@pytest.fixture
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    async with fleet_tx(pool, budget_s=10) as opened:
        await opened.execute("DELETE FROM workers")
        yield opened


async def age(connection: Connection, worker_id: str, by_s: float) -> None:
    await connection.execute(
        "UPDATE workers SET updated_at = updated_at - make_interval(secs => $2) WHERE worker_id = $1",
        worker_id,
        by_s,
    )


async def test_an_empty_fleet_has_no_seat(connection: Connection) -> None:
    assert await fleet_seats(connection) == FleetSeats(workers=0, total=0, busy=0, free=0)


async def test_seats_are_summed_over_workers_by_their_latest_word(connection: Connection) -> None:
    await renew(connection, "a", seats=3, busy=0)
    await renew(connection, "a", seats=3, busy=2)
    await renew(connection, "b", seats=4, busy=4)
    assert await fleet_seats(connection) == FleetSeats(workers=2, total=7, busy=6, free=1)


async def test_an_overfull_worker_takes_no_seat_from_another(connection: Connection) -> None:
    await renew(connection, "shrunk", seats=1, busy=3)
    await renew(connection, "b", seats=2, busy=0)
    assert (await fleet_seats(connection)).free == 2


async def test_a_silent_worker_counts_until_its_word_is_too_old(connection: Connection) -> None:
    await renew(connection, "a", seats=3, busy=1)
    await age(connection, "a", 60)
    assert (await fleet_seats(connection, max_age_s=120)).free == 2
    assert (await fleet_seats(connection, max_age_s=30)).workers == 0
    await renew(connection, "a", seats=3, busy=1)
    assert (await fleet_seats(connection, max_age_s=30)).free == 2


async def test_a_worker_that_leaves_takes_its_seats_along(connection: Connection) -> None:
    await renew(connection, "a", seats=3, busy=0)
    await leave(connection, "a")
    assert (await fleet_seats(connection)).workers == 0


async def test_workers_silent_for_long_are_forgotten(connection: Connection) -> None:
    await renew(connection, "old", seats=1, busy=0)
    await renew(connection, "new", seats=1, busy=0)
    await age(connection, "old", 7200)
    assert await forget_silent(connection, max_age_s=3600) == 1
    assert [row["worker_id"] for row in await connection.fetch("SELECT worker_id FROM workers")] == ["new"]
