"""Whole conversations about appointments that exist: found, moved, cancelled, or left as they are."""

from __future__ import annotations

import pytest

from agent.domain.appointments import Appointment
from agent.domain.call import Stage
from agent.domain.events import AppointmentGone, CallerHungUp, Cancelled, Moved, PromptCut, Silent
from agent.domain.lines import LineKey
from agent.domain.outcome import Disposition, disposition
from agent.domain.requests import CancelAppointment, MoveAppointment, ReleaseHold
from tests.unit.domain.booked_desk import cancelling, moving, times, with_cleaning
from tests.unit.domain.desk import Desk, local

K = LineKey


def test_the_callers_appointment_is_found_by_the_number_called_from_and_cancelled_on_a_yes() -> None:
    desk = cancelling()
    assert times(desk) == ["Thu 26 15:00"]
    assert desk.hear("Yes, please.") == [K.CANCELLED, K.ASK_ANYTHING_ELSE]
    assert times(desk) == []
    assert desk.hear("No, thanks.") == [K.FAREWELL]
    assert disposition(desk.state) is Disposition.CANCELLED


def test_a_no_leaves_the_appointment() -> None:
    desk = cancelling()
    assert desk.hear("No.") == [K.KEPT, K.ASK_ANYTHING_ELSE]
    assert times(desk) == ["Thu 26 15:00"]
    assert disposition(desk.state) is not Disposition.CANCELLED


def test_only_a_yes_to_what_was_heard_cancels() -> None:
    for words in ("Hmm.", "What?", "Dana Smith", "I don't know.", "Don't cancel it.", "Can you repeat that?"):
        desk = cancelling()
        desk.hear(words)
        assert times(desk) == ["Thu 26 15:00"], words
    desk = cancelling()
    desk.happen(PromptCut(0.3))
    assert desk.hear("Yes.") == [K.FOUND_AND_CANCEL]
    assert desk.hear("Yes, cancel it.")[0] is K.CANCELLED


@pytest.mark.parametrize(
    "words", ["Why would you cancel it?", "Wait what, you're cancelling it?", "Before you cancel it, what time was it?"]
)
def test_to_speak_of_cancelling_is_no_yes_and_the_question_is_asked_again(words: str) -> None:
    desk = cancelling()
    assert desk.hear(words)[-1] in (K.FOUND_AND_CANCEL, K.SHALL_I_CANCEL)
    assert times(desk) == ["Thu 26 15:00"]
    assert desk.hear("Yes.")[0] is K.CANCELLED


@pytest.mark.parametrize(
    "words", ["Please cancel it.", "Yes, please cancel it.", "Cancel my appointment.", "Yes, Thursday."]
)
def test_a_plain_order_or_a_yes_that_names_it_cancels(words: str) -> None:
    desk = cancelling()
    assert desk.hear(words)[0] is K.CANCELLED
    assert times(desk) == []


@pytest.mark.parametrize("words", ["Please cancel the one on Friday.", "Yes, cancel my checkup.", "No, the checkup."])
def test_another_appointment_than_the_one_read_back_is_looked_for(words: str) -> None:
    desk = Desk()
    desk.has_booked("cleaning", "Thursday at 3 PM")
    desk.has_booked("checkup", "Friday at 10 AM")
    desk.answer()
    desk.hear("I need to cancel my cleaning.")
    assert desk.hear(words) == [K.FOUND_AND_CANCEL]
    assert times(desk) == ["Fri 27 10:00", "Thu 26 15:00"]
    assert desk.hear("Yes.")[0] is K.CANCELLED
    assert times(desk) == ["Thu 26 15:00"]


def test_another_appointment_that_there_is_not_is_led_out() -> None:
    desk = cancelling()
    for _ in range(4):
        desk.hear("Please cancel the one on Friday.")
        assert times(desk) == ["Thu 26 15:00"]
    assert desk.state.stage is Stage.WAY_OUT


def test_to_cancel_another_one_is_not_to_cancel_the_one_that_is_moved() -> None:
    desk = with_cleaning()
    desk.has_booked("checkup", "Monday at 10 AM")
    desk.hear("Can I move my cleaning to Friday?")
    assert desk.hear("Please cancel my checkup.") == [K.FOUND_AND_CANCEL]
    assert not desk.holds
    assert desk.hear("Yes.")[0] is K.CANCELLED
    assert times(desk) == ["Thu 26 15:00"]


