"""Where things stand when a caller calls back: the same over PostgreSQL and in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from agent.dialogue.text_call import TextCall
from agent.domain.appointments import Appointment, MoveRefusal
from agent.domain.intent import Operation, change_key, intent_key
from agent.domain.left import Left
from agent.domain.tenant import Tenant
from agent.scheduling.desk import Desk as StoredDesk
from agent.scheduling.memory_desk import MemoryDesk
from agent.storage.pool import Pool
from tests.integration.scheduling.both_desks.practice import as_stored
from tests.integration.shop import opening, stored_shop

CALLER = "+12125550100"
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
Desks = StoredDesk | MemoryDesk


@pytest.fixture
async def tenant(keeper_pool: Pool) -> Tenant:
    return await stored_shop(keeper_pool)


@pytest.fixture(params=["stored", "memory"])
async def desk(request: pytest.FixtureRequest, pool: Pool) -> Desks:
    return StoredDesk(pool) if request.param == "stored" else MemoryDesk(lambda: datetime.now(UTC))


async def book(desk: Desks, tenant: Tenant, hour: int = 10) -> Appointment:
    at = opening(tenant.staff[0].id, hour=hour)
    hold = await desk.hold(tenant, uuid4(), at, "cut")
    assert hold is not None
    key = booking_key(tenant, hour)
    booked = await desk.confirm(tenant, hold, intent_key=key, service_id="cut", name="Dana Smith", phone=CALLER)
    assert booked is not None
    return booked


def booking_key(tenant: Tenant, hour: int) -> str:
    start_at = opening(tenant.staff[0].id, hour=hour).start_at
    return intent_key(tenant.id, CALLER, "cut", start_at, Operation.BOOK)


async def stands(desk: Desks, tenant: Tenant, left: Left) -> Left | None:
    await desk.keep_left(tenant, left)
    return await desk.find_left(tenant, CALLER)


async def test_a_yes_nobody_had_an_answer_to_is_settled_by_its_key(desk: Desks, tenant: Tenant) -> None:
    left = Left(CALLER, Operation.BOOK, key=booking_key(tenant, 10), service_id="cut", name="Dana Smith")
    assert await stands(desk, tenant, left) == left
    booked = await book(desk, tenant)
    told = await stands(desk, tenant, left)
    assert told is not None
    assert (told.is_done, told.name) == (True, None)
    assert told.appointment is not None
    assert told.appointment.id == booked.id


async def test_a_move_and_a_cancellation_likewise(desk: Desks, tenant: Tenant) -> None:
    first = await book(desk, tenant)
    to = opening(tenant.staff[0].id, hour=14)
    key = change_key(tenant.id, first.id, Operation.MOVE, to.start_at)
    moving = Left(CALLER, Operation.MOVE, appointment=first, key=key)
    assert await stands(desk, tenant, moving) == moving
    hold = await desk.hold(tenant, uuid4(), to, "cut")
    assert hold is not None
    moved = await desk.move(tenant, first, hold, change_key=key, booking_key=booking_key(tenant, 14))
    assert not isinstance(moved, MoveRefusal)
    told = await stands(desk, tenant, moving)
    assert told is not None
    assert told.is_done
    assert told.appointment is not None
    assert told.appointment.opening.start_at == to.start_at

    key = change_key(tenant.id, moved.id, Operation.CANCEL)
    calling_off = Left(CALLER, Operation.CANCEL, appointment=moved, key=key)
    assert await stands(desk, tenant, calling_off) == calling_off
    assert await desk.cancel(tenant, moved, change_key=key)
    assert await stands(desk, tenant, calling_off) == replace(calling_off, is_done=True)


@pytest.mark.parametrize("operation", [Operation.BOOK, Operation.MOVE, Operation.CANCEL])
async def test_what_somebody_else_has_called_off_is_not_spoken_of(
    desk: Desks, tenant: Tenant, operation: Operation
) -> None:
    booked = await book(desk, tenant)
    left = Left(CALLER, operation, is_done=operation is Operation.BOOK, appointment=booked, key="ours")
    assert await stands(desk, tenant, left) == left
    assert await desk.cancel(tenant, booked, change_key="somebody else's")
    assert await stands(desk, tenant, left) is None


async def test_what_was_told_is_forgotten(desk: Desks, tenant: Tenant) -> None:
    assert await stands(desk, tenant, Left(CALLER, None)) == Left(CALLER, None)
    assert await desk.forget_left(tenant, CALLER)
    assert await desk.find_left(tenant, CALLER) is None
    assert not await desk.forget_left(tenant, CALLER)


async def test_two_calls_make_one_booking(desk: Desks, keeper_pool: Pool) -> None:
    tenant = await as_stored(keeper_pool)
    wish = ("A cleaning on December 3rd at 3 PM.", "Dana Smith.", "The number I'm calling from.")
    first = TextCall(tenant, desk, lambda: NOW, caller_number=CALLER)
    await first.answer()
    for words in wish:
        await first.say(words)
    await first.hang_up()
    assert first.left is not None
    second = TextCall(tenant, desk, lambda: NOW, caller_number=CALLER)
    assert "We were cut off." in (await second.answer(await stands(desk, tenant, first.left))).spoken
    for words in ("Yes.", "Yes."):
        spoken = (await second.say(words)).spoken
    assert "You are booked" in spoken
    found = await desk.find_appointments(tenant, phone=CALLER, name=None, on=None, now=NOW)
    assert [each.opening.start_at.astimezone(tenant.zone).date() for each in found] == [date(2026, 12, 3)]
    await second.hang_up()
