"""Changes of one appointment at the same moment: one winner, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from agent.domain.appointments import Appointment, Hold, MoveRefusal
from agent.domain.tenant import Tenant
from agent.scheduling.desk import Desk
from agent.storage.pool import Pool, tenant_tx
from tests.integration.scheduling.changing import at, booked, held, rows
from tests.integration.shop import MONDAY, opening

RACES = 50


async def test_the_same_cancellation_twenty_times_at_once_is_one(desk: Desk, tenant: Tenant) -> None:
    appointment = await booked(desk, tenant)
    got = await asyncio.gather(*(desk.cancel(tenant, appointment, change_key="off") for _ in range(20)))
    assert sorted(off.was_known for off in got if off) == [False] + [True] * 19
    assert await desk.cancel(tenant, appointment, change_key="somebody else's") is None


async def test_the_same_move_twenty_times_at_once_is_one(desk: Desk, pool: Pool, tenant: Tenant) -> None:
    old = await booked(desk, tenant)
    hold = await held(desk, tenant, opening(tenant.staff[0].id, day=1))
    got = await asyncio.gather(
        *(desk.move(tenant, old, hold, change_key="move", booking_key="book") for _ in range(20))
    )
    moved = [each for each in got if isinstance(each, Appointment)]
    assert len(moved) == 20
    assert {each.id for each in moved} == {hold.id}
    assert sorted(each.was_known for each in moved) == [False] + [True] * 19
    assert await rows(pool, tenant) == [("cancelled", at(0)), ("confirmed", at(1))]


async def test_a_move_and_a_cancellation_at_once_have_one_winner(desk: Desk, pool: Pool, tenant: Tenant) -> None:
    outcomes = set()
    for race in range(RACES):
        old = await booked(desk, tenant, hour=9, day=race)
        hold = await held(desk, tenant, opening(tenant.staff[1].id, day=race, hour=11))
        move = desk.move(tenant, old, hold, change_key=f"move {race}", booking_key=f"book {race}")
        off = desk.cancel(tenant, old, change_key=f"off {race}")
        # Who is asked first is mostly first: both orders, so that each wins some.
        first, second = (move, off) if race % 2 else (off, move)
        got = await asyncio.gather(first, second)
        moved, cancelled = got if race % 2 else reversed(got)
        assert isinstance(moved, Appointment) != isinstance(cancelled, Appointment), race
        async with tenant_tx(pool, tenant.id) as connection:
            standing = await connection.fetch(
                "SELECT id FROM appointments WHERE status = 'confirmed' AND start_at >= $1 AND start_at < $2",
                at(race, 0),
                at(race + 1, 0),
            )
        assert [row["id"] for row in standing] == ([hold.id] if isinstance(moved, Appointment) else []), race
        outcomes.add(isinstance(moved, Appointment))
    assert outcomes == {True, False}


async def test_two_moves_at_once_have_one_winner_and_the_other_keeps_only_its_hold(
    desk: Desk, pool: Pool, tenant: Tenant
) -> None:
    for race in range(RACES):
        old = await booked(desk, tenant, hour=9, day=race)
        holds = [await held(desk, tenant, opening(tenant.staff[1].id, day=race, hour=hour)) for hour in (11, 13)]
        got = await asyncio.gather(
            *(
                desk.move(tenant, old, hold, change_key=f"{race} {hold.id}", booking_key=f"{race} {hold.id}")
                for hold in holds
            )
        )
        assert sorted(each is MoveRefusal.APPOINTMENT_GONE for each in got) == [False, True], race
    states = [status for status, _ in await rows(pool, tenant)]
    assert sorted(states) == ["cancelled"] * RACES + ["confirmed"] * RACES + ["held"] * RACES


async def test_moves_into_each_other_whose_holds_have_run_out_never_deadlock(
    desk: Desk, pool: Pool, tenant: Tenant
) -> None:
    person = tenant.staff[0].id
    for race in range(RACES):
        first = await booked(desk, tenant, day=race, hour=10)
        hold = await held(desk, tenant, opening(person, day=race, hour=10, minute=45))
        second = await desk.confirm(
            tenant, hold, intent_key=f"second {race}", service_id="cut", name="Kim Jones", phone="+12125550199"
        )
        assert second is not None
        later, earlier = (
            Hold(uuid4(), opening(person, day=race, hour=10, minute=minute), MONDAY) for minute in (30, 15)
        )
        got = await asyncio.gather(
            desk.move(tenant, first, later, change_key=f"later {race}", booking_key=f"later {race}"),
            desk.move(tenant, second, earlier, change_key=f"earlier {race}", booking_key=f"earlier {race}"),
        )
        assert got == [MoveRefusal.OPENING_TAKEN] * 2, race
    assert [status for status, _ in await rows(pool, tenant)] == ["confirmed"] * 2 * RACES
