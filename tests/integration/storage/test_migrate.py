"""The migration runner against real databases: fresh, again, tampered with, two at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from agent.domain.errors import ConfigError, DeadlineExceeded, FleetError
from agent.storage.catalogue import SCHEMA, describe_schema, write_schema
from agent.storage.migrate import MIGRATIONS, migrate, pending_migrations, read_migrations
from agent.storage.pool import Role, connect, fleet_tx, open_pool
from agent.storage.tenants import tenant_by_number
from tests.integration.conftest import with_database
from tests.integration.shop import stored_shop


@pytest.fixture
async def fresh(server_url: str) -> AsyncIterator[str]:
    """URL of an empty database for one test."""
    name = f"vf_{uuid4().hex[:12]}"
    admin = await asyncpg.connect(server_url, timeout=5)
    await admin.execute(f"CREATE DATABASE {name}")
    try:
        yield with_database(server_url, name)
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two small migrations."""
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE one (a int);")
    (tmp_path / "0002_second.sql").write_text("CREATE TABLE two (a int);")
    return tmp_path


async def tables(url: str) -> set[str]:
    connection = await connect(url, role=None)
    rows = await connection.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations'"
    )
    await connection.close()
    return {row["tablename"] for row in rows}


async def described(url: str) -> str:
    connection = await connect(url, role=None)
    try:
        return await describe_schema(connection)
    finally:
        await connection.close()


async def test_a_fresh_database_ends_at_the_committed_schema(fresh: str) -> None:
    assert await migrate(fresh) == tuple(step.name for step in read_migrations())
    assert await described(fresh) == SCHEMA.read_text(encoding="utf-8"), "run voicefleet migrate --write-schema"


async def test_the_written_schema_shows_a_difference_of_one_column(fresh: str, tmp_path: Path) -> None:
    await migrate(fresh)
    connection = await connect(fresh, role=None)
    await connection.execute("ALTER TABLE staff ADD COLUMN colour text")
    await connection.close()
    await write_schema(fresh, path=tmp_path / "schema.sql")
    before, after = SCHEMA.read_text(encoding="utf-8"), (tmp_path / "schema.sql").read_text(encoding="utf-8")
    assert set(after.splitlines()) - set(before.splitlines()) == {"    colour text,"}


async def test_what_is_pending_can_be_asked_before_and_after(fresh: str) -> None:
    connection = await connect(fresh, role=None)
    assert await pending_migrations(connection) == tuple(step.name for step in read_migrations())
    await migrate(fresh)
    assert await pending_migrations(connection) == ()
    await connection.close()


async def test_a_second_run_changes_nothing(fresh: str) -> None:
    await migrate(fresh)
    assert await migrate(fresh) == ()


async def test_only_the_new_file_runs_on_an_older_database(fresh: str, folder: Path) -> None:
    await migrate(fresh, folder=folder)
    (folder / "0003_third.sql").write_text("CREATE TABLE three (a int);")
    assert await migrate(fresh, folder=folder) == ("0003_third.sql",)
    assert await tables(fresh) == {"one", "two", "three"}


async def test_a_file_changed_after_it_ran_is_named_and_nothing_runs(fresh: str, folder: Path) -> None:
    await migrate(fresh, folder=folder)
    (folder / "0001_first.sql").write_text("CREATE TABLE one (a bigint);")
    (folder / "0003_third.sql").write_text("CREATE TABLE three (a int);")
    with pytest.raises(ConfigError, match=r"0001_first\.sql was changed"):
        await migrate(fresh, folder=folder)
    assert await tables(fresh) == {"one", "two"}


async def test_an_applied_file_that_is_gone_is_named(fresh: str, folder: Path) -> None:
    await migrate(fresh, folder=folder)
    (folder / "0001_first.sql").unlink()
    with pytest.raises(ConfigError, match=r"0001_first\.sql has been applied .* missing"):
        await migrate(fresh, folder=folder)


async def test_the_previous_release_accepts_a_database_that_is_ahead(fresh: str, folder: Path) -> None:
    await migrate(fresh, folder=folder)
    (folder / "0002_second.sql").unlink()
    assert await migrate(fresh, folder=folder) == ()


async def test_a_file_numbered_below_the_newest_applied_is_refused(fresh: str, folder: Path) -> None:
    (folder / "0002_second.sql").rename(folder / "0003_second.sql")
    await migrate(fresh, folder=folder)
    (folder / "0002_late.sql").write_text("CREATE TABLE late (a int);")
    with pytest.raises(ConfigError, match=r"0002_late\.sql comes before 0003"):
        await migrate(fresh, folder=folder)


