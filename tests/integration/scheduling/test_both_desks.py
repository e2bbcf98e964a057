"""What a caller is promised about openings, staff and the waiting list: the same over PostgreSQL and in memory."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from agent.bootstrap.tenant_document import load_tenant
from agent.dialogue.text_call import TextCall
from agent.domain.appointments import Appointment
from agent.domain.openings import opening_of, utc_or_none
from agent.domain.state import Stage
from agent.domain.tenant import Closure, LocalInterval, Tenant, tenant_id
from agent.scheduling.desk import Desk as StoredDesk
from agent.scheduling.memory_desk import MemoryDesk
from agent.storage.pool import Pool, fleet_tx
from agent.storage.tenants import apply_tenant
from tests.integration.shop import MONDAY

#: Friday, 9 AM in New York; the shop's clock of the tests lies in the future of the database's.
NOW = MONDAY - timedelta(days=3) + timedelta(hours=14)
THURSDAY = date(2027, 3, 4)
CALLER = "+12125550100"
DENTAL = load_tenant(Path("infra/local/tenants/riverside-dental.yaml"))


async def as_stored(keeper_pool: Pool) -> Tenant:
    """The dental practice under a name of its own, so that no test meets another's bookings."""
    slug = f"dental-{uuid4().hex[:8]}"
    staff = tuple(replace(person, id=uuid4()) for person in DENTAL.staff)
    numbers = (f"+1{uuid4().int % 9_000_000_000 + 1_000_000_000}",)
    tenant = replace(DENTAL, id=tenant_id(slug), slug=slug, staff=staff, numbers=numbers)
    async with fleet_tx(keeper_pool) as connection:
        await apply_tenant(
            connection, tenant.id, slug=slug, config={}, numbers=numbers, staff={p.id: p.name for p in staff}
        )
    return tenant


@pytest.fixture
async def tenant(keeper_pool: Pool) -> Tenant:
    return await as_stored(keeper_pool)


@pytest.fixture(params=["stored", "memory"])
async def desk(request: pytest.FixtureRequest, pool: Pool) -> StoredDesk | MemoryDesk:
    return StoredDesk(pool) if request.param == "stored" else MemoryDesk(lambda: NOW)


class Caller:
    """Somebody on the telephone with the practice."""

    def __init__(self, tenant: Tenant, desk: StoredDesk | MemoryDesk, number: str = CALLER) -> None:
        self.call = TextCall(tenant, desk, lambda: NOW, caller_number=number)

    async def says(self, *turns: str) -> str:
        """The reply to the last of these turns."""
        if self.call.state.stage is Stage.RINGING:
            await self.call.answer()
        spoken = ""
        for words in turns:
            spoken = (await self.call.say(words)).spoken
        return spoken


async def occupy(
    desk: StoredDesk | MemoryDesk, tenant: Tenant, person: int, day: date, *hours: float, service: str = "filling"
) -> list[Appointment]:
    """Somebody else's appointments with one of the staff, from these local hours on."""
    made = []
    for hour in hours:
        at = datetime.min + timedelta(hours=hour)
        start = utc_or_none(day, at.time(), tenant)
        assert start is not None
        opening = opening_of(tenant.service(service), tenant.staff[person].id, start)
        hold = await desk.hold(tenant, uuid4(), opening, service)
        assert hold is not None
        booked = await desk.confirm(
            tenant, hold, intent_key=uuid4().hex, service_id=service, name="Other", phone="+12125550199"
        )
        assert booked is not None
        made.append(booked)
    return made


def lee(tenant: Tenant) -> UUID:
    return tenant.staff[0].id


def ortiz(tenant: Tenant) -> UUID:
    return tenant.staff[1].id


async def test_who_is_asked_for_is_searched_held_read_back_and_booked(
    desk: StoredDesk | MemoryDesk, tenant: Tenant
) -> None:
    caller = Caller(tenant, desk)
    reply = await caller.says("A cleaning with Dr. Ortiz on Thursday at 3, my name is Dana Smith, 212-555-0100.")
    assert "Thursday, March 4th at 3 PM with Dr. Ortiz, for Dana Smith" in reply
    assert "with Dr. Ortiz" in await caller.says("Yes.")
    assert caller.call.state.appointments[0].opening.staff_id == ortiz(tenant)


