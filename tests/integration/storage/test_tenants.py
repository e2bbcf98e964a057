"""Applying a tenant's document makes the database agree with it, and says whether anything changed."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from agent.domain.errors import ConfigError
from agent.storage.pool import Pool, fleet_tx, tenant_tx
from agent.storage.tenants import Applied, apply_tenant, load_tenant, tenant_by_number


def number() -> str:
    return f"+1{uuid4().int % 9_000_000_000 + 1_000_000_000}"


class Document:
    """What `apply_tenant` is given, to be changed bit by bit."""

    def __init__(self) -> None:
        self.id = uuid4()
        self.slug = f"t-{self.id.hex}"
        self.config: dict[str, Any] = {"greeting": "Hello."}
        self.numbers = [number()]
        self.staff = {uuid4(): "Ana", uuid4(): "Ben"}

    async def apply(self, keeper_pool: Pool) -> Applied:
        async with fleet_tx(keeper_pool) as connection:
            return await apply_tenant(
                connection,
                self.id,
                slug=self.slug,
                config=self.config,
                numbers=self.numbers,
                staff=self.staff,
            )


async def active_staff(pool: Pool, tenant_id: UUID) -> dict[UUID, str]:
    async with tenant_tx(pool, tenant_id) as connection:
        rows = await connection.fetch("SELECT id, name FROM staff WHERE active")
    return {row["id"]: row["name"] for row in rows}


async def test_a_document_applied_twice_changes_nothing_the_second_time(keeper_pool: Pool) -> None:
    document = Document()
    assert await document.apply(keeper_pool) == Applied(1, changed=True)
    assert await document.apply(keeper_pool) == Applied(1, changed=False)


async def test_a_changed_document_gets_the_next_version_and_is_what_the_application_loads(
    pool: Pool, keeper_pool: Pool
) -> None:
    document = Document()
    await document.apply(keeper_pool)
    document.config = {"greeting": "Good day.", "ünïcode": ["→", None, 1.5]}
    assert await document.apply(keeper_pool) == Applied(2, changed=True)
    async with tenant_tx(pool, document.id) as connection:
        stored = await load_tenant(connection, document.id)
        assert await load_tenant(connection, uuid4()) is None
    assert stored
    assert (stored.slug, stored.config, stored.config_version) == (document.slug, document.config, 2)


async def test_numbers_follow_the_document(pool: Pool, keeper_pool: Pool) -> None:
    document = Document()
    await document.apply(keeper_pool)
    (old,) = document.numbers
    document.numbers = [number(), number()]
    assert await document.apply(keeper_pool) == Applied(1, changed=True)
    async with tenant_tx(pool, document.id) as connection:
        for each in document.numbers:
            assert await tenant_by_number(connection, each) == document.id
        assert await tenant_by_number(connection, old) is None


async def test_staff_who_left_stay_known_but_are_not_active_and_may_come_back(pool: Pool, keeper_pool: Pool) -> None:
    document = Document()
    (ana, _), (ben, _) = document.staff.items()
    await document.apply(keeper_pool)
    document.staff = {ana: "Ana Maria"}
    assert (await document.apply(keeper_pool)).changed
    assert await active_staff(pool, document.id) == {ana: "Ana Maria"}
    document.staff = {ana: "Ana Maria", ben: "Ben"}
    assert (await document.apply(keeper_pool)).changed
    assert await active_staff(pool, document.id) == document.staff


@pytest.mark.parametrize("field", ["slug", "numbers", "staff"])
async def test_what_belongs_to_another_tenant_is_refused_and_nothing_is_applied(
    pool: Pool, keeper_pool: Pool, field: str
) -> None:
    theirs, mine = Document(), Document()
    await theirs.apply(keeper_pool)
    setattr(mine, field, getattr(theirs, field))
    with pytest.raises(ConfigError, match="belongs to another tenant"):
        await mine.apply(keeper_pool)
    async with tenant_tx(pool, mine.id) as connection:
        assert await load_tenant(connection, mine.id) is None
    assert await active_staff(pool, theirs.id) == theirs.staff


async def test_runners_applying_the_same_document_at_once_agree(keeper_pool: Pool) -> None:
    document = Document()
    applied = await asyncio.gather(*(document.apply(keeper_pool) for _ in range(4)))
    assert sorted(each.changed for each in applied) == [False, False, False, True]
