"""The wish to move or cancel an appointment, and which of two times is which."""

from __future__ import annotations

from datetime import date, time

import pytest

from agent.domain.facts import Expect, Facts, When, Wish
from agent.understanding import understand
from tests.unit.domain.desk import NOW, TENANT

THURSDAY = When(date(2026, 11, 26), date(2026, 11, 26))
FRIDAY = When(date(2026, 11, 27), date(2026, 11, 27))


def facts(text: str, expects: Expect = Expect.SERVICE) -> Facts:
    return understand(text, expects=expects, tenant=TENANT, now=NOW)


@pytest.mark.parametrize(
    "text",
    [
        "I need to reschedule.",
        "Can I move my appointment to Friday?",
        "I can't make it on Thursday.",
        "I'd like to change my appointment.",
        "I want to change the time of my appointment.",
        "Could you push my cleaning back to 4:30?",
        "I won't be able to come in on Monday.",
        "I have a cleaning on Thursday, can I move it to next week?",
        "Something came up and I need a different day for my appointment.",
        "I have to cancel and rebook for another day.",
        "We won't be coming in today.",
    ],
)
def test_who_wants_another_time_or_cannot_come_wishes_to_move(text: str) -> None:
    assert facts(text).wishes == {Wish.MOVE}


@pytest.mark.parametrize(
    "text",
    [
        "Cancel my appointment.",
        "I'd like to cancel.",
        "I'm calling to cancel the appointment I have on Thursday at 3.",
        "I made an appointment for Thursday and I would like to cancel it.",
        "I don't need my appointment anymore.",
        "Please call off my appointment.",
        "Cancel that.",
    ],
)
def test_who_says_so_wishes_to_cancel(text: str) -> None:
    assert facts(text).wishes == {Wish.CANCEL}


@pytest.mark.parametrize(
    "text",
    ["Change checkup appointment.", "I need to change a whitening appointment.", "Change dates of a booking.",
     "I'd like to change the date of my appointment.", "Reschedule an appointment"],
)  # fmt: skip
def test_an_appointment_may_be_moved_without_calling_it_ones_own(text: str) -> None:
    assert facts(text).wishes == {Wish.MOVE}


@pytest.mark.parametrize(
    "text",
    [
        "I'd like to book an appointment.",
        "Actually make it Friday.",
        "Move it to Friday.",
        "Can we make that 4 PM?",
        "Don't cancel it.",
        "Never cancel my appointment.",
        "What is your cancellation policy?",
        "Is there a fee if I cancel?",
        "No, cancel that, I meant Friday.",
        "I can't make that.",
        "I can't make either.",
        "Change of plans.",
        "A cleaning on Thursday at 3.",
    ],
)
def test_a_booking_a_correction_a_refusal_or_a_question_is_no_wish_to_change(text: str) -> None:
    assert not facts(text).wishes & {Wish.MOVE, Wish.CANCEL}
    assert facts(text).booked_when is None


@pytest.mark.parametrize(
    ("text", "booked", "wished"),
    [
        ("Can I move my appointment to Friday?", None, FRIDAY),
        ("Move my Thursday appointment to Friday.", THURSDAY, FRIDAY),
        ("Reschedule my cleaning from Thursday to Friday.", THURSDAY, FRIDAY),
        ("I can't make it on Thursday.", THURSDAY, None),
        ("I can't make it to my appointment on Thursday.", THURSDAY, None),
        ("I can't make Thursday, can we do Friday instead?", THURSDAY, FRIDAY),
        ("I can't make my appointment on Thursday. How about Friday?", THURSDAY, FRIDAY),
        ("I have an appointment on Thursday and I need to move it to Friday.", THURSDAY, FRIDAY),
        ("I need to cancel my appointment on Thursday.", THURSDAY, None),
        ("Change my 3 o'clock to 4 o'clock.", When(at=time(15)), When(at=time(16))),
        ("Is it possible to switch my appointment to noon?", None, When(at=time(12))),
        ("Can I get a different time for my appointment on Thursday?", THURSDAY, None),
        ("I need to reschedule.", None, None),
    ],
)
def test_the_time_it_is_booked_at_and_the_time_it_is_wished_at_are_kept_apart(
    text: str, booked: When | None, wished: When | None
) -> None:
    heard = facts(text)
    assert (heard.booked_when, heard.when) == (booked, wished)


def test_yes_with_a_reason_is_a_yes_and_a_no_with_one_a_no() -> None:
    assert facts("Yes, I can't make it on Thursday.", Expect.YES_NO).answer is True
    assert facts("No, I can't make it on Thursday.", Expect.YES_NO).answer is False


def test_a_name_and_a_number_are_heard_beside_the_wish() -> None:
    heard = facts("My name is Dana Smith and I need to cancel my appointment, my number is 555-012-3456.")
    assert (heard.name, heard.phone, heard.wishes) == ("Dana Smith", "+15550123456", {Wish.CANCEL})