async def test_without_a_wish_for_somebody_nobody_is_named(desk: StoredDesk | MemoryDesk, tenant: Tenant) -> None:
    reply = await Caller(tenant, desk).says("A cleaning on Thursday at 3, my name is Dana Smith, 212-555-0100.")
    assert "Thursday, March 4th at 3 PM, for Dana Smith" in reply


async def test_staff_is_corrected_like_any_other_slot(desk: StoredDesk | MemoryDesk, tenant: Tenant) -> None:
    caller = Caller(tenant, desk)
    await caller.says("A cleaning with Dr. Ortiz on Thursday at 3, my name is Dana Smith, 212-555-0100.")
    assert "3 PM with Dr. Lee, for" in await caller.says("No, with Dr. Lee.")
    assert "3 PM with Dr. Ortiz, for" in await caller.says("Actually anyone but Dr. Lee.")
    assert "3 PM with Dr. Ortiz, for" in await caller.says("Well, whoever is free.")
    await caller.says("Yes.")
    assert len(caller.call.state.appointments) == 1


async def test_who_does_not_perform_a_service_is_said_and_somebody_who_does_is_found(
    desk: StoredDesk | MemoryDesk, tenant: Tenant
) -> None:
    caller = Caller(tenant, desk)
    reply = await caller.says("Whitening with Dr. Ortiz on Thursday at 3.")
    assert "I can only book Dr. Lee for whitening." in reply
    assert "3 PM with Dr. Lee" in reply
    assert caller.call.state.stage is Stage.NAME


async def test_a_name_nobody_has_is_said_to_be_nobodys(desk: StoredDesk | MemoryDesk, tenant: Tenant) -> None:
    reply = await Caller(tenant, desk).says("A cleaning with Dr. Patel on Thursday at 3.")
    assert "I don't have anyone by that name. There's Dr. Lee or Dr. Ortiz." in reply


async def test_somebody_busy_then_leaves_the_choice_between_the_person_and_the_time(
    desk: StoredDesk | MemoryDesk, tenant: Tenant
) -> None:
    await occupy(desk, tenant, 0, THURSDAY, 15)
    caller = Caller(tenant, desk)
    reply = await caller.says("A cleaning with Dr. Lee on Thursday at 3.")
    assert "I don't have Dr. Lee free then." in reply
    assert "2:15 PM with Dr. Lee, the nearest to 3 PM or 3 PM with Dr. Ortiz" in reply
    assert "3 PM with Dr. Ortiz" in await caller.says("The one with Dr. Ortiz.")
    assert caller.call.state.hold is not None
    assert caller.call.state.hold.opening.staff_id == ortiz(tenant)


async def test_somebody_away_that_day_is_said_to_be_away(desk: StoredDesk | MemoryDesk, tenant: Tenant) -> None:
    away = replace(tenant.staff[0], time_off=(Closure(THURSDAY, THURSDAY, "away"),))
    reply = await Caller(replace(tenant, staff=(away, *tenant.staff[1:])), desk).says(
        "A cleaning with Dr. Lee on Thursday at 3."
    )
    assert "Dr. Lee isn't in on Thursday, March 4th." in reply
    assert "3 PM with Dr. Ortiz" in reply
    assert "with Dr. Lee" in reply


@pytest.mark.parametrize(
    ("words", "busy", "spoken"),
    [
        ("A cleaning on Thursday after 3.", (15,), "4:15 PM, the first after 3 PM or 5:15 PM"),
        ("A cleaning on Thursday at 2:30.", (14.5,), "1:45 PM or 3:45 PM, the nearest to 2:30 PM"),
    ],
)
async def test_an_offer_says_why_it_is_the_best(
    desk: StoredDesk | MemoryDesk, tenant: Tenant, words: str, busy: tuple[float, ...], spoken: str
) -> None:
    for person in (0, 1):
        await occupy(desk, tenant, person, THURSDAY, *busy)
    reply = await Caller(tenant, desk).says(words)
    assert spoken in reply, reply
    assert len(re.findall(r"the (?:first|nearest|same|earliest|closest)", reply)) <= 1


async def test_the_same_time_on_another_day_is_called_that(desk: StoredDesk | MemoryDesk, tenant: Tenant) -> None:
    reply = await Caller(tenant, desk).says("A cleaning on Sunday at 3.")
    assert reply.count("at 3 PM") == 2
    assert "the same time" in reply


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
