"""Messages through the engine: proposed, committed, stored once under barge-in, hang-up and a second call."""

from __future__ import annotations

from dataclasses import replace

from agent.dialogue.text_call import TextCall
from agent.domain.call import CallState, new_call
from agent.domain.events import CallerHungUp, StoreFailed, Taken
from agent.domain.notes import Reason
from agent.domain.outcome import Disposition
from agent.domain.requests import TakeMessage
from agent.domain.state import Stage
from agent.domain.tenant import TextRules
from tests.dialogue.fakes import CALLER, NOW, TENANT, Caller, Desk

TO_THE_READ_BACK = ("Can I leave a message for Dr. Ortiz?", "My crown came off?", "Yes, it's urgent.", "Dana Smith.")


async def at_the_read_back(desk: Desk | None = None) -> Caller:
    caller = Caller(desk)
    await caller.answered()
    for words in TO_THE_READ_BACK:
        reply = await caller.says(words)
    assert reply == "I've marked it urgent. Your message: My crown came off. Your number: 555-012-3456. Is that right?"
    return caller


async def test_a_message_is_stored_when_its_turn_is_committed_and_then_acknowledged() -> None:
    caller = await at_the_read_back()
    await caller.conversation.propose("Yes.")
    assert not caller.desk.notes.messages, "a proposal left something behind"
    assert (await caller.says("Yes.")).startswith("Thank you, I've passed that on.")
    (taken,) = caller.desk.notes.messages
    assert (taken.message.text, taken.message.recipient) == ("My crown came off?", "Dr. Ortiz")
    assert (taken.message.is_urgent, taken.message.is_confirmed) == (True, True)


async def test_what_was_not_heard_is_not_stored() -> None:
    caller = await at_the_read_back()
    caller.conversation.cut_off(0.4)
    assert "Is that right?" in await caller.says("Yes.")
    assert not caller.desk.notes.messages
    await caller.says("Yes.")
    assert len(caller.desk.notes.messages) == 1


async def test_a_caller_cut_off_who_calls_back_with_the_same_message_leaves_one() -> None:
    desk = Desk()
    first = await at_the_read_back(desk)
    await first.conversation.happen(CallerHungUp())
    await first.conversation.aclose()
    (taken,) = desk.notes.messages
    assert not taken.message.is_confirmed
    second = await at_the_read_back(desk)
    await second.says("Yes.")
    (taken,) = desk.notes.messages
    assert taken.message.is_confirmed


async def test_an_agent_that_takes_the_call_over_while_it_is_stored_stores_it_once() -> None:
    caller = await at_the_read_back()
    await caller.says("Yes.")
    noting = next(state for state in caller.journal.states if state.stage is Stage.NOTING)
    heir = Caller(caller.desk, CallState.from_json(noting.to_json()), caller.call_id)
    await heir.conversation.happen(StoreFailed())
    assert "passed that on" in await heir.says("Yes, please.")
    assert len(caller.desk.notes.messages) == 1


async def test_a_callback_is_promised_only_once_it_is_stored() -> None:
    desk = Desk()
    call = TextCall(TENANT, desk, lambda: NOW, caller_number=CALLER)
    await call.answer()
    for _ in range(3):
        report = await call.say("Banana.")
    assert "Shall I take a message" in report.spoken
    desk.is_down = True
    failed = await call.say("Banana.")
    assert "call you back" not in failed.spoken
    last = await call.say("Yes.")
    assert "call you back" not in last.spoken
    assert last.disposition is Disposition.ABANDONED
    assert not desk.notes.messages


async def test_a_caller_nobody_understands_and_nobody_can_call_back_is_promised_nothing() -> None:
    desk = Desk()
    call = TextCall(TENANT, desk, lambda: NOW, caller_number=None)
    await call.answer()
    for _ in range(4):
        report = await call.say("Banana.")
    assert "call you back" not in report.spoken
    assert report.spoken.endswith("Goodbye.")
    assert not desk.notes.messages


async def test_a_caller_nobody_understands_is_called_back() -> None:
    desk = Desk()
    call = TextCall(TENANT, desk, lambda: NOW, caller_number=CALLER)
    await call.answer()
    for _ in range(4):
        report = await call.say("Banana.")
    assert [(type(effect), outcome) for effect, outcome in report.outcomes] == [(TakeMessage, Taken())]
    assert report.spoken.endswith("Someone will call you back. Goodbye.")
    assert report.disposition is Disposition.CALLBACK
    assert [taken.message.reason for taken in desk.notes.messages] == [Reason.NOT_UNDERSTOOD]


async def test_a_text_is_agreed_to_once_and_comes_with_the_next_booking() -> None:
    desk = Desk()
    tenant = replace(TENANT, texts=TextRules(is_enabled=True))
    booking = ("A cleaning on Thursday at 3 PM.", "Dana Smith.", "555-012-3456.", "Yes.")
    call = TextCall(tenant, desk, lambda: NOW, caller_number=CALLER)
    await call.answer()
    for words in booking:
        report = await call.say(words)
    assert report.spoken.endswith("May I text you a confirmation?")
    assert "on its way" in (await call.say("Yes, please.")).spoken
    again = TextCall(tenant, desk, lambda: NOW, caller_number=CALLER)
    await again.answer()
    for words in ("A filling on Friday at 10 AM.", *booking[1:]):
        report = await again.say(words)
    assert "A confirmation is on its way to your phone." in report.spoken
    assert len(desk.notes.texts) == 2
    assert again.state.stage is Stage.DONE


async def test_a_withheld_number_can_leave_a_message() -> None:
    caller = Caller(state=new_call(None))
    await caller.answered()
    for words in ("Please tell Dr. Lee that I found his umbrella, no rush.", "Dana Smith.", "555-777-1234.", "Yes."):
        await caller.says(words)
    (taken,) = caller.desk.notes.messages
    assert (taken.message.phone, taken.message.is_urgent) == ("+15557771234", False)
