"""The waiting list, asked of the stored desk and of the one in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest

from agent.domain.openings import opening_of
from agent.domain.state import Stage
from agent.domain.tenant import Closure, LocalInterval, Tenant
from agent.scheduling.desk import Desk as StoredDesk
from agent.scheduling.memory_desk import MemoryDesk
from tests.integration.scheduling.both_desks.practice import CALLER, NOW, THURSDAY, Caller, occupy


def lee(tenant: Tenant) -> UUID:
    return tenant.staff[0].id


async def refused(desk: StoredDesk | MemoryDesk, tenant: Tenant, caller: Caller) -> str:
    """The caller has heard that Thursday at three is taken, and wants neither of the next best."""
    for person in (0, 1):
        await occupy(desk, tenant, person, THURSDAY, 15)
    await caller.says("A cleaning on Thursday at 3.")
    return await caller.says("No, neither.")


async def test_who_wants_none_of_the_next_best_is_put_on_the_list_once_and_only_after_a_yes(
    desk: StoredDesk | MemoryDesk, tenant: Tenant
) -> None:
    caller = Caller(tenant, desk)
    assert "waiting list" in await refused(desk, tenant, caller)
    assert "name" in await caller.says("Yes please.")
    await caller.says("Dana Smith")
    reply = await caller.says("The number I'm calling from.")
    assert "the list for cleaning on Thursday, March 4th, for Dana Smith, phone: 212-555-0100" in reply
    assert list(await desk.waiting(tenant, now=NOW)) == []
    assert "You're on the list" in await caller.says("Yes.")
    (entry,) = await desk.waiting(tenant, now=NOW)
    assert (entry.name, entry.phone, entry.wish.service_id) == ("Dana Smith", CALLER, "cleaning")
    assert entry.wish.window.earliest_at == entry.wish.window.latest_at == datetime(2027, 3, 4, 20, tzinfo=UTC)
    again = Caller(tenant, desk)
    await again.says("A cleaning on Thursday at 3.", "No, neither.", "Yes.", "Dana Smith", "This number.", "Yes.")
    assert len(await desk.waiting(tenant, now=NOW)) == 1


async def test_who_declines_the_list_is_asked_for_another_time(desk: StoredDesk | MemoryDesk, tenant: Tenant) -> None:
    caller = Caller(tenant, desk)
    await refused(desk, tenant, caller)
    await caller.says("No.")
    assert caller.call.state.stage is Stage.TIME
    assert "Friday" in await caller.says("Friday at 10.")
    assert list(await desk.waiting(tenant, now=NOW)) == []


async def test_another_time_in_place_of_a_yes_to_the_list_is_looked_for(
    desk: StoredDesk | MemoryDesk, tenant: Tenant
) -> None:
    caller = Caller(tenant, desk)
    await refused(desk, tenant, caller)
    await caller.says("Yes.", "Oh wait, what about Friday at 10?")
    assert caller.call.state.hold is not None
    assert not caller.call.state.is_waiting


async def test_when_nothing_at_all_is_free_the_list_is_offered_at_once(
    desk: StoredDesk | MemoryDesk, tenant: Tenant
) -> None:
    full = replace(tenant, opening_rules={3: (LocalInterval(time(15), time(16)),)}, max_days_ahead=6)
    for person in (0, 1):
        await occupy(desk, full, person, THURSDAY, 15)
    reply = await Caller(full, desk).says("A cleaning on Thursday at 3.")
    assert "anything free around then. Shall I put you on the waiting list" in reply


async def test_nobody_is_told_to_wait_for_a_day_on_which_the_business_is_closed(
    desk: StoredDesk | MemoryDesk, tenant: Tenant
) -> None:
    caller = Caller(tenant, desk)
    assert "waiting list" not in await caller.says("A cleaning on Sunday at 3.", "No, neither.")
    assert caller.call.state.stage is Stage.TIME
    closed = replace(tenant, closures=(Closure(date(2027, 2, 1), date(2027, 6, 1), "rebuilding"),))
    reply = await Caller(closed, desk).says("A cleaning on Thursday at 3.")
    assert "anything free around then." in reply
    assert "waiting list" not in reply


async def listed(
    desk: StoredDesk | MemoryDesk, tenant: Tenant, words: str = "A cleaning on Thursday at 3.", number: str = CALLER
) -> None:
    caller = Caller(tenant, desk, number)
    await caller.says(words, "No, neither.", "Yes.", "Dana Smith", "The number I'm calling from.", "Yes.")
    assert caller.call.state.stage is Stage.DONE


async def test_a_cancellation_marks_the_first_who_waits_for_that_time_and_nobody_else(
    desk: StoredDesk | MemoryDesk, tenant: Tenant
) -> None:
    (first, *_), _ = [await occupy(desk, tenant, person, THURSDAY, 15) for person in (0, 1)]
    for number in ("+12125550101", "+12125550102"):
        await listed(desk, tenant, number=number)
    await desk.cancel(tenant, first, change_key="off")
    one, other = await desk.waiting(tenant, now=NOW)
    assert (one.phone, other.phone) == ("+12125550101", "+12125550102")
    assert one.freed_at is not None
    assert one.matched is not None
    assert (one.matched.staff_id, one.matched.start_at) == (lee(tenant), first.opening.start_at)
    assert other.freed_at is None
    await desk.cancel(tenant, first, change_key="off")  # repeated, it frees nothing more
    assert (await desk.waiting(tenant, now=NOW))[1].freed_at is None


async def test_a_move_frees_a_time_as_well(desk: StoredDesk | MemoryDesk, tenant: Tenant) -> None:
    (first, *_), _ = [await occupy(desk, tenant, person, THURSDAY, 15) for person in (0, 1)]
    await listed(desk, tenant)
    to = opening_of(tenant.service("filling"), lee(tenant), first.opening.start_at + timedelta(days=1))
    hold = await desk.hold(tenant, uuid4(), to, "filling")
    assert hold is not None
    await desk.move(tenant, first, hold, change_key="move", booking_key="book")
    (entry,) = await desk.waiting(tenant, now=NOW)
    assert entry.matched is not None
    assert entry.matched.start_at == first.opening.start_at


@pytest.mark.parametrize(
    ("words", "which", "is_marked"),
    [
        ("A cleaning with Dr. Ortiz on Thursday at 3.", 0, False),
        ("A cleaning with Dr. Ortiz on Thursday at 3.", 1, True),
        ("A cleaning with anyone but Dr. Lee on Thursday at 3.", 0, False),
    ],
)
async def test_only_a_time_with_somebody_who_will_do_is_a_match(
    desk: StoredDesk | MemoryDesk, tenant: Tenant, words: str, which: int, is_marked: bool
) -> None:
    made = [(await occupy(desk, tenant, person, THURSDAY, 15))[0] for person in (0, 1)]
    await listed(desk, tenant, words)
    await desk.cancel(tenant, made[which], change_key="off")
    (entry,) = await desk.waiting(tenant, now=NOW)
    assert (entry.freed_at is not None) == is_marked


async def test_a_freed_time_that_is_too_short_is_no_match(desk: StoredDesk | MemoryDesk, tenant: Tenant) -> None:
    short, *_ = await occupy(desk, tenant, 0, THURSDAY, 15, 15.5, 14.5, service="checkup")
    await occupy(desk, tenant, 1, THURSDAY, 15)
    await listed(desk, tenant, "A filling on Thursday at 3.")
    await desk.cancel(tenant, short, change_key="off")
    (entry,) = await desk.waiting(tenant, now=NOW)
    assert entry.freed_at is None


async def test_a_caller_may_wait_again_once_the_time_they_were_told_of_is_gone(
    desk: StoredDesk | MemoryDesk, tenant: Tenant
) -> None:
    (first, *_), _ = [await occupy(desk, tenant, person, THURSDAY, 15) for person in (0, 1)]
    await listed(desk, tenant)
    await desk.cancel(tenant, first, change_key="off")
    await occupy(desk, tenant, 0, THURSDAY, 15)
    await listed(desk, tenant)
    assert [entry.freed_at is None for entry in await desk.waiting(tenant, now=NOW)] == [False, True]
