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
from agent.domain.notes import Reason
from agent.domain.objections import Objection
from agent.domain.openings import Opening
from agent.domain.outcome import Disposition
from agent.domain.state import Stage
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


#: By vertical: what callers ask, and the beginning of the answer.
ASKED = {
    "home-services": ("How far do you travel?", "We work all over town"),
    "auto-repair": ("Can I wait for my car?", "Yes, you can wait here"),
    "dental": ("Do you take my insurance?", "We take most dental plans."),
    "salon": ("Do you take walk-ins?", "We take walk-ins"),
    "real-estate-leads": ("What commission do you charge?", "Our agent explains the commission"),
}


@pytest.mark.parametrize("template", template_names())
async def test_a_template_answers_questions_and_doubts_beside_a_booking(template: str) -> None:
    question, answer = ASKED[template]
    tenant = tenant_of(template)
    call = call_to(tenant)
    await call.answer()
    (first,) = await says(call, WISHES[template][0])
    asked, doubted, unknown = await says(call, question, "That's too expensive.", "Do you have a swimming pool there?")
    assert asked.startswith(answer)
    assert doubted.startswith(tenant.knowledge.reply_to(Objection.PRICE))
    assert unknown.startswith("I don't")
    assert all(reply.endswith("?") for reply in (first, asked, doubted, unknown))
    assert call.state.hold is not None


async def test_hours_and_holidays_are_told_from_the_document_not_from_a_fact() -> None:
    call = call_to(tenant_of("home-services"))
    await call.answer()
    questions = ("Are you open on Sundays?", "Which holidays are you closed?", "Are you open on Memorial Day?")
    hours, holidays, memorial = await says(call, *questions)
    assert memorial.startswith("We're closed on Monday, May 31st")
    assert hours.startswith("We're closed on Sunday, December 6th.")
    assert holidays.startswith("We're closed on Friday, December 25th, Friday, January 1st and Monday, May 31st")


async def test_a_wish_beside_the_word_of_a_fact_is_booked() -> None:
    call = call_to(tenant_of("salon"))
    await call.answer()
    await call.say("Can I get a haircut for my kids on Friday at noon?")
    assert call.state.service_id == "haircut"
    assert call.state.hold is not None


async def test_who_wants_to_sell_is_a_lead_and_who_names_a_day_has_an_appointment() -> None:
    desk = MemoryDesk(lambda: NOW)
    call = call_to(tenant_of("real-estate-leads"), desk)
    await call.answer()
    await says(call, "I want to sell my house.", "450 thousand", "In three months.", "Just me.", "Dana Smith.")
    assert not desk.notes.messages
    (promise,) = await says(call, "The number I'm calling from.")
    assert "call you back" in promise
    (stored,) = desk.notes.messages
    assert (stored.message.reason, stored.message.phone) == (Reason.LEAD, CALLER)
    assert stored.message.text == "sell; $450,000; in 3 months; decides alone; hot, 100 of 100"
    assert (await call.say("No, thanks.")).disposition is Disposition.QUALIFIED
    other = call_to(tenant_of("real-estate-leads"))
    await other.answer()
    assert (await other.say("I want to see a house.")).after.service_id == "showing"


async def test_a_lead_who_has_to_go_is_stored_with_what_was_told() -> None:
    desk = MemoryDesk(lambda: NOW)
    call = call_to(tenant_of("real-estate-leads"), desk)
    await call.answer()
    await says(call, "I want to sell my house.", "450 thousand", "In three months.", "Just me.", "Dana Smith.")
    last = await call.say("Sorry I have to go, bye.")
    assert last.after.stage is Stage.ENDED
    (stored,) = desk.notes.messages
    assert (stored.message.reason, stored.message.name, stored.message.phone) == (Reason.LEAD, "Dana Smith", CALLER)
    assert not stored.message.is_confirmed
    assert last.disposition is Disposition.CALLBACK


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
