"""A keeper against real servers and a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from agent.storage.failures import server_address
from agent.storage.pool import Pool, Role, fleet_tx, open_pool
from agent.storage.workers import leave, renew
from sip.commands import run_apply
from sip.rooms import Rooms
from sip.server import connected
from tests.integration.sip.plans import carrier, write_plan
from tests.integration.sip.stack import Stack, running_stack

RENEW_S = 0.5


@pytest.fixture(scope="module")
def stack(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    reachable_everywhere = server_address(database).startswith("/")
    with running_stack(folder, own_network=reachable_everywhere) as running:
        assert asyncio.run(run_apply(write_plan(folder, carrier()), running.address)) == 0
        yield running


@pytest.fixture
async def rooms(stack: Stack) -> AsyncIterator[Rooms]:
    async with connected(stack.address) as server:
        client = Rooms(server)
        yield client
        for room in await client.list_rooms():
            await client.delete_room(room.name)


@pytest.fixture
async def fleet(database: str) -> AsyncIterator[Pool]:
    async with await open_pool(database, role=Role.KEEPER, name="tests") as pool:
        yield pool


@asynccontextmanager
async def worker_with(pool: Pool, seats: int, *, busy: int = 0) -> AsyncIterator[None]:
    """A worker's row, renewed as a worker renews it."""

    async def renewing() -> None:
        while True:
            async with fleet_tx(pool) as connection:
                await renew(connection, "worker-under-test", seats=seats, busy=busy)
            await asyncio.sleep(RENEW_S)

    task = asyncio.create_task(renewing(), name="test.worker")
    try:
        async with fleet_tx(pool) as connection:
            await renew(connection, "worker-under-test", seats=seats, busy=busy)
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with fleet_tx(pool) as connection:
            await leave(connection, "worker-under-test")
