"""What is being booked and what was booked before, kept apart in one call."""

from __future__ import annotations

import pytest

from agent.domain.call import Stage, new_call
from agent.domain.lines import LineKey
from agent.domain.outcome import Disposition, disposition
from agent.domain.requests import CancelAppointment, FindAppointments, HoldOpening, MoveAppointment
from tests.unit.domain.booked_desk import booked, cancelling, moving, times, with_cleaning
from tests.unit.domain.desk import CALLER, Desk, local

K = LineKey


@pytest.mark.parametrize(
    "before",
    [("A cleaning on Friday at 10.",), ("A cleaning on Friday at 10.", "Dana Smith", "555-012-3456"),
     ("A cleaning on Friday.",)],
)  # fmt: skip
def test_whoever_was_taken_for_booking_another_is_led_to_the_appointment_there_is(before: tuple[str, ...]) -> None:
    desk = with_cleaning()
    for words in before:
        desk.hear(words)
    assert desk.hear("No, I already have an appointment, I need to reschedule it.") == [K.FOUND_AND_MOVE]
    assert not desk.holds
    assert desk.hear("Friday at 11.") == [K.READ_BACK_MOVE]
    desk.hear("Yes.")
    assert times(desk) == ["Fri 27 11:00"]


def test_whoever_was_taken_for_moving_and_wants_another_books_one_and_keeps_the_first() -> None:
    desk = moving()
    assert desk.hear("No, I want to book another appointment.") == [K.ASK_SERVICE]
    assert not desk.holds
    assert desk.hear("A checkup on Friday at 11, my name is Dana Smith, 555-012-3456.") == [K.READ_BACK]
    desk.hear("Yes.")
    assert times(desk) == ["Fri 27 11:00", "Thu 26 15:00"]


def test_a_change_of_what_is_being_booked_is_none_of_an_appointment() -> None:
    desk = with_cleaning()
    desk.hear("A cleaning on Friday at 10, my name is Dana Smith, 555-012-3456.")
    assert desk.hear("No, change the appointment to 11.") == [K.READ_BACK]


def test_what_was_booked_in_this_call_is_moved_in_this_call() -> None:
    desk = booked()
    assert desk.hear("Actually, can we make that 4 PM?") == [K.READ_BACK_MOVE]
    assert desk.hear("Yes.") == [K.MOVED, K.ASK_ANYTHING_ELSE]
    assert times(desk) == ["Thu 26 16:00"]
    assert not desk.reads
    assert [local(a.opening.start_at) for a in desk.state.appointments] == ["Thu 26 16:00"]
    assert disposition(desk.state) is Disposition.BOOKED


def test_what_was_moved_can_be_moved_again_and_cancelled() -> None:
    desk = booked()
    for words in ("Actually, make it Friday.", "Sorry, make that 10 AM instead.", "Oh, please cancel it."):
        assert desk.hear(words)[-1] in (K.READ_BACK_MOVE, K.FOUND_AND_CANCEL), words
        desk.hear("Yes.")
    assert times(desk) == []
    assert disposition(desk.state) is Disposition.CANCELLED
    assert desk.hear("No, thanks.") == [K.FAREWELL]


def test_cancel_that_while_booking_drops_what_is_being_booked_and_nothing_else() -> None:
    desk = with_cleaning()
    desk.hear("I'd like a filling on Friday at 10.")
    assert desk.hear("Cancel that.") == [K.BOOKING_DROPPED, K.ASK_ANYTHING_ELSE]
    assert not desk.holds
    assert times(desk) == ["Thu 26 15:00"]


def test_a_correction_while_booking_is_no_wish_to_move_an_appointment() -> None:
    for words in ("Actually make it 4.", "Can we move it to 4?", "Change that to 4."):
        desk = with_cleaning()
        desk.hear("I'd like a filling on Friday at 10.")
        desk.hear(words)
        assert not desk.reads, words
        assert desk.state.hold is not None
        assert local(desk.state.hold.opening.start_at) == "Fri 27 16:00", words


def test_a_caller_who_rather_books_is_not_kept_in_the_search() -> None:
    desk = Desk()
    desk.answer()
    desk.hear("I'd like to change my appointment.")
    assert desk.hear("Oh, just book me a new cleaning on Friday at 10.") == [K.HELD, K.ASK_NAME]


def test_after_a_cancellation_a_new_time_is_a_new_booking() -> None:
    desk = cancelling()
    desk.hear("Yes.")
    assert desk.hear("Can you book me a cleaning on Friday at 10?") == [K.HELD, K.ASK_NAME]


def test_nothing_is_held_or_changed_for_a_caller_without_an_appointment() -> None:
    desk = Desk(state=new_call(CALLER))
    desk.answer()
    for words in ("I need to move my appointment to Friday.", "No.", "Dana Smith", "Thursday"):
        desk.hear(words)
    changing = (HoldOpening, MoveAppointment, CancelAppointment)
    assert not [effect for effect in desk.effects if isinstance(effect, changing)]
    assert desk.state.stage is Stage.DONE
    assert isinstance(desk.reads[0], FindAppointments)
    assert disposition(desk.state) is not Disposition.MOVED
