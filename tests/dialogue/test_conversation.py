"""Proposals leave nothing behind, commits count once, and effects survive whatever cuts in."""

from __future__ import annotations

import asyncio

from agent.dialogue.cues import cue
from agent.dialogue.prompts import load_prompts
from agent.domain.call import PENDING_STAGES, Stage
from agent.domain.events import Answered, Silent, StoreFailed
from agent.domain.facts import Expect
from tests.dialogue.fakes import NOW, Caller, Desk, read


async def to_the_readback(caller: Caller) -> str:
    await caller.answered()
    await caller.says("I'd like to book a cleaning.")
    await caller.says("Thursday at 3 PM.")
    await caller.says("Dana Smith.")
    return await caller.says("555-012-3456.")


async def test_a_booking_from_greeting_to_goodbye() -> None:
    caller = Caller()
    assert "Riverside Dental" in await caller.answered()
    assert "cleaning" in await caller.says("I'd like to book a cleaning.")
    assert "name" in await caller.says("Thursday at 3 PM.")
    assert "number" in await caller.says("Dana Smith.")
    readback = await caller.says("555-012-3456.")
    assert "Thursday, December 3rd at 3 PM" in readback
    assert "Dana Smith" in readback
    assert "booked" in await caller.says("Yes, that's right.")
    assert "Goodbye" in await caller.says("No, that's all, thank you.")
    assert caller.conversation.is_ended
    (booking,) = caller.desk.bookings
    assert booking.opening.start_at.isoformat() == "2026-12-03T20:00:00+00:00"
    assert (booking.service_id, booking.name, booking.phone) == ("cleaning", "Dana Smith", "+15550123456")


async def test_a_speculation_that_is_never_committed_changes_nothing() -> None:
    caller = Caller()
    await caller.answered()
    before = caller.conversation.state
    await caller.conversation.reply_to("A cleaning on Thursday at 3 PM.", "speculation", asked_at=caller.later())
    assert caller.conversation.state is before
    assert not caller.desk.holds
    assert len(caller.journal.proposals) == 1


async def test_the_reply_to_a_turn_may_be_asked_for_before_after_and_twice() -> None:
    caller = Caller()
    await caller.answered()
    early = await caller.conversation.reply_to("A cleaning, please.", "speculation", asked_at=caller.later())
    await caller.conversation.commit("a cleaning please", "turn")
    late = await caller.conversation.reply_to("A cleaning, please.", "turn", asked_at=caller.later())
    assert await read(early) == await read(late) == await read(late)
    assert sum(1 for p in caller.journal.proposals if p.facts is not None) == 1


async def test_a_reply_asked_for_while_its_turn_is_committed_is_the_committed_one() -> None:
    desk = Desk()
    caller = Caller(desk)
    await caller.answered()
    await caller.says("A cleaning, please.")
    desk.gate.clear()
    asked_at = caller.later()
    speculation = asyncio.create_task(caller.conversation.reply_to("Thursday at 3.", "speculation", asked_at=asked_at))
    commit = asyncio.create_task(caller.conversation.commit("Thursday at 3.", "turn"))
    await asyncio.sleep(0)
    desk.gate.set()
    await commit
    late = caller.conversation.reply_to("Thursday at 3.", "late speculation", asked_at=asked_at)
    assert await read(await speculation) == await read(await late) != ""


async def test_the_same_words_said_again_are_a_new_turn() -> None:
    caller = Caller()
    await caller.answered()
    first = await caller.says("Banana.")
    again = await caller.says("Banana.")
    assert caller.conversation.state.misses == 2
    assert first
    assert again


async def test_words_that_promise_wait_for_the_commit_and_its_outcome() -> None:
    desk = Desk()
    caller = Caller(desk)
    await to_the_readback(caller)
    desk.gate.clear()
    proposal = await caller.conversation.propose("Yes.")
    assert desk.confirmations == 0
    await caller.conversation.commit("Yes.", "turn")
    assert "booked" not in proposal.speech.text.lower()
    desk.gate.set()
    assert "booked" in await read(proposal.speech)


async def test_a_booking_is_made_once_although_the_caller_cuts_in_while_it_is_being_made() -> None:
    desk = Desk()
    caller = Caller(desk)
    await to_the_readback(caller)
    desk.gate.clear()
    await caller.conversation.commit("Yes.", "turn-yes")
    caller.conversation.cut_off(0.0)
    impatient = asyncio.create_task(caller.says("Yes, please book it."))
    await asyncio.sleep(0)
    desk.gate.set()
    await impatient
    assert desk.confirmations == 1
    assert len(desk.bookings) == 1
    assert caller.conversation.state.stage is not Stage.CONFIRMING


async def test_a_correction_after_the_readback_is_what_gets_booked() -> None:
    caller = Caller()
    await to_the_readback(caller)
    await caller.says("No, Friday.")
    reply = caller.conversation.state
    assert reply.stage is Stage.CONFIRMING
    await caller.says("Yes.")
    (appointment,) = caller.desk.bookings
    assert appointment.opening.start_at.isoformat() == "2026-12-04T20:00:00+00:00"
    assert not caller.desk.holds


