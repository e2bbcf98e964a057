"""Somebody in particular, and openings with their reason, asked of the stored desk and the one in memory."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import UUID

import pytest

from agent.domain.state import Stage
from agent.domain.tenant import Closure, Tenant
from agent.scheduling.desk import Desk as StoredDesk
from agent.scheduling.memory_desk import MemoryDesk
from tests.integration.scheduling.both_desks.practice import THURSDAY, Caller, occupy


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