def test_yes_to_are_you_still_there_cancels_nothing() -> None:
    desk = cancelling()
    desk.happen(Silent(2))
    assert desk.hear("Yes.") == [K.FOUND_AND_CANCEL]
    assert times(desk) == ["Thu 26 15:00"]


def test_a_move_reads_back_old_and_new_and_swaps_them_on_a_yes() -> None:
    desk = moving()
    assert desk.state.last_lines[0].args == (
        ("now_at", "2026-11-26T20:00:00+00:00"), ("service", "cleaning"), ("start_at", "2026-11-27T20:00:00+00:00"),
    )  # fmt: skip
    assert times(desk) == ["Thu 26 15:00"]
    assert desk.hear("Yes.") == [K.MOVED, K.ASK_ANYTHING_ELSE]
    assert times(desk) == ["Fri 27 15:00"]
    assert not desk.holds
    assert desk.hear("No, that's all.") == [K.FAREWELL_BOOKED]
    assert disposition(desk.state) is Disposition.MOVED


def test_a_move_asks_for_the_time_it_was_not_told() -> None:
    desk = with_cleaning()
    assert desk.hear("I need to reschedule.") == [K.FOUND_AND_MOVE]
    assert desk.hear("Friday at 10.") == [K.READ_BACK_MOVE]
    assert desk.hear("Yes.")[0] is K.MOVED
    assert times(desk) == ["Fri 27 10:00"]


def test_who_cannot_come_is_offered_another_time() -> None:
    desk = with_cleaning()
    assert desk.hear("I can't make it on Thursday.") == [K.FOUND_AND_MOVE]
    assert desk.hear("Just cancel it, please.") == [K.FOUND_AND_CANCEL]
    assert desk.hear("Yes.")[0] is K.CANCELLED


def test_a_move_is_corrected_before_it_is_made() -> None:
    desk = moving()
    first = desk.state.hold
    assert first is not None
    assert desk.hear("Actually, make it 4.") == [K.READ_BACK_MOVE]
    assert ReleaseHold(first.id) in desk.effects
    assert desk.hear("Yes.")[0] is K.MOVED
    assert times(desk) == ["Fri 27 16:00"]


def test_a_move_to_a_range_offers_two_and_holds_the_chosen_one() -> None:
    desk = with_cleaning()
    assert desk.hear("Can we move my cleaning to Friday afternoon?") == [K.OFFER_TWO_SAME_DAY]
    chosen = desk.state.offered[1]
    assert desk.hear("The second one.") == [K.READ_BACK_MOVE]
    assert desk.state.hold is not None
    assert desk.state.hold.opening == chosen


def test_a_no_to_the_move_asks_for_another_time_and_a_second_no_leaves_it() -> None:
    desk = moving()
    assert desk.hear("No.") == [K.ASK_OTHER_TIME]
    assert desk.hear("No.") == [K.KEPT, K.ASK_ANYTHING_ELSE]
    assert times(desk) == ["Thu 26 15:00"]
    assert not desk.holds


def test_a_move_turns_into_a_cancellation_and_gives_the_hold_back() -> None:
    desk = moving()
    assert desk.hear("No, just cancel it.") == [K.FOUND_AND_CANCEL]
    assert not desk.holds
    assert desk.hear("Yes.")[0] is K.CANCELLED
    assert times(desk) == []


def test_a_cancellation_turns_into_a_move() -> None:
    desk = cancelling()
    assert desk.hear("No, move it to Friday instead.") == [K.READ_BACK_MOVE]
    assert desk.hear("Yes.")[0] is K.MOVED
    assert times(desk) == ["Fri 27 15:00"]


def test_half_an_hour_later_is_free_although_it_overlaps_the_appointment_itself() -> None:
    desk = with_cleaning()
    (own,) = desk.booked.values()
    assert desk.hear("Can I move my appointment to 3:30?") == [K.READ_BACK_MOVE]
    assert desk.state.hold is not None
    assert desk.state.hold.opening.staff_id == own.opening.staff_id
    assert desk.hear("Yes.")[0] is K.MOVED
    assert times(desk) == ["Thu 26 15:30"]


def test_the_time_it_has_now_is_not_offered() -> None:
    desk = with_cleaning()
    desk.hear("Can I move my appointment to Thursday afternoon?")
    assert desk.state.offered
    assert "Thu 26 15:00" not in [local(opening.start_at) for opening in desk.state.offered]


