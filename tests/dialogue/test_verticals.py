"""Each template takes calls as it is: a whole booking in text, and what is particular to its trade."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from agent.bootstrap.tenant_document import document_of
from agent.dialogue.text_call import TextCall
from agent.domain.facts import Emergency
from agent.domain.lines import LineKey
from agent.domain.openings import Opening
from agent.domain.outcome import Disposition
from agent.domain.tenant import Recording, Tenant
from agent.scheduling.memory_desk import MemoryDesk
from agent.tenants.conversion import to_tenant
from agent.tenants.templates import Blanks, fill_in, template_names
from agent.understanding.emergencies import read_emergency

CALLER = "+15550123456"
ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=ZONE)  # a Monday
#: What the caller says first, the service it means, when it starts (local).
WISHES = {
    "home-services": ("My toilet is leaking, can a plumber come Wednesday at 2 PM?", "repair", (2, 14)),
    "auto-repair": ("I need an oil change on Thursday at 9.", "oil-change", (3, 9)),
    "dental": ("I'd like my teeth cleaned, Wednesday at 10 AM.", "cleaning", (2, 10)),
    "salon": ("Can I get highlights on Friday at noon?", "color", (4, 12)),
    "real-estate-leads": ("I want to sell my house. Could someone come Saturday at 11?", "valuation", (5, 11)),
}


def tenant_of(template: str) -> Tenant:
    return to_tenant(document_of(fill_in(template, Blanks("The Business", state="NY")), template))


def call_to(tenant: Tenant, desk: MemoryDesk | None = None) -> TextCall:
    return TextCall(tenant, desk or MemoryDesk(lambda: NOW), lambda: NOW, caller_number=CALLER)


async def says(call: TextCall, *turns: str) -> list[str]:
    """What is answered to each turn."""
    return [(await call.say(words)).spoken for words in turns]


def test_there_is_a_wish_for_every_template() -> None:
    assert set(WISHES) == set(template_names())


@pytest.mark.parametrize("template", template_names())
async def test_a_template_books(template: str) -> None:
    wish, service_id, (day, hour) = WISHES[template]
    desk = MemoryDesk(lambda: NOW)
    call = call_to(tenant_of(template), desk)
    greeting = (await call.answer()).spoken
    assert greeting.startswith("Thank you for calling The Business. I'm an AI assistant.")
    await says(call, wish, "Dana Smith.", "The number I'm calling from.", "Yes.")
    assert (await call.say("No, thanks.")).disposition is Disposition.BOOKED
    (booking,) = desk.bookings
    start_at = NOW.replace(day=30).astimezone(ZONE)
    expected = datetime(2026, 12, day, hour, tzinfo=ZONE) if day >= 1 else start_at
    assert (booking.service_id, booking.opening.start_at, booking.name) == (service_id, expected, "Dana Smith")


@pytest.mark.parametrize(
    ("template", "words", "kind"),
    [
        ("home-services", "My water heater burst, this is an emergency!", None),
        ("home-services", "It's an emergency, the basement is flooding", None),
        ("home-services", "The gas line is hissing", Emergency.GAS),
        ("home-services", "I smell gas", Emergency.GAS),
        ("auto-repair", "My car broke down on the highway", Emergency.DANGER),
        ("auto-repair", "I'm stalled in the middle of the intersection", Emergency.DANGER),
        ("auto-repair", "I have a flat tire, it's an emergency", None),
        ("auto-repair", "My car smells like gas", None),
        ("dental", "It's an emergency, I have a toothache", None),
        ("dental", "I think I broke my jaw", Emergency.DANGER),
        ("salon", "This is an emergency, someone ruined my hair", None),
        ("salon", "There's bleach in my eye", Emergency.DANGER),
        ("real-estate-leads", "My car broke down on the highway", None),
        ("real-estate-leads", "The kitchen is on fire", Emergency.DANGER),
    ],
)
def test_a_trade_has_emergencies_of_its_own(template: str, words: str, kind: Emergency | None) -> None:
    assert read_emergency(words, tenant_of(template)) is kind


def test_an_emergency_of_the_trade_can_be_denied() -> None:
    assert read_emergency("No, I'm not stranded on the highway", tenant_of("auto-repair")) is None


async def test_a_breakdown_in_traffic_is_answered_with_911_and_then_booked() -> None:
    call = call_to(tenant_of("auto-repair"))
    await call.answer()
    report = await call.say("I broke down on the freeway and need my brakes checked")
    assert report.lines[0].key is LineKey.EMERGENCY
    assert call.state.emergency is Emergency.DANGER
    assert not call.is_ended


async def test_a_burst_water_heater_is_booked_at_once_and_a_smell_of_gas_is_not() -> None:
    tenant = tenant_of("home-services")
    call = call_to(tenant)
    await call.answer()
    report = await call.say("It's an emergency, my water heater burst, can you come today at 3 PM?")
    assert (report.after.service_id, report.after.emergency) == ("repair", None)
    other = call_to(tenant)
    await other.answer()
    assert (await other.say("I smell gas in the kitchen")).lines[0].key is LineKey.EMERGENCY_GAS


async def test_two_bays_take_two_cars_at_a_time_and_not_three() -> None:
    tenant, desk = tenant_of("auto-repair"), MemoryDesk(lambda: NOW)
    starts = []
    for caller in range(3):
        call = TextCall(tenant, desk, lambda: NOW, caller_number=f"+1555012000{caller}")
        await call.answer()
        await says(call, "An oil change on Thursday at 9.", "Dana Smith.", "The number I'm calling from.", "Yes.")
        starts.append(len(desk.bookings))
    assert starts == [1, 2, 2]
    assert len({booking.opening.staff_id for booking in desk.bookings}) == 2


async def test_a_practice_names_no_treatment_to_whoever_asks_and_is_not_recorded() -> None:
    tenant, desk = tenant_of("dental"), MemoryDesk(lambda: NOW)
    assert tenant.recording is Recording.OFF  # New York would allow it
    call = call_to(tenant, desk)
    await call.answer()
    await says(call, "A filling on Thursday at 9.", "Dana Smith.", "The number I'm calling from.", "Yes.", "No.")
    assert len(desk.bookings) == 1
    again = call_to(tenant, desk)
    await again.answer()
    spoken = " ".join(await says(again, "I'd like to cancel my appointment.", "Yes."))
    assert "your visit on Thursday, December 3rd at 9 AM" in spoken
    assert "filling" not in spoken
    assert not desk.bookings


async def test_on_a_holiday_a_salon_offers_another_day() -> None:
    call = call_to(tenant_of("salon"))
    await call.answer()
    report = await call.say("A haircut on December 24th at 2 PM.")
    assert report.after.hold is None
    offered = [opening.start_at.astimezone(ZONE).date() for opening in openings(report.after.offered)]
    assert offered
    assert all(day.day not in (24, 25) for day in offered)


async def test_a_showing_leaves_time_for_the_drive() -> None:
    tenant = tenant_of("real-estate-leads")
    showing = tenant.service("showing")
    assert (showing.buffer_before_min, showing.buffer_min) == (30, 30)
    call = TextCall(tenant, MemoryDesk(lambda: NOW), lambda: NOW, call_id=uuid4())
    await call.answer()
    report = await call.say("I'd like to see the house today at 9:30.")
    assert report.after.hold is None, "nobody can be there within two hours"


def openings(offered: tuple[object, ...]) -> list[Opening]:
    """Openings offered, with or without a reason to go with them."""
    return [each if isinstance(each, Opening) else each.opening for each in offered]  # type: ignore[attr-defined]
