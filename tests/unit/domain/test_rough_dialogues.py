"""Calls that do not go smoothly: numbers in pieces, misunderstandings, silence, a store that fails, hanging up."""

from __future__ import annotations

from agent.domain.call import EndReason
from agent.domain.events import Booked, CallerHungUp, Silent
from agent.domain.lines import LineKey
from agent.domain.notes import Reason
from agent.domain.outcome import Disposition, disposition
from agent.domain.requests import ConfirmBooking, ReleaseHold
from tests.unit.domain.booked_desk import booked, confirming
from tests.unit.domain.desk import Desk

K = LineKey


def test_a_number_in_pieces_is_put_together() -> None:
    desk = Desk()
    desk.answer()
    desk.hear("A cleaning on Thursday at 3, my name is Dana Smith.")
    assert desk.hear("five five five") == [K.ASK_PHONE_REST]
    assert desk.hear("oh one two three four five six") == [K.READ_BACK]
    assert desk.state.phone == "+15550123456"


def test_a_number_with_digits_too_many_is_asked_for_again_wherever_it_is_said() -> None:
    desk = Desk()
    desk.answer()
    desk.hear("A cleaning on Thursday at 3, my name is Dana Smith.")
    assert desk.hear("555-795-425-4220") == [K.ASK_PHONE_AGAIN]
    assert desk.hear("555-795-4220") == [K.READ_BACK]
    assert desk.hear("No, the number is 5 5 5 5 8 1 9 8 4 1 3 9.") == [K.ASK_PHONE_AGAIN]
    assert desk.hear("555-819-8413") == [K.READ_BACK]
    assert desk.state.phone == "+15558198413"


def test_what_we_have_already_said_again_with_a_no_is_read_back_once_more() -> None:
    desk = confirming()
    known = desk.state
    assert known.phone is not None
    again = f"No, the number is {known.phone.removeprefix('+1')}."
    assert desk.hear(again) == [K.READ_BACK]
    assert (desk.state.phone, desk.state.hold) == (known.phone, known.hold)
    assert desk.hear(again) == [K.READ_BACK]
    assert desk.hear(again) == [K.LOST, K.OFFER_MESSAGE]


def test_a_number_that_is_never_right_ends_in_the_offer_of_a_message() -> None:
    desk = Desk()
    desk.answer()
    desk.hear("A cleaning on Thursday at 3, my name is Dana Smith.")
    said = [desk.hear("555-795-425-4220") for _ in range(3)]
    assert said == [[K.ASK_PHONE_AGAIN], [K.ASK_PHONE_AGAIN], [K.LOST, K.OFFER_MESSAGE]]


def test_the_number_called_from_can_be_used() -> None:
    desk = Desk()
    desk.answer()
    desk.hear("A cleaning on Thursday at 3, my name is Dana Smith.")
    assert desk.hear("The number I'm calling from.") == [K.READ_BACK]
    assert desk.state.phone == desk.state.caller_number


def test_repeat_says_the_last_words_again_and_goes_nowhere() -> None:
    desk = confirming()
    before = desk.state.stage
    assert desk.hear("Can you repeat that?") == [K.READ_BACK]
    assert desk.state.stage is before


def test_goodbye_at_any_stage_gives_the_hold_back_and_hangs_up() -> None:
    desk = confirming()
    assert desk.hear("Never mind, goodbye.") == [K.FAREWELL]
    assert desk.is_hung_up
    assert not desk.holds
    assert disposition(desk.state) is Disposition.DECLINED


def test_words_without_meaning_are_asked_for_again_then_otherwise_then_a_way_out_is_offered() -> None:
    desk = Desk()
    desk.answer()
    assert desk.hear("Blah blah.") == [K.SORRY, K.ASK_HELP]
    assert desk.hear("Blah blah.") == [K.OR_LEAVE_MESSAGE, K.HINT_SERVICE, K.KEYS_ON_STAR]
    assert desk.hear("Blah blah.") == [K.LOST, K.OFFER_MESSAGE]
    assert desk.hear("Blah blah.") == [K.GIVE_UP_NOT_UNDERSTOOD]
    assert [message.reason for message in desk.messages.values()] == [Reason.NOT_UNDERSTOOD]
    assert desk.is_hung_up
    assert desk.state.wants_callback
    assert disposition(desk.state) is Disposition.CALLBACK


def test_progress_forgives_earlier_misunderstandings() -> None:
    desk = Desk()
    desk.answer()
    desk.hear("Blah.")
    desk.hear("Blah.")
    desk.hear("A cleaning.")
    assert desk.hear("Blah.") == [K.SORRY, K.ASK_WHEN]


def test_silence_is_asked_into_three_times() -> None:
    desk = Desk()
    desk.answer()
    assert desk.happen(Silent(1)) == [K.ASK_HELP, K.KEYS_WISH]
    assert desk.happen(Silent(2)) == [K.STILL_THERE]
    assert desk.happen(Silent(3)) == [K.GIVE_UP_SILENCE]
    assert desk.is_hung_up
    assert desk.state.end_reason is EndReason.SILENCE


def test_yes_to_are_you_still_there_confirms_nothing() -> None:
    desk = confirming()
    desk.happen(Silent(2))
    assert desk.hear("Yes.") == [K.READ_BACK]
    assert not any(isinstance(effect, ConfirmBooking) for effect in desk.effects)
    assert desk.hear("Yes.")[0] is K.BOOKED


def test_a_store_failure_is_tried_once_more_and_keeps_the_intent() -> None:
    desk = confirming()
    desk.failing = 1
    assert desk.hear("Yes.") == [K.STORE_TROUBLE]
    assert desk.hear("Yes, please.") == [K.BOOKED, K.ASK_ANYTHING_ELSE]
    first, second = [effect for effect in desk.effects if isinstance(effect, ConfirmBooking)]
    assert first == second


def test_a_second_store_failure_ends_politely() -> None:
    desk = confirming()
    desk.failing = 2
    desk.hear("Yes.")
    assert desk.hear("Yes.") == [K.GIVE_UP_STORE]
    assert desk.is_hung_up
    assert disposition(desk.state) is Disposition.CALLBACK
    assert [message.reason for message in desk.messages.values()] == [Reason.STORE_FAILED]
    assert not [effect for effect in desk.effects if isinstance(effect, ReleaseHold)]


def test_hanging_up_in_the_middle_gives_the_hold_back() -> None:
    desk = confirming()
    desk.happen(CallerHungUp())
    assert not desk.holds
    assert disposition(desk.state) is Disposition.ABANDONED


def test_a_booking_that_arrives_after_hanging_up_is_still_recorded() -> None:
    desk = booked()
    appointment = desk.state.appointments[0]
    late = confirming()
    late.happen(CallerHungUp())
    late.happen(Booked(appointment))
    assert disposition(late.state) is Disposition.BOOKED
