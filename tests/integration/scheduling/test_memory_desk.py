"""The desk in memory answers as the one over PostgreSQL, whatever is asked of the two in whatever order."""

from __future__ import annotations

import random
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from agent.domain.appointments import Appointment, Hold, MoveRefusal
from agent.domain.errors import FleetError
from agent.domain.openings import Opening, Window, overlaps
from agent.domain.tenant import Tenant
from agent.scheduling.desk import Desk
from agent.scheduling.memory_desk import MemoryDesk
from agent.storage.pool import Pool, tenant_tx
from tests.integration.shop import MONDAY, opening, stored_shop

STEPS = 250
NAMES = ("Kim", "Kim Lee", "Dana Smith")
PHONES = ("+12125550100", "+12125550101")
#: A hold asked for with this time to live has run out at once, by either desk's clock.
RUN_OUT_S = -1.0


class Pair:
    """Asks both desks the same and compares what they say; ids may differ, but only consistently."""

    def __init__(self, stored: Desk, memory: MemoryDesk) -> None:
        self.stored = stored
        self.memory = memory
        self.twin_of: dict[UUID, UUID] = {}
        self.holds: list[tuple[Hold, Hold]] = []
        self.appointments: list[tuple[Appointment, Appointment]] = []
        self.said: list[str] = []
        #: Of the moves to a time that overlaps the old one, why each was refused; None when it was not.
        self.over_itself: list[MoveRefusal | None] = []

    async def hold(
        self, tenant: Tenant, call_id: UUID, wanted: Opening, ttl_s: float, replacing: Opening | None = None
    ) -> None:
        asked: dict[str, Any] = {"replacing": replacing, "ttl_s": ttl_s}
        one = await answer(self.stored.hold(tenant, call_id, wanted, "cut", **asked))
        other = await answer(self.memory.hold(tenant, call_id, wanted, "cut", **asked))
        self._same("hold", one, other)
        if isinstance(one, Hold):
            self.holds.append((one, other))

    async def confirm(self, tenant: Tenant, which: int, intent: str, customer: tuple[str, str]) -> None:
        asked: dict[str, Any] = {"intent_key": intent, "service_id": "cut", "name": customer[0], "phone": customer[1]}
        one, other = self.holds[which]
        self._same(
            "confirm",
            await answer(self.stored.confirm(tenant, one, **asked)),
            await answer(self.memory.confirm(tenant, other, **asked)),
        )

    async def move(self, tenant: Tenant, which: int, to: int, intent: str, wish: str) -> None:
        one, other = self.appointments[which]
        is_over_itself = overlaps(one.opening, self.holds[to][0].opening)
        keys = {"change_key": f"move {one.id} {wish}", "booking_key": intent}
        self._same(
            "move",
            await answer(self.stored.move(tenant, one, self.holds[to][0], **keys)),
            moved := await answer(self.memory.move(tenant, other, self.holds[to][1], **keys)),
        )
        if is_over_itself and not getattr(moved, "was_known", False):
            self.over_itself.append(moved if isinstance(moved, MoveRefusal) else None)

    async def cancel(self, tenant: Tenant, which: int) -> None:
        one, other = self.appointments[which]
        self._same(
            "cancel",
            await self.stored.cancel(tenant, one, change_key=f"cancel {one.id}"),
            await self.memory.cancel(tenant, other, change_key=f"cancel {one.id}"),
        )

    async def recall(self, tenant: Tenant, **told: Any) -> None:
        """Look for appointments by what a caller tells of them."""
        self._same(
            "recall",
            await self.stored.find_appointments(tenant, **told),
            await self.memory.find_appointments(tenant, **told),
        )

    async def release(self, tenant: Tenant, which: int) -> None:
        one, other = self.holds[which]
        self._same("release", await self.stored.release(tenant, one.id), await self.memory.release(tenant, other.id))

    async def find(self, tenant: Tenant, window: Window, hold: int | None, moving: int | None) -> None:
        one, other = self.holds[hold] if hold is not None else (None, None)
        old, twin = self.appointments[moving] if moving is not None else (None, None)
        now = MONDAY - timedelta(days=3)
        self._same(
            "find",
            await self.stored.find_openings(
                tenant, "cut", window, now=now, ignoring_hold=one and one.id, ignoring_appointment=old and old.id
            ),
            await self.memory.find_openings(
                tenant, "cut", window, now=now, ignoring_hold=other and other.id, ignoring_appointment=twin and twin.id
            ),
        )

    def _same(self, asked: str, one: object, other: object) -> None:
        self.said.append(f"{asked}: {self._plain(one)}")
        assert self._plain(other) == self._plain(one), self.said
        if isinstance(one, Hold | Appointment) and isinstance(other, Hold | Appointment):
            assert self.twin_of.setdefault(one.id, other.id) == other.id, self.said
        if isinstance(one, Appointment) and isinstance(other, Appointment):
            self.appointments.append((one, other))

    @classmethod
    def _plain(cls, said: object) -> object:
        match said:
            case (Appointment(), *_):  # at the same time they are told in the order of their ids
                return sorted(map(repr, map(cls._plain, said)))
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
        if chance.random() < 0.3 or not pair.holds:
            person = chance.choice(tenant.staff).id
            wanted = opening(person, day=chance.randrange(3), minute=chance.choice((0, 15, 45)))
            await pair.hold(whose, chance.choice(calls), wanted, chance.choice((300.0, RUN_OUT_S)))
        elif chance.random() < 0.4 and pair.appointments:
            await shift(pair, whose, calls, chance)
        elif chance.random() < 0.4:
            await look(pair, whose, chance)
        else:
            await change(pair, whose, chance)
    asked = {text.split(":")[0] for text in pair.said}
    assert asked == {"hold", "confirm", "release", "find", "move", "cancel", "recall"}
    assert set(pair.over_itself) == {None, *MoveRefusal}
    await assert_same_rows(pair, pool, tenant)


