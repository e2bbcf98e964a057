"""Whole conversations: what the caller says, what the agent asks, what is booked."""

from __future__ import annotations

from agent.domain.call import EndReason, Stage
from agent.domain.events import Booked, CallerHungUp, PromptCut, Silent
from agent.domain.facts import Expect
from agent.domain.lines import LineKey
from agent.domain.notes import Reason
from agent.domain.outcome import Disposition, disposition
from agent.domain.requests import ConfirmBooking, HoldOpening, ReleaseHold
from tests.unit.domain.desk import TENANT, Desk, local

K = LineKey


def confirming() -> Desk:
    """A desk that has just read everything back: cleaning, Thursday 26th at 3 PM, Dana Smith."""
    desk = Desk()
    desk.answer()
    assert desk.hear("I'd like a cleaning next Thursday at 3, my name is Dana Smith, 555-012-3456.")[-1] is K.READ_BACK
    return desk


def booked() -> Desk:
    desk = confirming()
    assert desk.hear("Yes.") == [K.BOOKED, K.ASK_ANYTHING_ELSE]
    return desk


def asked(desk: Desk) -> Expect:
    return desk.state.expects


def only_booking(desk: Desk) -> ConfirmBooking:
    (confirm,) = [effect for effect in desk.effects if isinstance(effect, ConfirmBooking)]
    return confirm


def test_a_booking_one_answer_at_a_time() -> None:
    desk = Desk()
    assert desk.answer() == [K.GREETING, K.AI_DISCLOSURE, K.RECORDING_NOTICE, K.ASK_HELP]
    assert desk.hear("I'd like to book an appointment.") == [K.ASK_SERVICE]
    assert desk.hear("A cleaning.") == [K.ASK_WHEN]
    assert asked(desk) is Expect.WHEN
    assert desk.hear("Next Thursday at 3.") == [K.HELD, K.ASK_NAME]
    assert asked(desk) is Expect.NAME
    assert desk.hear("It's Dana Smith.") == [K.ASK_PHONE]
    assert asked(desk) is Expect.PHONE
    assert desk.hear("555-012-3456") == [K.READ_BACK]
    assert asked(desk) is Expect.YES_NO
    assert desk.hear("Yes, that's right.") == [K.BOOKED, K.ASK_ANYTHING_ELSE]
    assert desk.hear("No, thanks.") == [K.FAREWELL_BOOKED]
    assert desk.is_hung_up
    confirm = only_booking(desk)
    assert (confirm.service_id, confirm.name, confirm.phone) == ("cleaning", "Dana Smith", "+15550123456")
    assert local(confirm.hold.opening.start_at) == "Thu 26 15:00"
    assert disposition(desk.state) is Disposition.BOOKED


def test_everything_in_one_sentence_goes_straight_to_the_read_back() -> None:
    desk = confirming()
    assert desk.state.stage is Stage.CONFIRMING
    assert not any(isinstance(effect, ConfirmBooking) for effect in desk.effects)


def test_facts_in_any_order() -> None:
    desk = Desk()
    desk.answer()
    assert desk.hear("My name is Dana Smith and my number is 555-012-3456.") == [K.ASK_SERVICE]
    assert desk.hear("Thursday at 3") == [K.ASK_SERVICE]
    assert desk.hear("a checkup") == [K.READ_BACK]


def test_a_changed_day_keeps_the_hour_exchanges_the_hold_and_is_read_back() -> None:
    desk = confirming()
    first = desk.state.hold
    assert first is not None
    assert desk.hear("No, Friday.") == [K.READ_BACK]
    assert desk.state.hold is not None
    assert local(desk.state.hold.opening.start_at) == "Fri 27 15:00"
    assert ReleaseHold(first.id) in desk.effects
    assert list(desk.holds) == [desk.state.hold.id]
    desk.hear("Yes.")
    assert local(only_booking(desk).hold.opening.start_at) == "Fri 27 15:00"


def test_a_changed_service_is_held_anew_with_its_own_duration() -> None:
    desk = confirming()
    assert desk.hear("Actually make it a filling.") == [K.READ_BACK]
    assert desk.state.hold is not None
    opening = desk.state.hold.opening
    assert (opening.end_at - opening.start_at).total_seconds() == 60 * 60
    assert len(desk.holds) == 1


