"""Callers who press keys, on virtual time: whole bookings, changes and messages, and keys among words."""

from __future__ import annotations

import asyncio
from datetime import date
from types import SimpleNamespace

import pytest
from livekit.agents.stt import STTError

from agent.domain.call import new_call
from agent.domain.events import INAUDIBLE
from agent.domain.notes import Reason
from agent.domain.outcome import Disposition, disposition
from tests.dialogue.fakes import NOW, TENANT, Caller
from tests.dialogue.keys import TO_THE_NUMBER, at, virtually
from tests.dialogue.telephone import Telephone
from tests.dialogue.virtual_time import run_virtually

MONDAY, THURSDAY = date(2026, 11, 30), date(2026, 12, 3)


@virtually
async def test_a_whole_booking_is_made_by_keys_alone() -> None:
    phone = await at()
    assert "press 2" in await phone.keys("1")
    assert "first opening, press 1" in await phone.keys("1")
    assert "Which would you like? For the first, press 1" in await phone.keys("1")
    assert "instead of a name, press 1" in await phone.keys("2")
    assert "enter the ten digits" in await phone.keys("1")
    read_back = await phone.keys("5550987654")
    assert "for Caller ending 7 6 5 4, phone: 555-098-7654. Is that right? For yes, press 1" in read_back
    assert "You are booked" in await phone.keys("1")
    assert "Goodbye" in await phone.keys("2")
    await phone.hung_up.wait()
    (booking,) = phone.caller.desk.bookings
    assert (booking.service_id, booking.name, booking.phone) == ("cleaning", "Caller ending 7654", "+15550987654")
    assert booking.opening.start_at.astimezone(TENANT.zone).date() == MONDAY
    assert disposition(phone.state) is Disposition.BOOKED
    assert phone.caller.desk.confirmations == 1


@virtually
async def test_a_day_and_a_time_are_entered_as_digits() -> None:
    phone = await at("1", "2", "2", "1203")
    assert "Thursday, December 3rd" in phone.line.heard[-1]
    await phone.keys("3")
    await phone.keys("3")
    assert "Thursday, December 3rd at 3:30 PM" in await phone.keys("0330")
    assert phone.state.hold is not None
    assert phone.state.service_id == "checkup"


@virtually
async def test_keys_and_words_may_be_mixed() -> None:
    phone = await at()
    await phone.says("I'd like a cleaning.")
    await phone.keys("2")
    await phone.keys("1203")
    await phone.says("The second one.")
    await phone.says("Dana Smith.")
    assert "for Dana Smith, phone: 555-012-3456" in await phone.keys("1")
    await phone.says("Yes.")
    (booking,) = phone.caller.desk.bookings
    assert (booking.name, booking.opening.start_at.astimezone(TENANT.zone).date()) == ("Dana Smith", THURSDAY)


@virtually
async def test_a_booking_is_corrected_by_keys() -> None:
    phone = await at(*TO_THE_NUMBER, "1")
    first = phone.state.hold
    assert "For another time, press 1" in await phone.keys("2")
    await phone.keys("1")
    await phone.keys("2")
    assert "Thursday, December 3rd" in await phone.keys("1203")
    assert first is not None
    assert phone.state.hold is not None
    assert phone.state.hold.opening.start_at.astimezone(TENANT.zone).date() == THURSDAY
    await phone.keys("2")
    await phone.keys("3")
    assert "555-098-7654" in await phone.keys("5550987654")
    await phone.keys("2")
    await phone.keys("2")
    assert "cleaning" in await phone.keys("1"), "the same service again is no misunderstanding"
    await phone.keys("1")
    (booking,) = phone.caller.desk.bookings
    assert (booking.name, booking.phone) == ("Caller ending 7654", "+15550987654")
    assert not phone.caller.desk.holds


@virtually
async def test_an_appointment_is_cancelled_and_another_moved_by_keys() -> None:
    first = await at(*TO_THE_NUMBER, "1", "1")
    desk = first.caller.desk
    again = await at("2", caller=Caller(desk))
    assert "For another day, press 2." in again.line.heard[-1]
    await again.keys("2")
    assert "So I'll move your cleaning" in await again.keys("1203")
    await again.keys("1")
    (booking,) = desk.bookings
    assert booking.opening.start_at.astimezone(TENANT.zone).date() == THURSDAY
    last = await at("3", caller=Caller(desk))
    assert "Shall I cancel it? For yes, press 1" in last.line.heard[-1]
    await last.keys("1")
    assert not desk.bookings


