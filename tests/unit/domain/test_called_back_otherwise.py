"""Callers cut off in a change, a message or by keys, and what is kept of a call by its stage."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from agent.domain.appointments import Appointment
from agent.domain.call import advance, new_call
from agent.domain.events import Answered, CalledBack, CallerHungUp, Pressed, PromptCut, Said
from agent.domain.facts import Facts
from agent.domain.intent import Operation
from agent.domain.left import Became, Left, settled
from agent.domain.requests import CancelAppointment, ConfirmBooking, HoldOpening, MoveAppointment
from agent.domain.state import Stage
from tests.unit.domain.cut_off_calls import (
    GREETING,
    WISH,
    K,
    booked_by,
    call_again,
    cut_off,
    did,
    left_of,
)
from tests.unit.domain.desk import CALLER, NOW, TENANT, Desk


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
