"""The desk in memory answers as the one over PostgreSQL, whatever is asked of the two in whatever order."""

from __future__ import annotations

import random
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from agent.domain.errors import FleetError
from agent.domain.events import Appointment, Hold
from agent.domain.openings import Opening, Window
from agent.domain.tenant import Tenant
from agent.scheduling.desk import Desk
from agent.scheduling.memory_desk import MemoryDesk
from agent.storage.pool import Pool, tenant_tx
from tests.integration.shop import MONDAY, opening, stored_shop

STEPS = 150
#: A hold asked for with this time to live has run out at once, by either desk's clock.
RUN_OUT_S = -1.0


class Pair:
    """Asks both desks the same and compares what they say; ids may differ, but only consistently."""

    def __init__(self, stored: Desk, memory: MemoryDesk) -> None:
        self.stored = stored
        self.memory = memory
        self.twin_of: dict[UUID, UUID] = {}
        self.holds: list[tuple[Hold, Hold]] = []
        self.said: list[str] = []

    async def hold(self, tenant: Tenant, call_id: UUID, wanted: Opening, ttl_s: float) -> None:
        one = await answer(self.stored.hold(tenant, call_id, wanted, "cut", ttl_s=ttl_s))
        other = await answer(self.memory.hold(tenant, call_id, wanted, "cut", ttl_s=ttl_s))
        self._same("hold", one, other)
        if isinstance(one, Hold):
            self.holds.append((one, other))

    async def confirm(self, tenant: Tenant, which: int, intent: str) -> None:
        asked: dict[str, Any] = {"intent_key": intent, "service_id": "cut", "name": "Kim", "phone": "+12125550100"}
        one, other = self.holds[which]
        self._same(
            "confirm",
            await answer(self.stored.confirm(tenant, one, **asked)),
            await answer(self.memory.confirm(tenant, other, **asked)),
        )

    async def release(self, tenant: Tenant, which: int) -> None:
        one, other = self.holds[which]
        self._same("release", await self.stored.release(tenant, one.id), await self.memory.release(tenant, other.id))

    async def find(self, tenant: Tenant, window: Window, which: int | None) -> None:
        one, other = self.holds[which] if which is not None else (None, None)
        now = MONDAY - timedelta(days=3)
        self._same(
            "find",
            await self.stored.find_openings(tenant, "cut", window, now=now, ignoring_hold=one and one.id),
            await self.memory.find_openings(tenant, "cut", window, now=now, ignoring_hold=other and other.id),
        )

    def _same(self, asked: str, one: object, other: object) -> None:
        self.said.append(f"{asked}: {self._plain(one)}")
        assert self._plain(other) == self._plain(one), self.said
        if isinstance(one, Hold | Appointment) and isinstance(other, Hold | Appointment):
            assert self.twin_of.setdefault(one.id, other.id) == other.id, self.said

    @staticmethod
    def _plain(said: object) -> object:
        match said:
            case Hold():
                return ("hold", said.opening)
            case Appointment():
                return ("appointment", said.service_id, said.opening, said.was_known)
            case FleetError():
                return "fault"
        return said


async def answer(asked: Awaitable[object]) -> Any:
    """What a desk says, its fault included."""
    try:
        return await asked
    except FleetError as error:
        return error


@pytest.mark.parametrize("seed", range(4))
async def test_both_desks_answer_alike(seed: int, pool: Pool, keeper_pool: Pool) -> None:
    chance = random.Random(seed)
    tenant, stranger = await stored_shop(keeper_pool), await stored_shop(keeper_pool)
    pair = Pair(Desk(pool), MemoryDesk(lambda: datetime.now(UTC)))
    calls = [uuid4() for _ in range(3)]
    for _ in range(STEPS):
        whose = stranger if chance.random() < 0.1 else tenant
        which = chance.randrange(len(pair.holds)) if pair.holds else None
        match chance.choice(("hold", "hold", "confirm", "release", "find")):
            case "hold":
                person = chance.choice(tenant.staff).id
                wanted = opening(person, day=chance.randrange(3), minute=chance.choice((0, 15, 45)))
                await pair.hold(whose, chance.choice(calls), wanted, chance.choice((300.0, RUN_OUT_S)))
            case "confirm" if which is not None:
                await pair.confirm(whose, which, f"intent {chance.randrange(6)}")
            case "release" if which is not None:
                await pair.release(whose, which)
            case "find":
                start = MONDAY + timedelta(days=chance.randrange(3), hours=10)
                window = chance.choice((Window(start, start), Window(start, start + timedelta(hours=6))))
                await pair.find(whose, window, which)
    assert {text.split(":")[0] for text in pair.said} == {"hold", "confirm", "release", "find"}
    await assert_same_rows(pair, pool, tenant)


async def assert_same_rows(pair: Pair, pool: Pool, tenant: Tenant) -> None:
    """What is left behind is the same as well: who has what, under which intent, in which status."""
    async with tenant_tx(pool, tenant.id) as connection:
        rows = await connection.fetch(
            "SELECT staff_id, busy_from, status, call_id, intent_key, name, phone FROM appointments"
        )
    kept = [
        (e.opening.staff_id, e.opening.busy_from, e.status.value, e.call_id, e.intent_key, e.name, e.phone)
        for e in pair.memory.entries
    ]
    assert sorted(map(repr, kept)) == sorted(repr(tuple(row)) for row in rows)
