"""Putting a caller through, from their words to the switchboard and back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import uuid4

from agent.dialogue.conversation import Conversation
from agent.dialogue.text_call import TextCall
from agent.domain.call import new_call
from agent.domain.events import Answered, Event
from agent.domain.outcome import Disposition
from agent.domain.state import Stage
from agent.domain.transfers import Transfer, TransferDone, TransferFailed, TransferKind, TransferRefusal, TransferRule
from tests.dialogue.fakes import CALLER, NOW, TENANT, Desk, Journal, read

BUSINESS = replace(TENANT, transfer=TransferRule("+15550109300", TransferKind.WARM, is_always=True))
ASKING = "Can I speak to a real person, please?"


@dataclass
class Telephone:
    """A switchboard that notes what it was asked; `outcome` is told at once, None is told later."""

    outcome: Event | None = None
    begun: list[Transfer] = field(default_factory=list)

    async def put_through(self, transfer: Transfer) -> Event | None:
        self.begun.append(transfer)
        return self.outcome


def conversation_over(telephone: Telephone) -> Conversation:
    return Conversation(
        BUSINESS, uuid4(), new_call(CALLER), Desk(), lambda: NOW, Journal(), switchboard=telephone
    )  # fmt: skip


async def test_nobody_is_dialled_for_words_that_are_not_yet_the_callers_turn() -> None:
    telephone = Telephone()
    conversation = conversation_over(telephone)
    await conversation.happen(Answered())
    for words in ("Can I speak to a person", ASKING):
        await conversation.propose(words)
    await conversation.aclose()
    assert telephone.begun == []


async def test_a_turn_that_is_worked_out_twice_is_dialled_once() -> None:
    telephone = Telephone()
    conversation = conversation_over(telephone)
    await conversation.happen(Answered())
    await conversation.propose(ASKING)
    proposal = await conversation.commit(ASKING, "turn-1")
    again = await conversation.reply_to(ASKING, "turn-1", asked_at=NOW.timestamp())
    assert await read(again) == "I'll put you through. One moment, please."
    await conversation.aclose()
    assert [transfer.to for transfer in telephone.begun] == ["+15550109300"]
    assert proposal.state.stage is Stage.TRANSFERRING


async def test_while_it_rings_the_caller_is_answered_and_the_failure_comes_with_the_offer_of_a_message() -> None:
    conversation = conversation_over(Telephone())
    await conversation.happen(Answered())
    await conversation.commit(ASKING, "turn-1")
    waiting = await conversation.commit("Hello?", "turn-2")
    assert await read(waiting.speech) == "I'm still putting you through. One moment, please."
    back = await conversation.happen(TransferFailed(TransferRefusal.NO_ANSWER))
    assert await read(back.speech) == (
        "I'm sorry, nobody picked up. Shall I take a message, so someone can call you back?"
    )  # fmt: skip
    refused = await conversation.commit("No, thank you.", "turn-3")
    assert await read(refused.speech) == "How can I help you today?"
    assert conversation.state.stage is Stage.SERVICE
    await conversation.aclose()


async def test_a_transfer_in_the_middle_of_a_booking_costs_nothing_that_was_said() -> None:
    telephone = Telephone(TransferFailed(TransferRefusal.BUSY))
    call = TextCall(BUSINESS, Desk(), lambda: NOW, caller_number=CALLER, switchboard=telephone)
    await call.answer()
    for words in ("I'd like a cleaning.", "Thursday at 3 PM."):
        await call.say(words)
    before = call.state
    report = await call.say(ASKING)
    assert "the line is busy right now" in report.spoken
    await call.say("No.")
    assert (call.state.stage, call.state.hold, call.state.question) == (before.stage, before.hold, before.question)
    await call.hang_up()


async def test_a_caller_who_is_put_through_leaves_the_conversation_and_nothing_held() -> None:
    desk = Desk()
    call = TextCall(BUSINESS, desk, lambda: NOW, caller_number=CALLER, switchboard=Telephone(TransferDone()))
    await call.answer()
    for words in ("I'd like a cleaning.", "Thursday at 3 PM."):
        await call.say(words)
    report = await call.say(ASKING)
    assert (call.is_ended, report.disposition) == (True, Disposition.TRANSFERRED)
    assert call.state.hold is None


async def test_a_call_without_a_telephone_reaches_nobody() -> None:
    call = TextCall(BUSINESS, Desk(), lambda: NOW, caller_number=CALLER)
    await call.answer()
    assert "I couldn't reach anyone" in (await call.say(ASKING)).spoken
    await call.hang_up()
