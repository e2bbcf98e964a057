"""The agent cuts in on a caller who tells of an emergency and speaks on: through LiveKit's own session."""

from __future__ import annotations

from livekit.agents import stt

from agent.domain.events import EmergencyHeard, Said
from agent.domain.facts import Emergency
from tests.dialogue.fakes import Caller
from tests.dialogue.session import RealSession
from tests.dialogue.telephone import Telephone
from tests.dialogue.test_keys import virtually

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


async def test_the_warning_is_said_over_the_caller_and_the_finished_turn_is_answered_after_it() -> None:
    caller = await on_the_phone()
    async with RealSession(caller.conversation) as call:
        call.begins()
        call.goes_on(BEGINNING)
        call.goes_on(FURTHER)
        assert await call.hears() == WARNING
        assert call.session.user_state == "speaking"
        call.goes_on(WHOLE)  # nothing stops it, and it is not said again
        call.ends(WHOLE)
        await call.turn_waits()
        assert events_of(caller) == [EmergencyHeard]
        call.mouth.finish()
        assert "911" not in await call.hears()
        assert call.mouth.stopped == 0
    assert events_of(caller) == [EmergencyHeard, Said]
    assert caller.journal.proposals[-1].text == WHOLE
    assert caller.conversation.state.change is not None, "what was said beside the emergency is lost"
    assert caller.conversation.state.emergency is Emergency.DANGER


async def test_a_caller_who_draws_breath_and_speaks_on_is_warned_all_the_same() -> None:
    caller = await on_the_phone()
    async with RealSession(caller.conversation) as call:
        call.begins()
        call.ends(f"{BEGINNING}.")
        assert await call.hears() == WARNING
        call.begins()
        call.goes_on("and he is lying on the floor")
        assert events_of(caller) == [EmergencyHeard, Said], "a caller who hangs up now has told nothing"
        call.mouth.finish()
        call.ends("and I don't know what to do.")
        assert "911" not in await call.hears()
        assert call.mouth.stopped == 0
    assert events_of(caller).count(EmergencyHeard) == 1


async def test_we_stop_what_we_are_saying_to_say_the_warning() -> None:
    caller = await on_the_phone()
    async with RealSession(caller.conversation) as call:
        call.begins()
        call.ends("I'd like to book a cleaning.")
        assert "your cleaning?" in await call.hears()
        call.begins()
        call.goes_on(FURTHER)
        assert await call.hears() == WARNING
    assert caller.conversation.state.service_id == "cleaning"


async def test_words_that_may_be_taken_back_are_left_to_the_finished_turn() -> None:
    caller = await on_the_phone()
    async with RealSession(caller.conversation) as call:
        call.begins()
        call.goes_on("I can't breathe")
        call.goes_on("I can't breathe through my nose, I'd like a cleaning")
        call.ends("I can't breathe through my nose, I'd like a cleaning.")
        assert "911" not in await call.hears()
    assert events_of(caller) == [Said]


@virtually
async def test_a_caller_who_hangs_up_to_dial_as_told_has_their_words_on_record() -> None:
    phone = Telephone()
    await phone.answered()
    phone.session.user_state = "speaking"
    for kind, words in (("interim_transcript", FURTHER), ("final_transcript", WHOLE)):
        phone.live.cut_in.heard(stt.SpeechEvent(stt.SpeechEventType(kind), alternatives=[stt.SpeechData("en", words)]))
    await phone.heard_up_to("If this is an emergency")
    await phone.hang_up()
    assert phone.record.turns == [("caller", WHOLE)]
    assert phone.state.emergency is Emergency.DANGER