async def test_two_runners_at_once_apply_each_file_once(fresh: str) -> None:
    results = await asyncio.gather(*(migrate(fresh) for _ in range(4)))
    assert sorted(len(names) for names in results) == [0, 0, 0, len(read_migrations())]


async def test_databases_of_one_server_may_migrate_at_once(server_url: str) -> None:
    names = [f"vf_{uuid4().hex[:12]}" for _ in range(4)]
    admin = await asyncpg.connect(server_url, timeout=5)
    for name in names:
        await admin.execute(f"CREATE DATABASE {name}")
    try:
        results = await asyncio.gather(*(migrate(with_database(server_url, name)) for name in names))
        assert all(results)
    finally:
        for name in names:
            await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


async def test_a_runner_that_waits_too_long_says_so(fresh: str, folder: Path) -> None:
    await migrate(fresh, folder=folder)
    other = await connect(fresh, role=None)
    await other.execute("SELECT pg_advisory_lock($1)", 0x766F696365)
    with pytest.raises(DeadlineExceeded, match="Another migration"):
        await migrate(fresh, folder=folder, lock_wait_s=0.2)
    await other.close()


async def test_a_failing_file_leaves_nothing_behind_and_can_be_mended(fresh: str, folder: Path) -> None:
    broken = folder / "0003_third.sql"
    broken.write_text("CREATE TABLE three (a int); CREATE TABLE three (a int);")
    with pytest.raises(FleetError, match=r'"three" already exists'):
        await migrate(fresh, folder=folder)
    assert await tables(fresh) == {"one", "two"}
    broken.write_text("CREATE TABLE three (a int);")
    assert await migrate(fresh, folder=folder) == ("0003_third.sql",)


async def test_a_file_waits_for_a_busy_table_only_so_long(fresh: str, folder: Path) -> None:
    await migrate(fresh, folder=folder)
    (folder / "0003_third.sql").write_text("ALTER TABLE one ADD COLUMN b int;")
    reader = await connect(fresh, role=None)
    transaction = reader.transaction()
    await transaction.start()
    await reader.execute("SELECT * FROM one")
    with pytest.raises(DeadlineExceeded, match="LockNotAvailable"):
        await migrate(fresh, folder=folder, lock_timeout_s=0.1)
    await transaction.rollback()
    assert await migrate(fresh, folder=folder) == ("0003_third.sql",)
    await reader.close()


async def test_an_autocommit_file_may_build_an_index_concurrently(fresh: str, folder: Path) -> None:
    (folder / "0003_index.autocommit.sql").write_text("-- a; b\nCREATE INDEX CONCURRENTLY one_a ON one (a);\n")
    assert (await migrate(fresh, folder=folder))[-1] == "0003_index.autocommit.sql"
    assert "CREATE INDEX one_a" in await described(fresh)


@pytest.mark.parametrize(
    ("name", "sql", "complaint"),
    [
        ("third.sql", "SELECT 1", r"third\.sql is no migration's name"),
        ("0002_again.sql", "SELECT 1", "same version"),
        ("0003_two.autocommit.sql", "SELECT 1; SELECT 2;", "more than one statement"),
    ],
)
def test_a_folder_that_breaks_the_rules_is_refused(folder: Path, name: str, sql: str, complaint: str) -> None:
    (folder / name).write_text(sql)
    with pytest.raises(ConfigError, match=complaint):
        read_migrations(folder)


async def test_an_owner_who_is_no_superuser_can_migrate(server_url: str) -> None:
    name = f"vf_{uuid4().hex[:12]}"
    admin = await connect(server_url, role=None)
    for role in ("voicefleet_app", "voicefleet_keeper"):
        known = await admin.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role)
        if not known:
            await admin.execute(f"CREATE ROLE {role} NOLOGIN")
    await admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{name}' IN ROLE voicefleet_app, voicefleet_keeper")
    await admin.execute(f"CREATE DATABASE {name} OWNER {name}")
    try:
        inside = await connect(with_database(server_url, name), role=None)
        await inside.execute("CREATE EXTENSION vector")  # what a superuser must do once in a database
        await inside.close()
        scheme, _, rest = with_database(server_url, name).partition("://")
        url = f"{scheme}://{name}:{name}@{rest.rpartition('@')[2]}"
        assert await migrate(url) == tuple(step.name for step in read_migrations(MIGRATIONS))
        async with await open_pool(url, role=Role.KEEPER) as pool:
            tenant = await stored_shop(pool)
        async with await open_pool(url) as pool, fleet_tx(pool) as connection:
            assert await connection.fetchval("SELECT current_user") == "voicefleet_app"
            # The owner's own policies show it nothing, so the function must not work as the owner.
            assert await tenant_by_number(connection, tenant.numbers[0]) == tenant.id
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.execute(f"DROP ROLE {name}")
        await admin.close()