@virtually
async def test_a_caller_without_a_voice_leaves_word_to_be_called_back() -> None:
    phone = await at("0")
    assert "Shall I take a message, so someone can call you back? For yes, press 1" in phone.line.heard[-1]
    assert "For a call back, press 1." in await phone.keys("1")
    assert "Is it urgent? For yes, press 1" in await phone.keys("1")
    assert "press 1" in await phone.keys("2")
    read_back = await phone.keys("1")
    assert "Your message: Please call me back. Your number: 555-012-3456. Is that right? For yes, press 1" in read_back
    assert "I've passed that on" in await phone.keys("1")
    (taken,) = phone.caller.desk.notes.messages
    assert (taken.message.text, taken.message.is_confirmed) == ("Please call me back.", True)


@virtually
async def test_a_key_into_the_read_back_of_a_message_stores_nothing_that_was_not_heard() -> None:
    phone = await at("0", "1", "1", "2")
    await phone.press("1")
    await phone.heard_up_to("Your message")
    assert "Is that right?" in await phone.keys("1")
    assert not phone.caller.desk.notes.messages
    await phone.keys("1")
    assert len(phone.caller.desk.notes.messages) == 1


@virtually
async def test_keys_that_are_not_understood_lead_to_a_call_back_that_is_stored() -> None:
    phone = await at("1", *"888")
    assert "Shall I take a message" in phone.line.heard[-1]
    for _ in range(3):
        last = await phone.keys("8")
    assert "call you back" in last
    assert [taken.message.reason for taken in phone.caller.desk.notes.messages] == [Reason.NOT_UNDERSTOOD]
    assert disposition(phone.state) is Disposition.CALLBACK


@virtually
async def test_a_caller_who_is_not_recognised_books_by_keys() -> None:
    phone = await at()
    reply = await phone.says(INAUDIBLE)
    assert reply.startswith("I'm having trouble hearing you. Please use the keys")
    assert "For a new appointment, press 1." in reply
    for keys in (*TO_THE_NUMBER, "1", "1"):
        await phone.keys(keys)
    assert len(phone.caller.desk.bookings) == 1


@virtually
async def test_a_recogniser_that_is_lost_for_good_is_replaced_by_keys_once() -> None:
    phone = await at()
    for is_recoverable in (True, False, False):
        failure = STTError(timestamp=0.0, label="ear", error=OSError(), recoverable=is_recoverable)
        phone.session.emit("error", SimpleNamespace(error=failure))
    assert "Please use the keys" in await phone.listened()
    await asyncio.sleep(5.0)
    assert sum("use the keys" in heard for heard in phone.line.heard) == 1
    assert phone.state.has_keypad


@virtually
async def test_the_keypad_is_remembered_by_the_agent_that_takes_over() -> None:
    phone = await at("1")
    taken_over = Telephone(Caller(phone.caller.desk, type(phone.state).from_json(phone.state.to_json())))
    await taken_over.live.begin()
    assert "press 1" in await taken_over.listened()


@virtually
async def test_a_withheld_number_is_entered() -> None:
    phone = await at(*TO_THE_NUMBER, caller=Caller(state=new_call(None)))
    assert "number you're calling from" not in phone.line.heard[-1]
    assert "can't use that" in await phone.keys("1")
    assert "Caller ending 3 4 5 6" in await phone.keys("5550123456")


@pytest.mark.parametrize("entry", ["1345", "2400", "99"])
def test_what_is_no_day_is_asked_for_again(entry: str) -> None:
    async def call() -> None:
        phone = await at("1", "1", "2")
        reply = await phone.keys(entry)
        assert reply.startswith("Sorry, I can't use that here. Please enter the month and day")
        assert "December 3rd" in await phone.keys("1203")

    run_virtually(call())


def test_the_tests_begin_on_a_monday() -> None:
    assert NOW.astimezone(TENANT.zone).date() == MONDAY