async def test_an_opening_taken_meanwhile_is_never_promised() -> None:
    desk = Desk()
    caller = Caller(desk)
    await caller.answered()
    await caller.says("A cleaning, please.")
    proposal = await caller.conversation.propose("Thursday at 3 PM.")
    await desk.take(NOW.replace(month=12, day=3, hour=20))
    await caller.conversation.commit("Thursday at 3 PM.", "turn")
    reply = await read(proposal.speech)
    assert "taken" in reply
    assert caller.conversation.state.hold is None


async def test_when_the_store_is_away_the_caller_is_told_and_nothing_is_promised() -> None:
    desk = Desk()
    caller = Caller(desk)
    await to_the_readback(caller)
    desk.is_down = True
    reply = await caller.says("Yes.")
    assert "booked" not in reply
    assert "try" in reply
    desk.is_down = False
    assert "booked" in await caller.says("Yes, please.")
    assert len(desk.bookings) == 1


async def test_three_silences_end_the_call() -> None:
    caller = Caller()
    await caller.answered()
    for count in (1, 2):
        assert await read((await caller.conversation.happen(Silent(count))).speech)
        assert not caller.conversation.is_ended
    assert "Goodbye" in await read((await caller.conversation.happen(Silent(3))).speech)
    await caller.conversation.aclose()
    assert caller.conversation.is_ended


async def test_a_yes_to_a_readback_that_was_not_heard_books_nothing() -> None:
    caller = Caller()
    await to_the_readback(caller)
    caller.conversation.cut_off(0.1)
    await caller.says("Yes.")
    assert not caller.desk.bookings
    await caller.says("Yes.")
    assert len(caller.desk.bookings) == 1


async def test_every_state_along_a_call_can_be_stored_and_loaded() -> None:
    caller = Caller()
    await to_the_readback(caller)
    await caller.says("Yes.")
    for state in caller.journal.states:
        assert type(state).from_json(state.to_json()) == state


async def test_an_objection_to_recording_is_honoured_whatever_else_was_said() -> None:
    caller = Caller()
    await caller.answered()
    reply = await caller.says("Please don't record this. I'd like a cleaning.")
    assert "not being recorded" in reply
    assert "cleaning" in reply
    assert caller.conversation.state.declines_recording
    assert caller.conversation.state.service_id == "cleaning"


async def test_an_objection_alone_is_confirmed_and_the_question_asked_again() -> None:
    caller = Caller()
    await caller.answered()
    reply = await caller.says("I don't want to be recorded.")
    assert "not being recorded" in reply
    assert reply.endswith("?")
    assert not caller.conversation.is_ended


async def test_a_yes_in_two_breaths_does_not_lose_the_news() -> None:
    caller = Caller()
    await to_the_readback(caller)
    assert "booked" in await caller.says("Yes.")
    caller.conversation.cut_off(0.0)
    assert "booked" in await caller.says("That's right.")
    assert len(caller.desk.bookings) == 1


async def test_the_words_after_a_success_are_prefetched_and_are_the_words_then_spoken() -> None:
    caller = Caller()
    await to_the_readback(caller)
    caller.prefetched.clear()
    reply = await caller.says("Yes.")
    assert caller.prefetched[-1] == reply


async def test_an_effect_that_fails_in_an_unknown_way_still_gets_the_caller_a_next_sentence() -> None:
    class Broken(Desk):
        async def hold(self, *_: object, **__: object) -> None:
            raise ValueError("nobody expected this")

    caller = Caller(Broken())
    await caller.answered()
    await caller.says("A cleaning, please.")
    reply = await caller.says("Thursday at 3 PM.")
    assert "try" in reply
    assert caller.conversation.state.stage is Stage.TROUBLE


async def test_a_call_taken_over_while_something_was_being_done_can_be_finished() -> None:
    caller = Caller()
    await to_the_readback(caller)
    caller.desk.gate.clear()
    await caller.conversation.commit("Yes.", "turn-yes")
    lost_state = caller.conversation.state
    assert lost_state.stage in PENDING_STAGES
    caller.desk.gate.set()
    taken_over = Caller(caller.desk, lost_state)
    assert "try" in await read((await taken_over.conversation.happen(StoreFailed())).speech)
    assert "booked" in await taken_over.says("Yes.")
    assert len(caller.desk.bookings) == 1


def test_the_last_resort_can_be_spoken_from_the_cache() -> None:
    """What is said when speech cannot be made must be among the prompts made at start."""
    fixed = [text for texts in load_prompts("en").values() for text in texts if "{" not in text]
    assert Caller().conversation.last_resort in fixed
    assert Caller().conversation.stall in fixed


async def test_the_recogniser_is_told_what_was_asked_for() -> None:
    caller = Caller()
    await caller.conversation.happen(Answered())
    tenant = caller.conversation.tenant
    assert [service.name for service in tenant.services if service.name not in caller.conversation.cue] == []
    await caller.says("A cleaning, please.")
    assert caller.conversation.cue == cue(Expect.WHEN, tenant)
    await caller.says("Thursday at 3, my name is Dana Smith.")
    assert caller.conversation.cue == cue(Expect.PHONE, tenant)
    await caller.says("555 010 0123.")
    assert caller.conversation.cue == ""