async def change(pair: Pair, tenant: Tenant, chance: random.Random) -> None:
    """Do one thing to a hold or a booking, be it gone long since."""
    hold, intent = chance.randrange(len(pair.holds)), f"intent {chance.randrange(6)}"
    wanted = chance.choice(("confirm", "confirm", "release", "move", "move", "cancel"))
    if wanted == "release":
        await pair.release(tenant, hold)
    elif wanted == "confirm" or not pair.appointments:
        await pair.confirm(tenant, hold, intent, (chance.choice(NAMES), chance.choice(PHONES)))
    elif wanted == "move":
        await pair.move(tenant, chance.randrange(len(pair.appointments)), hold, intent, chance.choice("ab"))
    else:
        await pair.cancel(tenant, chance.randrange(len(pair.appointments)))


async def shift(pair: Pair, tenant: Tenant, calls: list[UUID], chance: random.Random) -> None:
    """Move an appointment by about its own length, where now and then somebody else comes in between."""
    which = chance.randrange(max(0, len(pair.appointments) - 3), len(pair.appointments))
    old, forth = pair.appointments[which][0].opening, chance.choice((-1, 1))
    wanted = later(old, forth * chance.choice((0, 15, 30, 45)))
    if chance.random() < 0.3:
        wanted = lasting(wanted, chance.choice((15, 60, 75)))
    is_lost = chance.random() < 0.5
    await pair.hold(tenant, chance.choice(calls), wanted, RUN_OUT_S if is_lost else 300.0, old)
    to = len(pair.holds) - 1
    if is_lost:
        await pair.hold(tenant, chance.choice(calls), later(old, forth * 45), 300.0)
    await pair.move(tenant, which, to, f"intent {chance.randrange(6)}", chance.choice("abc"))


def later(than: Opening, minutes: int) -> Opening:
    """The same opening some minutes later."""
    by = timedelta(minutes=minutes)
    return Opening(than.staff_id, than.start_at + by, than.end_at + by, than.busy_from + by, than.busy_to + by)


def lasting(opening: Opening, minutes: int) -> Opening:
    """The same opening of a service whose length has changed since."""
    end_at = opening.start_at + timedelta(minutes=minutes)
    return replace(opening, end_at=end_at, busy_to=end_at)


async def look(pair: Pair, tenant: Tenant, chance: random.Random) -> None:
    """Ask for openings, or for appointments by some of number, name and day."""
    start = MONDAY + timedelta(days=chance.randrange(3), hours=10)
    if chance.random() < 0.5:
        window = chance.choice((Window(start, start), Window(start, start + timedelta(hours=6))))
        moving = chance.choice((None, chance.randrange(len(pair.appointments)))) if pair.appointments else None
        await pair.find(tenant, window, chance.choice((None, chance.randrange(len(pair.holds)))), moving)
    else:
        await pair.recall(
            tenant,
            phone=chance.choice((None, None, *PHONES)),
            name=chance.choice((None, *NAMES)),
            on=chance.choice((None, start.date(), start.date())),
            now=chance.choice((MONDAY, start, start + timedelta(minutes=15))),
        )


async def assert_same_rows(pair: Pair, pool: Pool, tenant: Tenant) -> None:
    """What is left behind is the same as well: who has what, under which keys, in which status."""
    async with tenant_tx(pool, tenant.id) as connection:
        rows = await connection.fetch(
            """
            SELECT staff_id, busy_from, status, call_id, intent_key, name, phone, change_key, moved_to
            FROM appointments
            """
        )
    kept = [
        (
            e.opening.staff_id, e.opening.busy_from, e.status.value, e.call_id, e.intent_key, e.name, e.phone,
            e.change_key, e.moved_to,
        )
        for e in pair.memory.entries
    ]  # fmt: skip
    expected = [(*tuple(row)[:-1], pair.twin_of.get(row["moved_to"])) for row in rows]
    assert sorted(map(repr, kept)) == sorted(map(repr, expected))
