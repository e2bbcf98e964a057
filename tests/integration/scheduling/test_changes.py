"""Appointments found again, moved and called off in a real database: whole or not at all."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from uuid import uuid4

import pytest

from agent.domain.appointments import Appointment, MoveRefusal
from agent.domain.errors import FleetError
from agent.domain.openings import Opening, Window
from agent.domain.tenant import Tenant
from agent.scheduling.desk import Desk
from agent.storage.pool import Pool, fleet_tx, open_pool, tenant_tx
from tests.integration.scheduling.changing import PHONE, at, booked, held, rows
from tests.integration.scheduling.test_interrupted_booking import Line
from tests.integration.shop import MONDAY, opening, stored_shop

NOW = MONDAY - timedelta(days=3)


async def test_a_cancelled_appointment_frees_its_opening_and_stays_in_the_book(
    desk: Desk, pool: Pool, tenant: Tenant
) -> None:
    appointment = await booked(desk, tenant)
    assert await desk.cancel(tenant, appointment, change_key="off") == appointment
    assert await rows(pool, tenant) == [("cancelled", at(0))]
    assert await desk.hold(tenant, uuid4(), appointment.opening, "cut") is not None


async def test_a_moved_appointment_keeps_its_name_and_number_and_says_where_it_went(
    desk: Desk, pool: Pool, tenant: Tenant
) -> None:
    old = await booked(desk, tenant)
    hold = await held(desk, tenant, opening(tenant.staff[1].id, day=1))
    new = await desk.move(tenant, old, hold, change_key="move", booking_key="book")
    assert new == Appointment(hold.id, "cut", hold.opening)
    async with tenant_tx(pool, tenant.id) as connection:
        made = await connection.fetchrow("SELECT name, phone, intent_key FROM appointments WHERE id = $1", hold.id)
        left = await connection.fetchrow("SELECT status, change_key, moved_to FROM appointments WHERE id = $1", old.id)
    assert made
    assert left
    assert tuple(made) == ("Dana Smith", PHONE, "book")
    assert tuple(left) == ("cancelled", "move", hold.id)


async def test_an_appointment_moves_by_less_than_its_own_length(desk: Desk, pool: Pool, tenant: Tenant) -> None:
    person = tenant.staff[0].id
    for day, (minute, beyond) in enumerate(((15, 45), (-15, -45))):
        old = await booked(desk, tenant, day=day)
        wanted = opening(person, day=day, minute=minute)
        assert await desk.hold(tenant, uuid4(), wanted, "cut") is None
        call_id = uuid4()
        hold = await desk.hold(tenant, call_id, wanted, "cut", replacing=old.opening)
        assert hold is not None
        assert hold.opening == wanted
        # Nobody else gets the rest of it, and its own call gets it again.
        assert await desk.hold(tenant, uuid4(), opening(person, day=day, minute=beyond), "cut") is None
        again = await desk.hold(tenant, call_id, wanted, "cut", replacing=old.opening)
        assert again is not None
        assert again.id == hold.id
        moved = await desk.move(tenant, old, hold, change_key=f"move {day}", booking_key=f"book {day}")
        assert isinstance(moved, Appointment)
        assert moved.opening == wanted
        repeated = await desk.move(tenant, old, hold, change_key=f"move {day}", booking_key=f"book {day}")
        assert isinstance(repeated, Appointment)
        assert repeated.id == moved.id
        assert repeated.was_known
    standing = [start for status, start in await rows(pool, tenant) if status in ("held", "confirmed")]
    assert standing == [at(0) + timedelta(minutes=15), at(1) - timedelta(minutes=15)]


@pytest.mark.parametrize(("from_min", "to_min"), [(5, 20), (0, 20), (0, 45), (0, 60), (-15, 60), (-30, 50)])
async def test_an_appointment_moves_within_or_around_its_own_time_once_its_service_takes_another_time(
    desk: Desk, pool: Pool, tenant: Tenant, from_min: int, to_min: int
) -> None:
    old = await booked(desk, tenant)
    start, end = at(0) + timedelta(minutes=from_min), at(0) + timedelta(minutes=to_min)
    wanted = Opening(tenant.staff[0].id, start, end, start, end)
    assert await desk.hold(tenant, uuid4(), wanted, "cut") is None
    hold = await desk.hold(tenant, uuid4(), wanted, "cut", replacing=old.opening)
    assert hold is not None
    moved = await desk.move(tenant, old, hold, change_key="move", booking_key="book")
    assert isinstance(moved, Appointment)
    assert moved.opening == wanted
    assert [row for row in await rows(pool, tenant) if row[0] in ("held", "confirmed")] == [("confirmed", start)]


async def test_a_hold_of_nothing_is_given_back_and_leaves_the_appointment(
    desk: Desk, pool: Pool, tenant: Tenant
) -> None:
    old = await booked(desk, tenant)
    hold = await desk.hold(tenant, uuid4(), old.opening, "cut", replacing=old.opening)
    assert hold is not None
    assert not await desk.release(tenant, hold.id)
    assert await rows(pool, tenant) == [("confirmed", at(0))]


async def test_a_move_over_itself_whose_rest_was_lost_leaves_the_old_appointment(
    desk: Desk, pool: Pool, keeper_pool: Pool, tenant: Tenant
) -> None:
    old = await booked(desk, tenant)
    person = tenant.staff[0].id
    late = await desk.hold(tenant, uuid4(), opening(person, minute=30), "cut", replacing=old.opening)
    assert late is not None
    async with fleet_tx(keeper_pool) as connection:
        await connection.execute("UPDATE appointments SET hold_expires_at = now() WHERE id = $1", late.id)
    await held(desk, tenant, opening(person, minute=45))
    assert await desk.move(tenant, old, late, change_key="m", booking_key="b") is MoveRefusal.OPENING_TAKEN
    assert ("confirmed", at(0)) in await rows(pool, tenant)
    assert await desk.cancel(tenant, old, change_key="off") == old


async def test_an_appointment_that_is_to_be_moved_is_not_in_its_own_way(desk: Desk, tenant: Tenant) -> None:
    old = await booked(desk, tenant)
    other = await held(desk, tenant, opening(tenant.staff[1].id))
    assert other
    quarter_past = at(0) + timedelta(minutes=15)
    exactly = Window(quarter_past, quarter_past)
    (first, *_) = await desk.find_openings(tenant, "cut", exactly, now=NOW)
    assert first.opening.start_at != quarter_past
    (best,) = await desk.find_openings(tenant, "cut", exactly, now=NOW, ignoring_appointment=old.id)
    assert (best.opening.start_at, best.opening.staff_id) == (quarter_past, tenant.staff[0].id)


async def test_a_move_whose_opening_was_lost_leaves_the_old_appointment(
    desk: Desk, pool: Pool, keeper_pool: Pool, tenant: Tenant
) -> None:
    old = await booked(desk, tenant)
    wanted = opening(tenant.staff[0].id, day=1)
    late = await held(desk, tenant, wanted)
    async with fleet_tx(keeper_pool) as connection:
        await connection.execute("UPDATE appointments SET hold_expires_at = now() WHERE id = $1", late.id)
    await held(desk, tenant, wanted)
    assert await desk.move(tenant, old, late, change_key="m", booking_key="b") is MoveRefusal.OPENING_TAKEN
    assert ("confirmed", at(0)) in await rows(pool, tenant)


async def test_a_move_onto_a_booking_of_the_same_caller_loses_neither(desk: Desk, pool: Pool, tenant: Tenant) -> None:
    child = await booked(desk, tenant, day=1)
    parent = await booked(desk, tenant)
    hold = await held(desk, tenant, opening(tenant.staff[1].id, day=1))
    moved = await desk.move(tenant, parent, hold, change_key="move", booking_key="Dana Smith 1 10")
    assert isinstance(moved, Appointment)
    assert moved.id not in (child.id, parent.id)
    assert await rows(pool, tenant) == [("cancelled", at(0)), ("confirmed", at(1)), ("confirmed", at(1))]
    again = await desk.move(tenant, parent, hold, change_key="move", booking_key="Dana Smith 1 10")
    assert isinstance(again, Appointment)
    assert again.id == moved.id


@pytest.mark.parametrize("is_move", [True, False])
async def test_a_change_whose_reply_was_lost_is_met_again_not_made_again(
    database: str, pool: Pool, tenant: Tenant, is_move: bool
) -> None:
    line = Line(database)
    async with line.opened() as url, await open_pool(url, max_size=1) as fragile:
        desk = Desk(fragile)
        old = await booked(desk, tenant)
        hold = await held(desk, tenant, opening(tenant.staff[0].id, day=1))

        async def change() -> Appointment | MoveRefusal | None:
            if is_move:
                return await desk.move(tenant, old, hold, change_key="move", booking_key="book")
            return await desk.cancel(tenant, old, change_key="off")

        line.is_armed = True
        with pytest.raises(FleetError) as lost:
            await change()
        assert lost.value.retryable
        line.is_armed = False
        got = await change()
    assert isinstance(got, Appointment)
    assert got.was_known
    assert got.id == (hold.id if is_move else old.id)
    assert await rows(pool, tenant) == [("cancelled", at(0)), ("confirmed" if is_move else "held", at(1))]


async def test_appointments_are_found_by_number_and_by_number_and_name(desk: Desk, tenant: Tenant) -> None:
    mine = [await booked(desk, tenant, day=day) for day in (2, 1)]
    await booked(desk, tenant, day=3, name="Kim Jones", phone="+12125550199")
    await booked(desk, tenant, day=-7)
    cancelled = await booked(desk, tenant, day=4)
    await desk.cancel(tenant, cancelled, change_key="off")
    await held(desk, tenant, opening(tenant.staff[1].id))

    async def found(name: str | None) -> tuple[Appointment, ...]:
        return await desk.find_appointments(tenant, phone=PHONE, name=name, on=None, now=NOW)

    assert await found(None) == tuple(reversed(mine))
    assert await found("smith, DANA") == await found("Smith") == tuple(reversed(mine))
    assert await found("Kim Jones") == ()


async def test_a_name_and_a_day_find_the_full_name_on_that_local_day(desk: Desk, tenant: Tenant) -> None:
    mine = await booked(desk, tenant, day=1)
    await booked(desk, tenant, day=2, hour=9)

    async def found(name: str, day: int) -> tuple[Appointment, ...]:
        on = date(MONDAY.year, MONDAY.month, MONDAY.day) + timedelta(days=day)
        return await desk.find_appointments(tenant, phone=None, name=name, on=on, now=NOW)

    assert await found("Dana Smith", 1) == (mine,)
    assert await found("Dana", 1) == await found("Kim Smith", 1) == await found("Dana Smith", 3) == ()
    assert await desk.find_appointments(tenant, phone=None, name="Dana Smith", on=None, now=NOW) == ()
    assert await desk.find_appointments(tenant, phone=None, name=None, on=MONDAY.date(), now=NOW) == ()


async def test_another_tenant_neither_finds_nor_changes_an_appointment(
    desk: Desk, pool: Pool, keeper_pool: Pool, tenant: Tenant
) -> None:
    other = await stored_shop(keeper_pool)
    mine = await booked(desk, tenant)
    on = MONDAY.astimezone(UTC).date()
    assert await desk.find_appointments(other, phone=PHONE, name=None, on=None, now=NOW) == ()
    assert await desk.find_appointments(other, phone=None, name="Dana Smith", on=on, now=NOW) == ()
    assert await desk.cancel(other, mine, change_key="off") is None
    hold = await held(desk, other, opening(other.staff[0].id, day=1))
    assert await desk.move(other, mine, hold, change_key="m", booking_key="b") is MoveRefusal.APPOINTMENT_GONE
    assert await rows(pool, tenant) == [("confirmed", at(0))]
    assert await rows(pool, other) == [("held", at(1))]