def test_a_changed_number_is_read_back_without_touching_the_hold() -> None:
    desk = confirming()
    hold = desk.state.hold
    assert desk.hear("No, the number is 555-987-6543.") == [K.READ_BACK]
    assert desk.state.hold == hold
    desk.hear("Yes.")
    assert only_booking(desk).phone == "+15559876543"


def test_a_correction_while_the_name_is_asked_for() -> None:
    desk = Desk()
    desk.answer()
    desk.hear("A cleaning on Thursday at 3.")
    assert desk.hear("Actually, make it 4.") == [K.HELD, K.ASK_NAME]
    assert desk.state.hold is not None
    assert local(desk.state.hold.opening.start_at) == "Thu 26 16:00"


def test_whoever_wants_nothing_changed_after_all_hears_it_read_back_again() -> None:
    desk = confirming()
    assert desk.hear("No.") == [K.ASK_WHAT_TO_CHANGE]
    assert desk.hear("Nothing, that's all right.") == [K.READ_BACK]
    assert desk.hear("Yes.") == [K.BOOKED, K.ASK_ANYTHING_ELSE]


def test_no_and_nothing_to_change_over_and_over_ends_the_call() -> None:
    desk = confirming()
    for _ in range(12):
        if desk.is_hung_up:
            break
        desk.hear("No.")
    assert desk.is_hung_up
    assert desk.state.end_reason is EndReason.NOT_UNDERSTOOD
    assert not desk.state.appointments


def test_a_name_read_back_wrong_is_corrected_without_saying_that_it_is_one() -> None:
    desk = confirming()
    assert desk.hear("No, it's Dina Schmidt.") == [K.READ_BACK]
    assert desk.state.name == "Dina Schmidt"


def test_asked_again_for_a_time_that_is_taken_the_agent_says_so_again() -> None:
    desk = Desk()
    desk.answer()
    first = desk.hear("A cleaning next Thursday at 8 PM.")
    assert desk.hear("I'd like 8 PM.") == first == [K.NOT_FREE, K.OFFER_TWO_SAME_DAY]


def test_a_no_asks_what_to_change_and_a_yes_after_that_does_not_book() -> None:
    desk = confirming()
    assert desk.hear("No, that's wrong.") == [K.ASK_WHAT_TO_CHANGE]
    assert desk.hear("Yes.") == [K.READ_BACK_SHORT]
    assert desk.hear("Yes.")[0] is K.BOOKED


def test_a_yes_over_a_cut_read_back_is_not_enough() -> None:
    desk = confirming()
    desk.happen(PromptCut(heard_fraction=0.3))
    assert desk.hear("Yes.") == [K.READ_BACK_SHORT]
    assert desk.hear("Yes.")[0] is K.BOOKED


def test_a_yes_over_the_last_words_of_the_read_back_is_enough() -> None:
    desk = confirming()
    desk.happen(PromptCut(heard_fraction=0.9))
    assert desk.hear("Yes.")[0] is K.BOOKED


def test_a_range_is_offered_and_the_second_is_taken() -> None:
    desk = Desk()
    desk.answer()
    assert desk.hear("A cleaning on Thursday afternoon.") == [K.OFFER_TWO_SAME_DAY]
    offered = desk.state.offered
    assert desk.hear("The second one.") == [K.HELD, K.ASK_NAME]
    assert desk.state.hold is not None
    assert desk.state.hold.opening == offered[1]


def test_an_offer_is_taken_by_its_hour_and_refused_by_a_no() -> None:
    desk = Desk()
    desk.answer()
    desk.hear("A cleaning on Thursday afternoon.")
    hour = desk.state.offered[1].start_at.astimezone(TENANT.zone).hour - 12
    assert desk.hear("No, neither.") == [K.ASK_OTHER_TIME]
    assert desk.hear("Thursday afternoon.") == [K.OFFER_TWO_SAME_DAY]
    assert desk.hear(f"{hour} o'clock works.") == [K.HELD, K.ASK_NAME]


