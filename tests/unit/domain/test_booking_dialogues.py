"""Whole bookings: what the caller says and corrects, what the agent asks, what is booked."""

from __future__ import annotations

from agent.domain.call import EndReason, Stage
from agent.domain.events import PromptCut
from agent.domain.facts import Expect
from agent.domain.lines import LineKey
from agent.domain.notes import Reason
from agent.domain.outcome import Disposition, disposition
from agent.domain.requests import ConfirmBooking, HoldOpening, ReleaseHold
from tests.unit.domain.booked_desk import booked, confirming
from tests.unit.domain.desk import Desk, local

K = LineKey


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


def test_the_same_again_for_somebody_else_is_noted_and_not_said_to_be_booked() -> None:
    desk = booked()
    for words in ("I also need a cleaning for my son next Thursday at 3.", "My name is Max Smith."):
        desk.hear(words)
    assert desk.hear("Yes.") == [K.SECOND_BY_CALLBACK, K.ASK_ANYTHING_ELSE]
    assert len(desk.booked) == len(desk.state.appointments) == 1
    (note,) = desk.messages.values()
    assert (note.reason, note.name, note.phone) == (Reason.CHANGE, "Max Smith", "+15550123456")
    assert note.text == "A second cleaning on Thursday, November 26 at 15:00"
    assert not desk.holds


def test_a_no_with_thanks_and_a_stray_today_is_a_goodbye() -> None:
    for words in ("No, that will be all for today. Thank you.", "No, that will be offered today. Thank you."):
        assert booked().hear(words) == [K.FAREWELL_BOOKED]
    assert booked().hear("No, can I come today instead?") != [K.FAREWELL_BOOKED]