def test_a_move_to_where_it_is_already_asks_for_another_time() -> None:
    desk = with_cleaning()
    assert desk.hear("Please move my appointment to Thursday at 3.") == [K.ASK_OTHER_THAN_NOW]
    assert desk.hear("At 4.") == [K.READ_BACK_MOVE]


def test_the_service_of_an_appointment_does_not_change_with_its_time() -> None:
    desk = moving()
    assert desk.hear("Yes, my filling.")[0] is K.MOVED
    assert {appointment.service_id for appointment in desk.booked.values()} == {"cleaning"}


def test_a_new_time_that_was_lost_meanwhile_moves_nothing() -> None:
    desk = moving()
    desk.losing_bookings = 1
    keys = desk.hear("Yes.")
    assert keys == [K.READ_BACK_MOVE]
    assert "Thu 26 15:00" in times(desk)
    assert desk.state.stage is Stage.CONFIRMING_MOVE


def test_an_appointment_that_somebody_else_changed_is_left_alone() -> None:
    for desk in (moving(), cancelling()):
        desk.booked.clear()
        assert desk.hear("Yes.") == [K.APPOINTMENT_GONE, K.ASK_ANYTHING_ELSE]
        assert not desk.holds


@pytest.mark.parametrize(("begin", "kind"), [(moving, MoveAppointment), (cancelling, CancelAppointment)])
def test_a_change_that_storage_did_not_answer_is_retried_word_for_word(begin: object, kind: type) -> None:
    assert callable(begin)
    desk = begin()
    desk.failing = 1
    assert desk.hear("Yes.") == [K.STORE_TROUBLE]
    assert desk.hear("Yes, on Monday at 9.")[0] in (K.MOVED, K.CANCELLED)
    first, second = (effect for effect in desk.effects if isinstance(effect, kind))
    assert first == second


def test_a_look_up_that_failed_is_tried_once_more() -> None:
    desk = with_cleaning()
    desk.failing = 1
    assert desk.hear("I want to cancel my appointment.") == [K.STORE_TROUBLE]
    assert desk.hear("Yes.") == [K.FOUND_AND_CANCEL]


def test_hanging_up_before_the_yes_changes_nothing_and_leaves_no_hold() -> None:
    desk = moving()
    desk.happen(CallerHungUp())
    assert times(desk) == ["Thu 26 15:00"]
    assert not desk.holds
    assert disposition(desk.state) is Disposition.ABANDONED


def test_a_change_that_is_answered_after_hanging_up_is_still_recorded() -> None:
    appointment = next(iter(cancelling().booked.values()))
    for event, result in ((Moved(appointment), Disposition.MOVED), (Cancelled(appointment), Disposition.CANCELLED)):
        desk = cancelling()
        desk.happen(CallerHungUp())
        desk.happen(event)
        assert disposition(desk.state) is result
    desk.happen(AppointmentGone())
    assert disposition(desk.state) is Disposition.CANCELLED


def test_goodbye_in_the_middle_says_that_nothing_has_changed() -> None:
    desk = moving()
    assert desk.hear("Never mind, goodbye.") == [K.FAREWELL_KEPT]
    assert times(desk) == ["Thu 26 15:00"]
    assert not desk.holds


def test_the_day_an_appointment_is_on_and_the_day_it_is_moved_to_are_kept_apart() -> None:
    desk = with_cleaning()
    desk.has_booked("checkup", "Friday at 2 PM")
    assert desk.hear("Can I move my Friday appointment to Monday the 30th at 9?") == [K.READ_BACK_MOVE]
    assert desk.hear("Yes.")[0] is K.MOVED
    assert times(desk) == ["Mon 30 09:00", "Thu 26 15:00"]


def test_a_stored_call_in_the_middle_of_a_change_goes_on() -> None:
    desk = moving()
    again = Desk(state=type(desk.state).from_json(desk.state.to_json()), booked=desk.booked, holds=desk.holds)
    again.customers = desk.customers
    assert again.hear("Yes.")[0] is K.MOVED


def test_a_retried_move_is_the_same_intent_and_another_time_is_another() -> None:
    keys = set()
    for words in ("Friday at 10", "Friday at 10", "Friday at 11"):
        desk = with_cleaning()
        desk.hear("I need to reschedule.")
        desk.hear(words)
        desk.hear("Yes.")
        (move,) = (effect for effect in desk.effects if isinstance(effect, MoveAppointment))
        keys.add((move.change_key, move.booking_key))
        assert isinstance(move.appointment, Appointment)
    assert len(keys) == 2
