"""Tenants cannot see each other, even where a query forgets to name one: by catalogue, then by trial."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from agent.domain.cost import Charge, Item
from agent.domain.errors import FleetError
from agent.domain.left import Left
from agent.domain.notes import Message, Text, TextKind
from agent.domain.openings import Window
from agent.domain.tenant import Tenant
from agent.domain.waitlist import WaitWish
from agent.storage import cut_off, messages, spend, texts, waitlist
from agent.storage.call_state import open_call
from agent.storage.calls import CallKey, NewCall, Turn, add_turn
from agent.storage.pool import Connection, Pool, fleet_tx, tenant_tx
from agent.storage.tenants import tenant_by_number
from tests.integration.shop import opening, stored_shop
from tests.integration.storage import knowledge

FLEET_TABLES = {"schema_migrations", "workers", "breakers"}
TENANT_COLUMN = {"tenants": "id"}


async def tenant_tables(connection: Connection) -> set[str]:
    rows = await connection.fetch(
        """
        SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
        """
    )
    return {row["relname"] for row in rows} - FLEET_TABLES


async def fill(pool: Pool, keeper_pool: Pool, tenant: Tenant) -> None:
    """At least one row of this tenant in every tenant table."""
    key = CallKey(tenant.id, uuid4(), datetime.now(UTC))
    await open_call(pool, NewCall(key, f"room-{key.id}", tenant.numbers[0], None, None, "worker-1"))
    at = opening(tenant.staff[0].id)
    async with tenant_tx(pool, tenant.id) as connection:
        await add_turn(connection, key, Turn(0, "caller", datetime.now(UTC), "hello"))
        await connection.execute(
            """
            INSERT INTO appointments (id, tenant_id, staff_id, service_id, status, start_at, end_at,
                busy_from, busy_to, hold_expires_at) VALUES ($1, $2, $3, 'cut', 'held', $4, $5, $4, $5, now())
            """,
            uuid4(),
            tenant.id,
            tenant.staff[0].id,
            at.start_at,
            at.end_at,
        )
        wish = WaitWish("cut", Window(at.start_at, at.start_at))
        await waitlist.join(connection, tenant.id, waitlist.NewPlace(key.id, "wish", wish, "Kim", "+12125550100"))
        await messages.take(connection, tenant.id, key.id, Message(text="hello"), key="k", caller_number=None)
        await cut_off.keep(connection, tenant.id, Left("+12125550100", None))
        await spend.record(connection, key, 1, (Charge(Item("telephony", "twilio", "line_s"), 1000, 1),))
        text = Text(TextKind.LINK, "+15550190001", "offer_link", "yes")
        await texts.send_agreed(connection, tenant, key.id, text)
    await knowledge.tell(pool, keeper_pool, key)


@pytest.fixture
async def two_tenants(pool: Pool, keeper_pool: Pool) -> tuple[Tenant, Tenant]:
    mine, theirs = await stored_shop(keeper_pool), await stored_shop(keeper_pool)
    await fill(pool, keeper_pool, mine)
    await fill(pool, keeper_pool, theirs)
    return mine, theirs


async def test_every_table_and_partition_of_tenants_forces_row_level_security(keeper_pool: Pool) -> None:
    async with fleet_tx(keeper_pool) as connection:
        rows = await connection.fetch(
            """
            SELECT c.relname, c.relispartition, c.relrowsecurity AND c.relforcerowsecurity AS forced,
                EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'
                        AND a.attnotnull) OR c.relname = 'tenants' AS has_tenant,
                (SELECT array_agg(p.policyname ORDER BY p.policyname)::text[] FROM pg_policies p
                 WHERE p.schemaname = 'public' AND p.tablename = c.relname) AS policies,
                (SELECT count(*) FROM aclexplode(c.relacl) WHERE grantee <> c.relowner) AS grants
            FROM pg_class c
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            """
        )
    bare = {row["relname"] for row in rows if not row["forced"]}
    assert bare == FLEET_TABLES
    assert {row["relname"] for row in rows if not row["has_tenant"]} == FLEET_TABLES
    partitions = [row for row in rows if row["relispartition"]]
    assert len(partitions) >= 8
    assert all(row["policies"] is None and row["grants"] == 0 for row in partitions)
    parents = [row for row in rows if row["forced"] and not row["relispartition"]]
    assert parents
    assert all(row["policies"] == ["own_tenant", "whole_fleet"] for row in parents)


async def test_neither_role_can_step_around_row_level_security(pool: Pool, keeper_pool: Pool) -> None:
    for each in (pool, keeper_pool):
        async with fleet_tx(each) as connection:
            row = await connection.fetchrow(
                """
                SELECT rolsuper OR rolbypassrls OR rolcreaterole AS mighty, rolname,
                    (SELECT count(*) FROM pg_class WHERE relowner = r.oid) AS owned
                FROM pg_roles r WHERE rolname = current_user
                """
            )
        assert row
        assert dict(row) == {"mighty": False, "rolname": each.role.value, "owned": 0}


async def test_definer_functions_have_a_fixed_path_and_are_not_open_to_everybody(keeper_pool: Pool) -> None:
    async with fleet_tx(keeper_pool) as connection:
        rows = await connection.fetch(
            """
            SELECT proname, proconfig, has_function_privilege('public', oid, 'EXECUTE') AS is_open
            FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef ORDER BY proname
            """
        )
    assert [row["proname"] for row in rows] == ["ensure_month_partitions", "fleet_spent_since", "tenant_by_number"]
    assert all("search_path=pg_catalog, pg_temp" in row["proconfig"] for row in rows)
    assert not any(row["is_open"] for row in rows)


async def test_a_query_that_forgets_the_tenant_sees_its_own_rows_only(
    pool: Pool, two_tenants: tuple[Tenant, Tenant]
) -> None:
    mine, _ = two_tenants
    async with tenant_tx(pool, mine.id) as connection:
        for table in await tenant_tables(connection):
            column = TENANT_COLUMN.get(table, "tenant_id")
            rows = await connection.fetch(f"SELECT {column} AS tenant FROM {table}")
            assert {row["tenant"] for row in rows} == {mine.id}, table


async def test_without_a_tenant_the_application_sees_nothing_and_the_keeper_everything(
    pool: Pool, keeper_pool: Pool, two_tenants: tuple[Tenant, Tenant]
) -> None:
    async with fleet_tx(pool) as blind, fleet_tx(keeper_pool) as keeper:
        for table in await tenant_tables(keeper):
            assert await blind.fetchval(f"SELECT count(*) FROM {table}") == 0, table
            assert await keeper.fetchval(f"SELECT count(*) FROM {table}") >= 2, table


async def test_nothing_of_another_tenant_can_be_written(pool: Pool, two_tenants: tuple[Tenant, Tenant]) -> None:
    mine, theirs = two_tenants
    writable = ("appointments", "calls", "turns", "call_state", "messages", "consents", "waitlist", "cut_off_calls")
    async with tenant_tx(pool, mine.id) as connection:
        for table in writable:
            touched = await connection.execute(f"UPDATE {table} SET tenant_id = $1", mine.id)
            assert touched == "UPDATE 1", table
    for table in writable:
        with pytest.raises(FleetError, match="row-level security"):
            async with tenant_tx(pool, mine.id) as connection:
                await connection.execute(f"UPDATE {table} SET tenant_id = $1", theirs.id)


async def test_a_tenant_named_in_one_transaction_is_forgotten_in_the_next(
    database: str, pool: Pool, two_tenants: tuple[Tenant, Tenant]
) -> None:
    for _ in range(20):
        async with tenant_tx(pool, two_tenants[0].id) as connection:
            assert await connection.fetchval("SELECT count(*) FROM tenants") == 1
        async with pool.raw.acquire() as bare:
            assert await bare.fetchval("SELECT current_tenant()") is None
            assert await bare.fetchval("SELECT count(*) FROM tenants") == 0
            assert await bare.fetchval("SELECT current_user") == "voicefleet_app"


async def test_a_number_tells_its_tenant_to_the_application_and_nothing_more(
    pool: Pool, two_tenants: tuple[Tenant, Tenant]
) -> None:
    mine, theirs = two_tenants
    async with fleet_tx(pool) as connection:
        found: list[UUID | None] = [
            await tenant_by_number(connection, number)
            for number in (mine.numbers[0], theirs.numbers[0], "+19999999999")
        ]
        assert await connection.fetch("SELECT * FROM numbers") == []
    assert found == [mine.id, theirs.id, None]


async def test_a_partition_cannot_be_read_past_its_parent(pool: Pool, keeper_pool: Pool) -> None:
    name = f"calls_y{datetime.now(UTC):%Ym%m}"
    for each in (pool, keeper_pool):
        with pytest.raises(FleetError, match=f"permission denied for table {name}"):
            async with fleet_tx(each) as connection:
                await connection.execute(f"SELECT * FROM {name}")
