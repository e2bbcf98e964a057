"""Moving and cancelling through the conversation: said once it is done, done once whatever cuts in."""

from __future__ import annotations

import asyncio

from agent.domain.appointments import Appointment
from agent.domain.call import PENDING_STAGES, Stage
from agent.domain.events import StoreFailed
from tests.dialogue.fakes import Caller, Desk, read


async def with_cleaning() -> Desk:
    """A desk where this caller booked a cleaning on Thursday, December 3rd at 3 PM in an earlier call."""
    caller = Caller()
    await caller.answered()
    for words in ("A cleaning on Thursday at 3 PM.", "Dana Smith.", "555-012-3456.", "Yes."):
        await caller.says(words)
    assert len(caller.desk.bookings) == 1
    return caller.desk


async def asking_to_cancel(desk: Desk) -> Caller:
    caller = Caller(desk)
    await caller.answered()
    reply = await caller.says("I need to cancel my appointment.")
    assert "cleaning on Thursday, December 3rd at 3 PM" in reply
    return caller


async def asking_to_move(desk: Desk) -> Caller:
    caller = Caller(desk)
    await caller.answered()
    reply = await caller.says("Can I move my appointment to Friday?")
    assert "from Thursday, December 3rd at 3 PM, to Friday, December 4th at 3 PM" in reply
    return caller


def starts(desk: Desk) -> list[str]:
    return sorted(appointment.opening.start_at.isoformat() for appointment in desk.bookings)


async def test_a_cancellation_from_greeting_to_goodbye() -> None:
    desk = await with_cleaning()
    caller = await asking_to_cancel(desk)
    assert "cancelled" in await caller.says("Yes, please.")
    assert "Goodbye" in await caller.says("No, that's all.")
    assert not desk.bookings


async def test_a_move_from_greeting_to_goodbye() -> None:
    desk = await with_cleaning()
    caller = await asking_to_move(desk)
    assert "now on Friday, December 4th at 3 PM" in await caller.says("Yes.")
    assert "see you then" in await caller.says("No, thanks.")
    assert starts(desk) == ["2026-12-04T20:00:00+00:00"]
    assert len(desk.bookings) == 1
    assert not desk.holds


async def test_a_speculated_yes_changes_nothing() -> None:
    desk = await with_cleaning()
    for caller in (await asking_to_cancel(desk), await asking_to_move(desk)):
        await caller.conversation.reply_to("Yes.", "speculation", asked_at=caller.later())
    assert desk.changes == 0
    assert starts(desk) == ["2026-12-03T20:00:00+00:00"]


async def test_a_change_is_made_once_although_the_caller_cuts_in_while_it_is_being_made() -> None:
    for begin in (asking_to_cancel, asking_to_move):
        desk = await with_cleaning()
        caller = await begin(desk)
        desk.gate.clear()
        await caller.conversation.commit("Yes.", "turn-yes")
        caller.conversation.cut_off(0.0)
        impatient = asyncio.create_task(caller.says("Yes, please do."))
        await asyncio.sleep(0)
        desk.gate.set()
        await impatient
        assert desk.changes == 1
        assert caller.conversation.state.stage is Stage.DONE


async def test_a_yes_to_a_question_that_was_not_heard_changes_nothing() -> None:
    for begin in (asking_to_cancel, asking_to_move):
        desk = await with_cleaning()
        caller = await begin(desk)
        caller.conversation.cut_off(0.1)
        assert "cleaning" in await caller.says("Yes.")
        assert desk.changes == 0
        await caller.says("Yes.")
        assert desk.changes == 1


async def test_when_the_store_is_away_nothing_is_promised_and_the_same_change_is_tried_again() -> None:
    for begin, done in ((asking_to_cancel, "cancelled"), (asking_to_move, "now on Friday")):
        desk = await with_cleaning()
        caller = await begin(desk)
        desk.is_down = True
        reply = await caller.says("Yes.")
        assert done not in reply
        assert "try" in reply
        desk.is_down = False
        assert done in await caller.says("Yes, please.")
        assert desk.changes == 1


async def test_a_call_taken_over_while_an_appointment_was_being_moved_can_be_finished() -> None:
    desk = await with_cleaning()
    caller = await asking_to_move(desk)
    desk.gate.clear()
    await caller.conversation.commit("Yes.", "turn-yes")
    lost_state = caller.conversation.state
    assert lost_state.stage in PENDING_STAGES
    desk.gate.set()
    await caller.conversation.aclose()
    taken_over = Caller(desk, lost_state)
    assert "try" in await read((await taken_over.conversation.happen(StoreFailed())).speech)
    assert "now on Friday" in await taken_over.says("Yes.")
    assert starts(desk) == ["2026-12-04T20:00:00+00:00"]


async def test_a_caller_cut_off_while_moving_who_calls_back_hears_where_it_is_now() -> None:
    desk = await with_cleaning()
    caller = await asking_to_move(desk)
    await caller.conversation.commit("Yes.", "turn-yes")
    await caller.conversation.aclose()
    again = Caller(desk)
    await again.answered()
    reply = await again.says("I'd like to move my appointment to Friday at 3.")
    assert "already on Friday, December 4th at 3 PM" in reply
    assert desk.changes == 1


async def test_what_was_just_booked_is_moved_in_the_same_call() -> None:
    caller = Caller()
    await caller.answered()
    for words in ("A cleaning on Thursday at 3 PM.", "Dana Smith.", "555-012-3456.", "Yes."):
        await caller.says(words)
    assert "to Thursday, December 3rd at 4 PM" in await caller.says("Actually, can we make that 4 PM?")
    assert "now on Thursday, December 3rd at 4 PM" in await caller.says("Yes.")
    assert starts(caller.desk) == ["2026-12-03T21:00:00+00:00"]


async def test_the_words_after_a_change_are_prefetched_and_are_the_words_then_spoken() -> None:
    for begin in (asking_to_cancel, asking_to_move):
        caller = await begin(await with_cleaning())
        caller.prefetched.clear()
        reply = await caller.says("Yes.")
        assert caller.prefetched[-1] == reply


async def test_every_state_along_a_change_can_be_stored_and_loaded() -> None:
    caller = await asking_to_move(await with_cleaning())
    await caller.says("Yes.")
    for state in caller.journal.states:
        assert type(state).from_json(state.to_json()) == state
    assert isinstance(caller.journal.states[-1].appointments[0], Appointment)