def test_the_earlier_offer_is_the_one_spoken_first() -> None:
    desk = Desk()
    desk.answer()
    assert desk.hear("A cleaning tomorrow at 10.") == [K.NOT_FREE, K.OFFER_TWO]
    desk.hear("The earlier one.")
    assert desk.state.hold is not None
    assert local(desk.state.hold.opening.start_at) == "Mon 23 10:00"


def test_a_yes_to_two_offers_picks_neither() -> None:
    desk = Desk()
    desk.answer()
    desk.hear("A cleaning on Thursday afternoon.")
    assert K.ASK_WHICH in desk.hear("Yes.")
    assert desk.state.stage is Stage.CHOOSING


def test_a_closed_day_is_answered_with_the_nearest_openings() -> None:
    desk = Desk()
    desk.answer()
    keys = desk.hear("A cleaning on Sunday at 3.")
    assert keys[0] is K.NOT_FREE
    assert keys[1] in (K.OFFER_TWO, K.OFFER_TWO_SAME_DAY)


def test_an_opening_taken_meanwhile_is_replaced_by_the_other_staff_member() -> None:
    desk = Desk(losing=1)
    desk.answer()
    assert desk.hear("A cleaning on Thursday at 3.") == [K.HELD, K.ASK_NAME]


def test_an_opening_taken_twice_offers_the_next_two() -> None:
    desk = Desk(losing=2)
    desk.answer()
    assert desk.hear("A cleaning on Thursday at 3.") == [K.JUST_TAKEN, K.OFFER_TWO_SAME_DAY]


def test_a_booking_lost_at_the_last_moment_books_nothing_unsaid() -> None:
    desk = confirming()
    desk.losing_bookings = 1
    assert desk.hear("Yes.") == [K.READ_BACK]
    assert desk.state.stage is Stage.CONFIRMING
    assert not desk.state.appointments


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


def test_a_contradictory_day_is_asked_about() -> None:
    desk = Desk()
    desk.answer()
    assert desk.hear("A cleaning on Monday the 1st.") == [K.ASK_DATE_CONFLICT]
    assert desk.hear("Tuesday at 10.") == [K.HELD, K.ASK_NAME]


def test_a_past_or_distant_time_is_refused_with_a_reason() -> None:
    desk = Desk()
    desk.answer()
    assert desk.hear("A cleaning yesterday.") == [K.TIME_IS_PAST]
    assert desk.hear("Today at 9 AM.") == [K.TIME_IS_PAST]
    assert desk.hear("October 1st at 3.") == [K.TIME_IS_TOO_FAR]


def test_a_second_booking_in_the_same_call_keeps_name_and_number() -> None:
    desk = booked()
    assert desk.hear("Yes, I also need a filling on Friday at 10.") == [K.READ_BACK]
    assert desk.hear("Yes.")[0] is K.BOOKED
    assert len(desk.state.appointments) == 2


def test_a_changed_name_after_booking_is_left_to_the_staff() -> None:
    desk = booked()
    assert desk.hear("Sorry, my name is Dana Smythe.") == [K.CHANGE_BY_CALLBACK, K.ASK_ANYTHING_ELSE]
    assert [message.text for message in desk.messages.values()] == ["Sorry, my name is Dana Smythe."]
    assert desk.state.wants_callback
    assert len(desk.booked) == 1


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


def test_only_an_explicit_yes_ever_books() -> None:
    for words in ("Thursday at 3?", "Dana Smith", "hmm", "What?", "a cleaning", "I don't know", "Thank you."):
        desk = confirming()
        desk.hear(words)
        assert not any(isinstance(effect, ConfirmBooking) for effect in desk.effects), words


def test_holds_are_asked_for_exactly_once_per_choice() -> None:
    desk = booked()
    assert sum(isinstance(effect, HoldOpening) for effect in desk.effects) == 1


def test_a_number_that_was_only_half_understood_at_the_read_back_books_nothing() -> None:
    desk = confirming()
    desk.hear("My number is it's four six nine, five five five, four six four correct five.")
    assert not desk.state.appointments
    desk.hear("Four six nine five five five four six four, correct.")
    assert not desk.state.appointments
