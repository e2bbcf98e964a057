"""What callers are told when PostgreSQL is not as it should be: one sentence, the blame, no password."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import asyncpg
import pytest

from agent.domain.errors import (
    Blame,
    ConfigError,
    DeadlineExceeded,
    DependencyUnavailable,
    FleetError,
)
from agent.storage.failures import as_fleet_error, server_address
from agent.storage.pool import Pool, Role, connect, fleet_tx, open_pool, tenant_tx
from tests.integration.conftest import with_database


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port nobody listens on: bound, so that nobody takes it meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
async def mute_port() -> AsyncIterator[int]:
    """A port where connections are accepted and nothing is ever said."""
    silent = asyncio.Event()

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silent.wait()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    silent.set()
    server.close()
    await server.wait_closed()


async def test_an_unreachable_server_is_named_by_host_and_port_without_the_password(closed_port: int) -> None:
    url = f"postgresql://me:hunter2@127.0.0.1:{closed_port}/db"
    with pytest.raises(DependencyUnavailable) as caught:
        await open_pool(url)
    assert str(caught.value) == f"PostgreSQL at 127.0.0.1:{closed_port} cannot be reached (Connection refused)."
    assert caught.value.retryable
    assert caught.value.__suppress_context__


async def test_a_server_that_never_answers_is_given_up_in_time(mute_port: int) -> None:
    with pytest.raises(DeadlineExceeded, match=f"127.0.0.1:{mute_port} did not answer"):
        await open_pool(f"postgresql://me:hunter2@127.0.0.1:{mute_port}/db", connect_timeout_s=0.2)
    with pytest.raises(DeadlineExceeded, match=f"127.0.0.1:{mute_port} did not answer"):
        await connect(f"postgresql://me:hunter2@127.0.0.1:{mute_port}/db", role=None, timeout_s=0.2)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("postgresql://me:pw@db.example:6432/x", "db.example:6432"),
        ("postgres://db.example/x", "db.example:5432"),
        ("postgresql://me:@/x?host=/run/pg", "/run/pg"),
        ("postgresql:///x", "localhost:5432"),
    ],
)
def test_an_address_is_read_off_every_kind_of_url(url: str, address: str) -> None:
    assert server_address(url) == address


@pytest.mark.parametrize("url", ["mysql://me:hunter2@h/x", "hunter2", "postgresql://me:hunter2@h:port/x"])
def test_a_url_that_is_none_is_a_configuration_error_that_repeats_nothing_secret(url: str) -> None:
    with pytest.raises(ConfigError, match="expected postgresql://") as caught:
        server_address(url)
    assert "hunter2" not in str(caught.value)


async def test_a_missing_database_is_a_configuration_error(server_url: str) -> None:
    with pytest.raises(ConfigError, match=r"refuses the login: database .* does not exist"):
        await open_pool(with_database(server_url, f"vf_{uuid4().hex[:12]}"))


async def test_a_server_without_our_roles_says_to_migrate(server_url: str) -> None:
    connection = await connect(server_url, role=None)
    with pytest.raises(asyncpg.InvalidParameterValueError) as refused:
        await connection.execute("SET ROLE voicefleet_of_nobody")
    await connection.close()
    failure = as_fleet_error(refused.value, "db:5432")
    assert isinstance(failure, ConfigError)
    assert "voicefleet migrate" in str(failure)


async def test_a_transaction_over_its_budget_is_undone_and_the_connection_lives_on(
    pool: Pool, keeper_pool: Pool
) -> None:
    async def dawdle() -> None:
        async with fleet_tx(pool, budget_s=0.2) as connection:
            await connection.execute("INSERT INTO workers (worker_id, seats, busy) VALUES ('slow', 1, 0)")
            await connection.execute("SELECT pg_sleep(30)")

    with pytest.raises(DeadlineExceeded):
        await dawdle()
    async with fleet_tx(keeper_pool) as connection:
        assert await connection.fetchval("SELECT count(*) FROM workers WHERE worker_id = 'slow'") == 0
    async with fleet_tx(pool) as connection:
        assert await connection.fetchval("SELECT current_user") == "voicefleet_app"


async def test_the_server_itself_gives_a_statement_up_at_the_budget(pool: Pool) -> None:
    async with tenant_tx(pool, uuid4(), budget_s=1.5) as connection:
        assert await connection.fetchval("SHOW statement_timeout") == "1500ms"
    async with pool.raw.acquire() as bare:
        assert await bare.fetchval("SHOW statement_timeout") == "0"


async def test_waiting_for_a_connection_counts_against_the_budget(database: str) -> None:
    async with await open_pool(database, max_size=1) as narrow, fleet_tx(narrow, budget_s=10):
        with pytest.raises(DeadlineExceeded):
            async with fleet_tx(narrow, budget_s=0.1):
                pass


async def test_a_connection_cut_mid_transaction_is_upstreams_fault_and_the_pool_recovers(
    pool: Pool, server_url: str
) -> None:
    admin = await asyncpg.connect(server_url, timeout=5)

    async def lose_connection() -> None:
        async with fleet_tx(pool) as connection:
            pid = await connection.fetchval("SELECT pg_backend_pid()")
            await admin.execute("SELECT pg_terminate_backend($1, 5000)", pid)
            await connection.execute("SELECT 1")

    with pytest.raises(DependencyUnavailable) as caught:
        await lose_connection()
    await admin.close()
    assert (caught.value.blame, caught.value.retryable) == (Blame.UPSTREAM, True)
    async with fleet_tx(pool) as connection:
        assert await connection.fetchval("SELECT current_user") == "voicefleet_app"


async def test_a_refused_row_is_our_fault_and_its_content_stays_out_of_the_message(keeper_pool: Pool) -> None:
    with pytest.raises(FleetError) as caught:
        async with fleet_tx(keeper_pool) as connection:
            await connection.execute("INSERT INTO numbers (e164, tenant_id) VALUES ('+12125550123', $1)", uuid4())
    assert (caught.value.blame, caught.value.retryable) == (Blame.SERVER, False)
    assert "numbers_tenant_id_fkey" in str(caught.value)
    assert "5550123" not in str(caught.value)


async def test_two_transactions_in_each_others_way_may_be_tried_again(keeper_pool: Pool) -> None:
    async with fleet_tx(keeper_pool) as connection:
        await connection.execute("INSERT INTO workers (worker_id, seats, busy) VALUES ('x', 1, 0), ('y', 1, 0)")
    locked = [asyncio.Event(), asyncio.Event()]

    async def lock(first: int) -> None:
        names = ("x", "y")
        async with fleet_tx(keeper_pool, budget_s=20) as connection:
            await connection.execute("UPDATE workers SET busy = 0 WHERE worker_id = $1", names[first])
            locked[first].set()
            await locked[1 - first].wait()
            await connection.execute("UPDATE workers SET busy = 0 WHERE worker_id = $1", names[1 - first])

    results = await asyncio.gather(lock(0), lock(1), return_exceptions=True)
    (failure,) = [each for each in results if each is not None]
    assert isinstance(failure, FleetError)
    assert (failure.blame, failure.retryable) == (Blame.SERVER, True)


async def test_a_closed_pool_says_so_instead_of_hanging(database: str) -> None:
    pool = await open_pool(database, role=Role.KEEPER)
    await pool.close()
    with pytest.raises(DependencyUnavailable):
        async with fleet_tx(pool):
            pass
