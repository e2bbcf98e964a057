"""Two tenants' data never meet: every function of storage, under both roles.

As the application row-level security stands behind each query. As the keeper it lets everything through, so that
what keeps the tenants apart is the query's own filter.
"""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import pytest

import agent.storage
from agent.domain.errors import FleetError
from agent.storage.call_state import active_calls, open_call
from agent.storage.calls import CallKey, NewCall
from agent.storage.pool import Connection, Pool, fleet_tx, tenant_tx
from tests.integration.storage import knowledge_probes  # noqa: F401  adds its own to PROBES
from tests.integration.storage.probes import PROBES
from tests.integration.storage.test_isolation import TENANT_COLUMN, tenant_tables
from tests.integration.storage.unprobed import FLEET_WIDE, KEEPERS_ONLY
from tests.integration.storage.world import PHONE, ROOM, World, make_world

SQL = re.compile(r"\s*(?:WITH|SELECT|INSERT|UPDATE|DELETE)\b.*\b(?:FROM|INTO|SET)\b", re.DOTALL)
ROLES = pytest.mark.parametrize("role", ["app", "keeper"])


@pytest.fixture
async def mine(pool: Pool, keeper_pool: Pool) -> World:
    return await make_world(pool, keeper_pool)


@pytest.fixture
async def theirs(pool: Pool, keeper_pool: Pool) -> World:
    return await make_world(pool, keeper_pool)


def public_functions() -> set[str]:
    """Every coroutine of storage that is given a connection or a pool, or is told a database."""
    found = set()
    for module in pkgutil.iter_modules(agent.storage.__path__):
        loaded = import_module(f"agent.storage.{module.name}")
        for name, function in inspect.getmembers(loaded, inspect.iscoroutinefunction):
            if function.__module__ == loaded.__name__ and not name.startswith("_"):
                found.add(f"{module.name}.{name}")
    return found - {"pool.connect", "pool.open_pool"}


def test_every_function_of_storage_is_probed_or_said_to_serve_the_fleet() -> None:
    assert public_functions() == set(PROBES) | set(FLEET_WIDE)
    assert not set(PROBES) & set(FLEET_WIDE)


class Undo(Exception):
    """Nothing of a probe is kept."""


async def outcome(pool: Pool, keeper: Connection, name: str, asker: World, target: World) -> tuple[str, bool]:
    """What a probe tells, and whether it changed a row of the target; undone afterwards."""
    told, is_changed = "", False
    try:
        async with tenant_tx(pool, asker.tenant.id) as connection:
            before = await rows_of(keeper, target)
            try:
                async with connection.transaction():
                    told = repr(await PROBES[name](connection, asker.tenant.id, target))
            except FleetError:
                raise
            except Exception as error:  # a constraint in the way is a refusal too
                told = f"refused: {type(error).__name__}"
            await connection.execute("RESET ROLE")  # the login user's eyes, inside the same transaction
            is_changed = await rows_of(connection, target) != before
            await connection.execute(f"SET ROLE {pool.role.value}")
            raise Undo
    except Undo:
        return told, is_changed


async def rows_of(connection: Connection, world: World) -> dict[str, list[str]]:
    """Every row of a tenant, as text."""
    found = {}
    for table in await tenant_tables(connection):
        column = TENANT_COLUMN.get(table, "tenant_id")
        rows = await connection.fetch(f"SELECT t::text FROM {table} t WHERE {column} = $1", world.tenant.id)
        found[table] = sorted(row[0] for row in rows)
    return found


@ROLES
@pytest.mark.parametrize("name", sorted(PROBES))
async def test_nobody_sees_or_changes_another_tenants_rows(
    pool: Pool, keeper_pool: Pool, mine: World, theirs: World, name: str, role: str
) -> None:
    asked = {"app": pool, "keeper": keeper_pool}[role]
    async with fleet_tx(keeper_pool, budget_s=10) as keeper:
        told, is_changed = await outcome(asked, keeper, name, mine, theirs)
        assert not is_changed, told
        assert not [mark for mark in theirs.marks - mine.marks if mark in told], told
        own, is_own_changed = await outcome(asked, keeper, name, theirs, theirs)
    if role == "app" and name in KEEPERS_ONLY:
        assert own == "refused: InsufficientPrivilegeError"
        return
    assert is_own_changed or any(mark in own for mark in theirs.marks) or "hello" in own, f"{name} shows nothing: {own}"


@ROLES
async def test_a_call_in_a_room_of_the_same_name_is_another_tenants_own(
    pool: Pool, keeper_pool: Pool, mine: World, theirs: World, role: str
) -> None:
    asked = {"app": pool, "keeper": keeper_pool}[role]
    async with fleet_tx(keeper_pool) as keeper:
        before = await rows_of(keeper, theirs)
        key = CallKey(mine.tenant.id, uuid4(), mine.call.started_at)
        taken = await open_call(asked, NewCall(key, ROOM, mine.tenant.numbers[0], PHONE, None, "worker-2"))
        assert taken.key.id == mine.call.id
        assert await rows_of(keeper, theirs) == before


async def test_the_application_lists_its_own_calls_and_the_keeper_everybodys(
    pool: Pool, keeper_pool: Pool, mine: World, theirs: World
) -> None:
    async with tenant_tx(pool, mine.tenant.id) as connection:
        assert [call.key.id for call in await active_calls(connection)] == [mine.call.id]
    async with fleet_tx(keeper_pool) as connection:
        assert {mine.call.id, theirs.call.id} <= {call.key.id for call in await active_calls(connection)}


def sql_texts(path: Path) -> list[str]:
    """String literals that ask for rows or change them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [text for text in texts if SQL.match(text)]


def test_rows_are_asked_for_in_storage_only() -> None:
    """So that the walk over its functions is a walk over every query."""
    elsewhere = {str(path) for path in Path("agent").rglob("*.py") if "storage" not in path.parts and sql_texts(path)}
    assert not elsewhere
    assert sql_texts(Path("agent/storage/calls.py"))
