"""The agent cuts in on a caller who tells of an emergency and speaks on: through LiveKit's own session."""

from __future__ import annotations

import asyncio

import pytest

from agent.domain.call import Stage
from agent.domain.events import EmergencyHeard, Said
from agent.domain.facts import Emergency
from tests.dialogue.fakes import Caller
from tests.dialogue.session import RealSession

BEGINNING = "my husband is having a heart attack"
FURTHER = f"{BEGINNING} and he is lying"
WHOLE = f"{FURTHER} here on the floor, can I cancel my appointment?"
WARNING = "If this is an emergency, please hang up, and dial 911 now."


async def on_the_phone() -> Caller:
    caller = Caller()
    await caller.answered()
    return caller


def events_of(caller: Caller) -> list[type]:
    return [type(proposal.event) for proposal in caller.journal.proposals[1:]]


async def said_whole(call: RealSession) -> str:
    """A reply heard out, whatever its clauses."""
    words = await call.hears()
    for _ in range(20):
        await asyncio.sleep(0)
    while not call.mouth.begun.empty():
        words += " " + call.mouth.begun.get_nowait()
    return words


async def test_the_warning_is_said_over_the_caller_and_the_finished_turn_is_answered_after_it() -> None:
    caller = await on_the_phone()
    async with RealSession(caller.conversation) as call:
        call.begins()
        call.goes_on(BEGINNING)
        call.goes_on(FURTHER)
        warning = await said_whole(call)
        assert warning.startswith("If this is an emergency")
        assert call.session.user_state == "speaking"
        call.goes_on(WHOLE)  # nothing stops it, and it is not said again
        call.ends(WHOLE)
        async with asyncio.timeout(5):
            await call.waits.wait()
        assert events_of(caller) == [EmergencyHeard]
        call.mouth.finish()
        reply = await said_whole(call)
        assert "911" not in reply
        assert call.mouth.stopped == 0
    assert events_of(caller) == [EmergencyHeard, Said]
    assert caller.conversation.state.stage is not Stage.SERVICE, "what was said beside the emergency is lost"
    assert caller.conversation.state.emergency is Emergency.DANGER
