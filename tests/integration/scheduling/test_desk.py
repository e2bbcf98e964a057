"""Holds and bookings against a real database: no overlap, gone when they run out, nobody else's."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from agent.domain.appointments import Appointment, Hold
from agent.domain.errors import FleetError
from agent.domain.openings import Window
from agent.domain.staffing import StaffWish
from agent.domain.tenant import Tenant
from agent.scheduling.desk import Desk
from agent.storage import appointments, holds
from agent.storage.pool import Pool, fleet_tx, tenant_tx
from tests.integration.scheduling.holding import book, hold_of, run_out, statuses
from tests.integration.shop import MONDAY, opening, stored_shop


async def test_a_hold_repeated_by_its_call_is_the_same_hold_prolonged(desk: Desk, tenant: Tenant) -> None:
    call_id, wanted = uuid4(), opening(tenant.staff[0].id)
    first = await desk.hold(tenant, call_id, wanted, "cut", ttl_s=10)
    again = await desk.hold(tenant, call_id, wanted, "cut", ttl_s=60)
    assert first
    assert again
    assert again.id == first.id
    assert again.expires_at > first.expires_at


async def test_an_opening_that_only_touches_a_buffer_is_free(desk: Desk, tenant: Tenant) -> None:
    person = tenant.staff[0].id
    await hold_of(desk, tenant, opening(person))
    assert await desk.hold(tenant, uuid4(), opening(person, minute=44), "cut") is None
    assert await desk.hold(tenant, uuid4(), opening(person, minute=45), "cut") is not None


async def test_the_other_member_of_staff_is_free_at_the_same_time(desk: Desk, tenant: Tenant) -> None:
    for person in tenant.staff:
        assert await desk.hold(tenant, uuid4(), opening(person.id), "cut") is not None


async def test_a_released_hold_frees_the_opening(desk: Desk, tenant: Tenant) -> None:
    wanted = opening(tenant.staff[0].id)
    held = await hold_of(desk, tenant, wanted)
    assert await desk.release(tenant, held.id)
    assert not await desk.release(tenant, held.id)
    assert await desk.hold(tenant, uuid4(), wanted, "cut") is not None


async def test_an_expired_hold_frees_the_opening(desk: Desk, keeper_pool: Pool, tenant: Tenant) -> None:
    wanted = opening(tenant.staff[0].id)
    await run_out(keeper_pool, await hold_of(desk, tenant, wanted))
    assert await desk.hold(tenant, uuid4(), wanted, "cut") is not None


async def test_a_hold_ends_by_the_databases_clock_whatever_the_callers_is(
    desk: Desk, keeper_pool: Pool, tenant: Tenant
) -> None:
    person, ten = tenant.staff[0].id, MONDAY + timedelta(hours=10)
    only = StaffWish(only=(person,))
    held = await hold_of(desk, tenant, opening(person))
    for now in (held.expires_at - timedelta(days=30), held.expires_at + timedelta(hours=1)):
        found = await desk.find_openings(tenant, "cut", Window(ten, ten), now=now, staff=only)
        starts = [offer.opening.start_at for offer in found if offer.opening.staff_id == person]
        assert ten not in starts, "free by a clock that is not the database's"
    await run_out(keeper_pool, held)
    for now in (held.expires_at - timedelta(days=30), held.expires_at - timedelta(minutes=4)):
        (free,) = await desk.find_openings(tenant, "cut", Window(ten, ten), now=now, staff=only)
        assert free.opening == held.opening, "still held by a clock that is not the database's"


async def test_an_expired_hold_is_still_booked_while_its_opening_is_free(
    desk: Desk, pool: Pool, keeper_pool: Pool, tenant: Tenant
) -> None:
    held = await hold_of(desk, tenant, opening(tenant.staff[0].id))
    await run_out(keeper_pool, held)
    async with fleet_tx(keeper_pool) as connection:
        assert await holds.expire_stale(connection) >= 1
    booked = await book(desk, tenant, held, "late")
    assert booked
    assert booked.opening == held.opening
    assert not booked.was_known
    assert sorted(await statuses(pool, tenant)) == ["confirmed", "expired"]


async def test_an_expired_hold_is_lost_once_somebody_else_has_the_opening(
    desk: Desk, keeper_pool: Pool, tenant: Tenant
) -> None:
    wanted = opening(tenant.staff[0].id)
    late = await hold_of(desk, tenant, wanted)
    await run_out(keeper_pool, late)
    await hold_of(desk, tenant, wanted)
    assert await book(desk, tenant, late, "late") is None


async def test_the_broom_leaves_living_holds_and_bookings_alone(
    desk: Desk, pool: Pool, keeper_pool: Pool, tenant: Tenant
) -> None:
    person = tenant.staff[0].id
    await hold_of(desk, tenant, opening(person, day=1))
    booked = await hold_of(desk, tenant, opening(person, day=2))
    assert await book(desk, tenant, booked, "kept")
    async with fleet_tx(keeper_pool) as connection:
        await holds.expire_stale(connection)
    assert sorted(await statuses(pool, tenant)) == ["confirmed", "held"]


async def test_a_booking_survives_a_release_that_comes_too_late(desk: Desk, pool: Pool, tenant: Tenant) -> None:
    held = await hold_of(desk, tenant, opening(tenant.staff[0].id))
    assert await book(desk, tenant, held, "kept")
    assert not await desk.release(tenant, held.id)
    assert await statuses(pool, tenant) == ["confirmed"]


async def test_a_later_call_meets_the_booking_of_its_intent(desk: Desk, pool: Pool, tenant: Tenant) -> None:
    held = await hold_of(desk, tenant, opening(tenant.staff[0].id))
    booked = await book(desk, tenant, held, "intent", name="Kim")
    async with tenant_tx(pool, tenant.id) as connection:
        known = await appointments.by_intent_key(connection, tenant.id, "intent")
        row = await connection.fetchrow("SELECT name, phone, service_id FROM appointments")
    assert booked
    assert known == Appointment(booked.id, "cut", held.opening, was_known=True)
    assert row
    assert dict(row) == {"name": "Kim", "phone": "+12125550100", "service_id": "cut"}


async def test_openings_skip_what_is_held_booked_or_buffered_but_not_the_callers_own_hold(
    desk: Desk, keeper_pool: Pool, tenant: Tenant
) -> None:
    first, second = (person.id for person in tenant.staff)
    ten = MONDAY + timedelta(hours=10)
    exactly_ten = Window(ten, ten)

    async def who_has_ten(ignoring: Hold | None = None) -> UUID | None:
        ignored = ignoring.id if ignoring else None
        (best,) = await desk.find_openings(
            tenant, "cut", exactly_ten, now=MONDAY - timedelta(days=3), limit=1, ignoring_hold=ignored
        )
        return best.opening.staff_id if best.opening.start_at == ten else None

    assert await who_has_ten() == first
    mine = await hold_of(desk, tenant, opening(first, hour=9, minute=30))
    assert await who_has_ten() == second
    assert await book(desk, tenant, await hold_of(desk, tenant, opening(second)), "other")
    assert await who_has_ten() is None
    assert await who_has_ten(mine) == first
    await run_out(keeper_pool, mine)
    assert await who_has_ten() == first


async def test_a_service_no_longer_offered_has_no_openings(desk: Desk, tenant: Tenant) -> None:
    window = Window(MONDAY, MONDAY + timedelta(days=1))
    assert await desk.find_openings(tenant, "gone", window, now=MONDAY) == ()


async def test_another_tenant_can_neither_release_nor_confirm_nor_see_a_hold(
    desk: Desk, pool: Pool, keeper_pool: Pool, tenant: Tenant
) -> None:
    other = await stored_shop(keeper_pool)
    held = await hold_of(desk, tenant, opening(tenant.staff[0].id))
    assert not await desk.release(other, held.id)
    assert await statuses(pool, other) == []
    assert await statuses(pool, tenant) == ["held"]


async def test_nobody_can_book_the_staff_of_another_tenant(desk: Desk, keeper_pool: Pool, tenant: Tenant) -> None:
    other = await stored_shop(keeper_pool)
    with pytest.raises(FleetError, match="ForeignKeyViolation"):
        await desk.hold(other, uuid4(), opening(tenant.staff[0].id), "cut")
