"""Callers whose call was cut off: what is kept of it by stage, and what they hear when they call back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from agent.domain.appointments import Appointment
from agent.domain.call import CallState, advance, new_call
from agent.domain.events import Answered, CalledBack, CallerHungUp, Pressed, PromptCut, Said, Silent
from agent.domain.facts import Facts
from agent.domain.intent import Operation
from agent.domain.leaving import what_is_left
from agent.domain.left import Became, Left, settled
from agent.domain.lines import LineKey
from agent.domain.outcome import Disposition, disposition
from agent.domain.requests import CancelAppointment, ConfirmBooking, HoldOpening, MoveAppointment
from agent.domain.state import Stage
from tests.unit.domain.desk import CALLER, NOW, TENANT, Desk, local

K = LineKey
GREETING = [K.GREETING, K.AI_DISCLOSURE, K.RECORDING_NOTICE]
WISH = "I'd like a cleaning next Thursday at 3, my name is Dana Smith, 555-012-3456."


def left_of(state: CallState) -> Left | None:
    return what_is_left(state, TENANT.id)


def cut_off(*turns: str, desk: Desk | None = None) -> tuple[Desk, Left | None]:
    """A call of these turns that ends without a goodbye, and what it left."""
    desk = desk or Desk()
    desk.answer()
    for words in turns:
        desk.hear(words)
    desk.happen(CallerHungUp())
    return desk, left_of(desk.state)


def call_again(desk: Desk, left: Left | None, caller: str | None = CALLER) -> list[LineKey]:
    assert left is not None
    desk.state = new_call(caller)
    desk.effects.clear()
    return desk.happen(CalledBack(left))


def booked_by(desk: Desk) -> list[str]:
    return [local(known.opening.start_at) for known in desk.booked.values()]


def did(desk: Desk, kind: type) -> int:
    return sum(isinstance(effect, kind) for effect in desk.effects)


def test_a_booking_cut_off_at_the_read_back_is_gone_on_with_and_made_once_after_a_yes_of_this_call() -> None:
    desk, left = cut_off(WISH)
    assert not desk.booked
    assert call_again(desk, left) == [*GREETING, K.WAS_CUT_OFF, K.GO_ON_BOOKING]
    assert not desk.effects, "nothing is reserved for a caller who may want something else"
    assert desk.hear("Yes, please.") == [K.READ_BACK]
    assert not desk.booked
    assert desk.hear("Yes.")[0] is K.BOOKED
    assert booked_by(desk) == ["Thu 26 15:00"]
    (customer,) = desk.customers.values()
    assert customer == ("Dana Smith", "+15550123456")
    assert disposition(desk.state) is Disposition.BOOKED


def test_before_the_yes_neither_name_nor_number_is_said() -> None:
    desk, left = cut_off(WISH)
    call_again(desk, left)
    said = {value for each in desk.lines for _, value in each.args}
    assert said == {"cleaning", desk.lines[-1].args[1][1]}
    assert desk.lines[-1].args[1][0] == "start_at"
    assert (desk.state.name, desk.state.phone) == (None, None)


def test_a_private_business_says_visit() -> None:
    private = replace(TENANT, is_private=True)
    desk = Desk(tenant=private)
    desk, left = cut_off(WISH, desk=desk)
    call_again(desk, left)
    assert dict(desk.lines[-1].args)["service"] == "visit"


@pytest.mark.parametrize(
    "words", ["No.", "No, something else.", "I'm calling about something different.", "No, cancel that."]
)
def test_whoever_wants_something_else_begins_anew_at_once(words: str) -> None:
    desk, left = cut_off(WISH)
    call_again(desk, left)
    assert desk.hear(words) == [K.ASK_HELP]
    assert desk.hear("A filling.") == [K.ASK_WHEN]
    assert desk.hear("Friday at 10.") == [K.HELD, K.ASK_NAME], "the name of the draft is not kept"


def test_another_wish_is_followed_without_a_word_about_the_draft() -> None:
    desk, left = cut_off(WISH)
    call_again(desk, left)
    assert desk.hear("No, I need a filling on Friday at 10.") == [K.HELD, K.ASK_NAME]
    desk.has_booked("whitening", "Monday at 9")
    desk.state = new_call(CALLER)
    assert left
    desk.happen(CalledBack(left))
    assert desk.hear("I already have an appointment, I want to cancel it.") == [K.FOUND_AND_CANCEL]


def test_somebody_else_who_asks_for_the_same_is_not_given_the_callers_name() -> None:
    desk, left = cut_off(WISH)
    call_again(desk, left)
    assert desk.hear("I'd like to book a cleaning on Thursday at 3.") == [K.HELD, K.ASK_NAME]
    assert desk.state.name is None


@pytest.mark.parametrize("words", ["Yes, but make it four.", "No, at four o'clock.", "Can we move it to four?"])
def test_a_draft_may_be_changed_as_it_is_taken_up(words: str) -> None:
    desk, left = cut_off(WISH)
    call_again(desk, left)
    assert desk.hear(words) == [K.READ_BACK]
    assert desk.state.hold is not None
    assert local(desk.state.hold.opening.start_at) == "Thu 26 16:00"


def test_an_opening_that_is_gone_by_then_is_replaced_by_offers() -> None:
    desk, left = cut_off(WISH)
    for _ in TENANT.staff:
        desk.has_booked("cleaning", "next Thursday at 3", phone="+15550199999")
    (first, *_) = desk.booked.values()
    for index, (key, known) in enumerate(list(desk.booked.items())):
        opening = replace(first.opening, staff_id=TENANT.staff[index].id)
        desk.booked[key] = replace(known, opening=opening)
    call_again(desk, left)
    assert desk.hear("Yes.")[-1] in (K.OFFER_TWO, K.OFFER_TWO_SAME_DAY, K.OFFER_ONE)
    assert not did(desk, ConfirmBooking)


@pytest.mark.parametrize(
    ("turns", "question", "next_question"),
    [
        (["A cleaning, please."], K.GO_ON_SERVICE, K.ASK_WHEN),
        (["A cleaning on Thursday afternoon."], K.GO_ON_SERVICE, None),
        (["A cleaning on Thursday at 3."], K.GO_ON_BOOKING, K.ASK_NAME),
        (["A cleaning on Thursday at 3.", "Dana Smith"], K.GO_ON_BOOKING, K.ASK_PHONE),
        (["A cleaning on Sunday at 3."], K.GO_ON_BOOKING, None),
    ],
)
def test_a_booking_goes_on_where_it_was(turns: list[str], question: LineKey, next_question: LineKey | None) -> None:
    desk, left = cut_off(*turns)
    assert call_again(desk, left)[-1] is question
    said = desk.hear("Yes.")[-1]
    assert said is not K.GO_ON_BOOKING
    assert said is next_question or next_question is None


def test_a_caller_cut_off_after_the_yes_hears_that_it_is_booked_and_booking_it_again_makes_no_second() -> None:
    desk = Desk()
    desk.answer()
    desk.hear(WISH)
    desk.hear("Yes.")
    desk.happen(PromptCut(0.2))
    desk.happen(CallerHungUp())
    assert call_again(desk, left_of(desk.state)) == [*GREETING, K.WAS_CUT_OFF, K.STILL_BOOKED, K.ASK_ANYTHING_ELSE]
    assert desk.hear("No, thanks.") == [K.FAREWELL_BOOKED]
    assert disposition(desk.state) is Disposition.DECLINED, "this call booked nothing"
    assert len(desk.booked) == 1


def test_what_is_still_booked_can_be_changed_as_if_it_had_been_booked_in_this_call() -> None:
    desk = Desk()
    desk.answer()
    desk.hear(WISH)
    desk.hear("Yes.")
    desk.happen(PromptCut(0.0))
    desk.happen(CallerHungUp())
    call_again(desk, left_of(desk.state))
    assert desk.hear("Actually, make it four.") == [K.READ_BACK_MOVE]
    assert desk.hear("Yes.")[0] is K.MOVED
    assert booked_by(desk) == ["Thu 26 16:00"]
    assert disposition(desk.state) is Disposition.MOVED


def test_something_else_after_the_news_is_asked_about() -> None:
    desk = Desk()
    desk.answer()
    desk.hear(WISH)
    desk.hear("Yes.")
    desk.happen(PromptCut(0.0))
    desk.happen(CallerHungUp())
    call_again(desk, left_of(desk.state))
    assert desk.hear("No, I'm calling about something else.") == [K.ASK_WHAT_ELSE]


def test_whoever_heard_that_it_is_booked_or_said_goodbye_is_greeted_like_anybody() -> None:
    desk, left = cut_off(WISH, "Yes.")
    assert len(desk.booked) == 1
    assert left is None
    for goodbye in ("No, thanks.", "Goodbye."):
        assert cut_off(WISH, goodbye if goodbye == "Goodbye." else "Yes.", goodbye)[1] is None


def test_a_call_that_we_could_not_go_on_with_tells_its_news_though_it_was_spoken() -> None:
    desk = Desk()
    desk.answer()
    desk.hear(WISH)
    desk.hear("Yes.")
    lost = replace(desk.state)
    desk.happen(CallerHungUp(is_cut_off=True))
    for state in (desk.state, lost):
        left = left_of(state)
        assert left is not None
        assert (left.operation, left.is_done) == (Operation.BOOK, True)


def test_a_silence_that_ends_the_call_may_be_a_dead_line() -> None:
    desk = Desk()
    desk.answer()
    desk.hear(WISH)
    for count in (1, 2, 3):
        desk.happen(Silent(count))
    assert desk.is_hung_up
    left = left_of(desk.state)
    assert left is not None
    assert call_again(desk, left)[-1] is K.GO_ON_BOOKING


def test_a_withheld_number_is_never_recognised() -> None:
    desk = Desk(state=new_call(None))
    assert cut_off(WISH, desk=desk)[1] is None


def in_the_middle(*turns: str) -> tuple[Desk, Appointment]:
    desk = Desk()
    known = desk.has_booked("cleaning", "Thursday at 3")
    desk.answer()
    for words in turns:
        desk.hear(words)
    return desk, known


def test_a_cancellation_cut_off_before_the_yes_is_asked_about_again() -> None:
    desk, _ = in_the_middle("I want to cancel my appointment.")
    desk.happen(CallerHungUp())
    assert call_again(desk, left_of(desk.state)) == [*GREETING, K.WAS_CUT_OFF, K.FOUND_AND_CANCEL]
    assert not did(desk, CancelAppointment)
    assert desk.hear("Yes.")[0] is K.CANCELLED
    assert not desk.booked


def test_a_cancellation_is_dropped_for_something_else() -> None:
    desk, _ = in_the_middle("I want to cancel my appointment.")
    desk.happen(CallerHungUp())
    call_again(desk, left_of(desk.state))
    assert desk.hear("I'm calling about something different.") == [K.KEPT, K.ASK_ANYTHING_ELSE]
    assert len(desk.booked) == 1


def test_a_cancellation_that_was_not_heard_is_told() -> None:
    desk, _ = in_the_middle("I want to cancel my appointment.", "Yes.")
    desk.happen(PromptCut(0.1))
    desk.happen(CallerHungUp())
    assert call_again(desk, left_of(desk.state)) == [*GREETING, K.WAS_CUT_OFF, K.STILL_CANCELLED, K.ASK_ANYTHING_ELSE]


@pytest.mark.parametrize("turns", [["I need to move my appointment."], ["Move my appointment to Friday at 10."]])
def test_a_move_goes_on_after_a_yes_and_the_old_time_stands_until_another(turns: list[str]) -> None:
    desk, known = in_the_middle(*turns)
    desk.happen(CallerHungUp())
    assert call_again(desk, left_of(desk.state)) == [*GREETING, K.WAS_CUT_OFF, K.GO_ON_MOVE]
    said = desk.hear("Yes.")
    if said == [K.FOUND_AND_MOVE]:
        said = desk.hear("Friday at 10.")
    assert said == [K.READ_BACK_MOVE]
    assert [each.id for each in desk.booked.values()] == [known.id]
    assert desk.hear("Yes.")[0] is K.MOVED
    assert booked_by(desk) == ["Fri 27 10:00"]


def test_a_move_that_was_not_heard_is_told() -> None:
    desk, _ = in_the_middle("Move my appointment to Friday at 10.", "Yes.")
    desk.happen(PromptCut(0.1))
    desk.happen(CallerHungUp())
    assert call_again(desk, left_of(desk.state))[-2:] == [K.STILL_MOVED, K.ASK_ANYTHING_ELSE]
    assert dict(desk.lines[-2].args)["start_at"].startswith("2026-11-27")


def test_what_took_a_name_to_be_found_is_not_told_to_the_number() -> None:
    desk = Desk()
    desk.has_booked("cleaning", "Thursday at 3", phone="+15550187654")
    desk.answer()
    for words in ("I want to cancel my appointment.", "555-018-7654", "Dana Smith"):
        desk.hear(words)
    assert desk.state.stage is Stage.CONFIRMING_CANCEL
    asked = desk.state
    desk.happen(CallerHungUp())
    assert left_of(desk.state) is None
    desk.state = asked
    desk.hear("Yes.")
    desk.happen(PromptCut(0.0))
    desk.happen(CallerHungUp())
    assert desk.state.done == (Operation.CANCEL,)
    assert left_of(desk.state) is None


def test_a_message_cut_off_was_kept_and_that_is_told() -> None:
    desk, left = cut_off("I'd like to leave a message.", "Please tell Dr. Lee I'm running late.")
    assert len(desk.messages) == 1
    assert call_again(desk, left) == [*GREETING, K.WAS_CUT_OFF, K.STILL_NOTED, K.ASK_ANYTHING_ELSE]


def test_a_message_of_which_nothing_was_said_is_asked_for() -> None:
    desk, left = cut_off("I'd like to leave a message.")
    assert call_again(desk, left) == [*GREETING, K.WAS_CUT_OFF, K.GO_ON_MESSAGE]
    assert desk.hear("Yes.") == [K.ASK_MESSAGE]


def test_keys_alone_go_on_or_drop_it() -> None:
    for key, leads_to in (("1", K.READ_BACK), ("2", K.ASK_HELP)):
        desk = Desk()
        desk.answer()
        desk.hear(WISH)
        desk.happen(Pressed("*"))
        desk.happen(CallerHungUp())
        said = call_again(desk, left_of(desk.state))
        assert said[-2:] == [K.GO_ON_BOOKING, K.KEYS_YES_NO], "who pressed keys hears which"
        assert leads_to in desk.happen(Pressed(key))


def test_cut_off_while_asked_whether_to_go_on_leaves_the_same_as_before() -> None:
    desk, left = cut_off(WISH)
    call_again(desk, left)
    desk.happen(CallerHungUp())
    assert left_of(desk.state) == left


def test_a_question_is_answered_and_the_offer_to_go_on_stands() -> None:
    desk, left = cut_off(WISH)
    call_again(desk, left)
    assert desk.hear("How much is a cleaning?")[-1] is K.GO_ON_BOOKING
    assert desk.hear("Yes.") == [K.READ_BACK]


def test_a_time_that_has_gone_by_is_not_offered_to_go_on_with() -> None:
    _, left = cut_off(WISH)
    assert left is not None
    step = advance(new_call(CALLER), CalledBack(left), NOW + timedelta(days=30), TENANT)
    assert step.say[-1].key is K.GO_ON_SERVICE


def test_a_service_that_is_not_offered_any_more_is_nothing_to_go_on_with() -> None:
    desk, left = cut_off(WISH)
    assert left is not None
    assert call_again(desk, replace(left, service_id="gone")) == [*GREETING, K.ASK_HELP]
    assert desk.state.left is None


def test_nothing_is_left_of_calls_that_had_not_begun_or_told_no_wish() -> None:
    assert left_of(advance(new_call(CALLER), CallerHungUp(), NOW, TENANT).state) is None
    assert cut_off()[1] is None
    assert cut_off("When are you open?")[1] is None


#: A commit that was under way when the caller left; its answer came late, or never.
UNDER_WAY = (
    ((WISH,), ConfirmBooking),
    (("Move my appointment to Friday at 10.",), MoveAppointment),
    (("I want to cancel my appointment.",), CancelAppointment),
)


@pytest.mark.parametrize(("turns", "effect"), UNDER_WAY, ids=lambda value: getattr(value, "__name__", ""))
def test_a_yes_that_was_being_stored_is_told_once_its_answer_came(turns: tuple[str, ...], effect: type) -> None:
    desk = Desk() if effect is ConfirmBooking else in_the_middle()[0]
    if desk.state.stage is Stage.RINGING:
        desk.answer()
    for words in turns:
        desk.hear(words)
    storing = advance(desk.state, Said(Facts(answer=True)), NOW, TENANT)
    (asked_for,) = storing.effects
    assert isinstance(asked_for, effect)
    gone = advance(storing.state, CallerHungUp(), NOW, TENANT).state
    unanswered = left_of(gone)
    assert unanswered is not None
    assert not unanswered.is_done
    assert unanswered.key == (asked_for.intent_key if isinstance(asked_for, ConfirmBooking) else asked_for.change_key)
    reply = desk._run(asked_for)
    assert reply is not None
    late = left_of(advance(gone, reply, NOW, TENANT).state)
    assert late is not None
    assert (late.is_done, late.operation, late.key) == (True, unanswered.operation, None)


APPOINTMENT = Desk().has_booked("cleaning", "Thursday at 3")
MADE = replace(APPOINTMENT, id=UUID(int=5))
BY_KEY = Left(CALLER, Operation.BOOK, key="k", service_id="cleaning", name="Dana Smith")
CHANGED = Left(CALLER, Operation.MOVE, key="k", appointment=APPOINTMENT)


@pytest.mark.parametrize(
    ("left", "became", "is_done", "about"),
    [
        (BY_KEY, Became(), False, None),
        (BY_KEY, Became(made=MADE), True, MADE),
        (CHANGED, Became(stands=True), False, APPOINTMENT),
        (CHANGED, Became(made=MADE, is_off=True), True, MADE),
        (replace(CHANGED, operation=Operation.CANCEL), Became(stands=True), False, APPOINTMENT),
        (replace(CHANGED, operation=Operation.CANCEL), Became(is_off=True), True, APPOINTMENT),
        (replace(CHANGED, is_done=True), Became(stands=True), True, APPOINTMENT),
        (replace(CHANGED, is_done=True, operation=Operation.CANCEL), Became(), True, APPOINTMENT),
        (Left(CALLER, None), Became(), False, None),
    ],
)
def test_where_things_stand_is_asked_of_the_diary(
    left: Left, became: Became, is_done: bool, about: Appointment | None
) -> None:
    now = settled(left, became)
    assert now is not None
    assert (now.is_done, now.appointment) == (is_done, about)
    assert not (now.is_done and now.name)


@pytest.mark.parametrize("operation", [Operation.BOOK, Operation.MOVE, Operation.CANCEL])
@pytest.mark.parametrize("is_done", [True, False])
def test_an_appointment_that_somebody_else_has_changed_is_not_spoken_of(operation: Operation, is_done: bool) -> None:
    left = replace(CHANGED, operation=operation, is_done=is_done)
    unchanged = {(Operation.BOOK, False), (Operation.CANCEL, True)}
    assert (settled(left, Became()) is None) is ((operation, is_done) not in unchanged)


def test_no_opening_is_held_for_a_caller_who_has_not_said_yes() -> None:
    desk, left = cut_off(WISH)
    call_again(desk, left)
    assert not did(desk, HoldOpening)
    desk.happen(Answered())
    assert not desk.holds
