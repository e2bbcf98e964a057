"""What a caller says, through the rules and the desk, to the rows of a real database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.call import new_call
from agent.domain.tenant import Tenant
from agent.scheduling.desk import Desk
from agent.storage.pool import Pool, fleet_tx, tenant_tx
from tests.dialogue.fakes import TENANT, Caller
from tests.integration.shop import store

MINE, OTHER = "+15550123456", "+15550190009"
STANDING = "SELECT service_id, name, phone, start_at FROM appointments WHERE status IN ('held', 'confirmed')"


@pytest.fixture
async def desk(pool: Pool, keeper_pool: Pool) -> Desk:
    """The demo tenant's desk with an empty book."""
    async with fleet_tx(keeper_pool) as connection:
        await store(connection, TENANT)
        await connection.execute("DELETE FROM appointments WHERE tenant_id = $1", TENANT.id)
    return Desk(pool)


async def call(desk: Desk, number: str | None, *turns: str, tenant: Tenant = TENANT) -> list[str]:
    """One call; the replies to its turns."""
    caller = Caller(desk, new_call(number), tenant=tenant)  # type: ignore[arg-type]
    await caller.answered()
    replies = [await caller.says(words) for words in turns]
    await caller.conversation.aclose()
    return replies


async def standing(pool: Pool) -> list[tuple[str, str, str, str]]:
    async with tenant_tx(pool, TENANT.id) as connection:
        rows = await connection.fetch(f"{STANDING} ORDER BY start_at")
    return [(row["service_id"], row["name"], row["phone"], f"{row['start_at']:%m-%d %H:%M}") for row in rows]


async def book(desk: Desk) -> None:
    replies = await call(desk, MINE, "A cleaning on Thursday at 3 PM.", "Dana Smith.", "555-012-3456.", "Yes.")
    assert "booked" in replies[-1]


async def test_an_appointment_is_booked_moved_and_cancelled_in_three_calls(desk: Desk, pool: Pool) -> None:
    await book(desk)
    replies = await call(desk, MINE, "Can I move my appointment to Friday at 3:30?", "Yes, please.")
    assert "from Thursday, December 3rd at 3 PM, to Friday, December 4th at 3:30 PM" in replies[0]
    assert "now on Friday, December 4th at 3:30 PM" in replies[1]
    assert await standing(pool) == [("cleaning", "Dana Smith", MINE, "12-04 20:30")]
    replies = await call(desk, MINE, "I need to cancel my appointment.", "Yes.", "No, thanks.")
    assert "cleaning on Friday, December 4th at 3:30 PM" in replies[0]
    assert "cancelled" in replies[1]
    assert await standing(pool) == []


async def test_half_an_hour_later_is_a_move_even_where_it_overlaps_itself(desk: Desk, pool: Pool) -> None:
    await book(desk)
    replies = await call(desk, MINE, "Could you push my appointment back to 3:30?", "Yes.")
    assert "now on Thursday, December 3rd at 3:30 PM" in replies[-1]
    assert await standing(pool) == [("cleaning", "Dana Smith", MINE, "12-03 20:30")]


async def test_an_appointment_moves_within_its_own_time_after_its_service_was_shortened(desk: Desk, pool: Pool) -> None:
    await book(desk)
    shorter = [replace(each, duration_min=each.duration_min // 2) for each in TENANT.services]
    tenant = replace(TENANT, services=tuple(shorter))
    replies = await call(desk, MINE, "Can I move my appointment to 3:15?", "Yes.", tenant=tenant)
    assert "now on Thursday, December 3rd at 3:15 PM" in replies[-1]
    assert await standing(pool) == [("cleaning", "Dana Smith", MINE, "12-03 20:15")]


async def test_from_another_telephone_number_and_name_are_asked_for(desk: Desk, pool: Pool) -> None:
    await book(desk)
    replies = await call(desk, OTHER, "I'd like to cancel my appointment.", "555-012-3456", "Kim Jones.", "Friday.")
    assert "couldn't find" in replies[-1]
    assert not any("cleaning" in reply or "Thursday" in reply for reply in replies)
    assert len(await standing(pool)) == 1
    replies = await call(desk, None, "I'd like to cancel my appointment.", "555-012-3456", "Dana Smith.", "Yes.")
    assert "cancelled" in replies[-1]
    assert await standing(pool) == []


async def test_without_the_number_the_full_name_and_the_day_are_enough(desk: Desk, pool: Pool) -> None:
    await book(desk)
    turns = ("I'd like to cancel my appointment.", "No, I don't know it.", "Dana Smith.", "Thursday.", "Yes.")
    replies = await call(desk, OTHER, *turns)
    assert "cancelled" in replies[-1], replies
    assert await standing(pool) == []


async def test_a_booking_is_moved_in_the_call_that_made_it(desk: Desk, pool: Pool) -> None:
    turns = ("A cleaning on Thursday at 3 PM.", "Dana Smith.", "555-012-3456.", "Yes.", "Actually, make it 4.", "Yes.")
    replies = await call(desk, MINE, *turns)
    assert "now on Thursday, December 3rd at 4 PM" in replies[-1]
    assert await standing(pool) == [("cleaning", "Dana Smith", MINE, "12-03 21:00")]


async def test_a_move_that_is_not_confirmed_leaves_no_trace(desk: Desk, pool: Pool) -> None:
    await book(desk)
    replies = await call(desk, MINE, "Move my appointment to Friday.", "No.", "No, leave it.")
    assert "left everything as it is" in replies[-1]
    assert await standing(pool) == [("cleaning", "Dana Smith", MINE, "12-03 20:00")]
