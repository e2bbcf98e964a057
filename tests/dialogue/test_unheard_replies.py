"""Between the commit of a turn and the sound of its reply: nothing is taken for heard that was not said."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from agent.dialogue.announced_recording import AnnouncedRecording
from agent.dialogue.live_call import LiveCall
from agent.dialogue.receptionist import Receptionist
from agent.domain.appointments import Hold
from agent.domain.events import EmergencyHeard
from agent.domain.facts import Emergency
from agent.domain.ranking import Offer
from agent.domain.state import Stage
from tests.dialogue.fakes import Caller, Desk, read
from tests.dialogue.session import Mouth, RealSession, _Voice
from tests.dialogue.telephone import _nobody, _Record

TO_THE_PHONE = ("I'd like to book a checkup tomorrow at 10 am", "Ann Smith")
NUMBER = "555 201 3467"
ELSEWHEN = "No, Thursday at 2 PM"


async def asked(*turns: str, desk: Desk | None = None) -> Caller:
    caller = Caller(desk)
    await caller.answered()
    for words in turns:
        await caller.says(words)
    return caller


class _Line(Mouth):
    heard_fraction = 1.0
    began_at = stopped_at = 0.0

    def answered(self) -> None:
        """It is."""


class LiveSession(RealSession):
    """The same session with a live call on it."""

    def __init__(self, caller: Caller) -> None:
        super().__init__(caller.conversation)
        self.mouth = _Line()
        self.session.output.audio = self.mouth
        nothing = AnnouncedRecording(None, cast(Any, _Record()), "")
        self.live = LiveCall(
            self.session, cast(Any, self.mouth), caller.conversation, cast(Any, _Record()), cast(Any, None), nothing,
            _nobody(), lambda: None,
        )  # fmt: skip
        self.cut_in = self.live.cut_in
        self._agent = Receptionist(
            caller.conversation, _Voice(), lambda: None, None, self.live.cut_in, self.live.patience
        )

    async def says(self, words: str) -> None:
        """A turn, until LiveKit has seen its end."""
        before = self._turn
        self.begins()
        self.ends(words)
        async with asyncio.timeout(10):
            while self._turn is before:  # noqa: ASYNC110 LiveKit has no event for it
                await asyncio.sleep(0)

    @property
    def _turn(self) -> object:
        assert self.session._activity is not None
        return self.session._activity._user_turn_completed_atask


@pytest.mark.parametrize("is_back", [False, True])
async def test_a_yes_to_the_word_of_patience_books_nothing(is_back: bool) -> None:
    """Said before and after the look-up it asked patience for is back."""
    caller = await asked(*TO_THE_PHONE, NUMBER)
    async with LiveSession(caller) as call:
        caller.desk.gate.clear()
        await call.says(ELSEWHEN)
        assert await call.hears() == "One moment, please."
        call.mouth.heard_fraction = 0.9
        if is_back:
            caller.desk.gate.set()
            await _counts(caller, turns=5)
        await call.says("Yes, okay.")
        caller.desk.gate.set()
        reply = await call.hears()
        assert "Thursday, December 3rd at 2 PM" in reply
        assert "right?" in reply
        assert caller.desk.confirmations == 0
        assert caller.conversation.state.stage is Stage.CONFIRMING


async def _counts(caller: Caller, *, turns: int) -> None:
    """Until so many turns count, the greeting among them, and LiveKit has been able to make their reply."""
    async with asyncio.timeout(10):
        while len(caller.journal.proposals) < turns:  # noqa: ASYNC110
            await asyncio.sleep(0)
    for _ in range(20):
        await asyncio.sleep(0)


async def test_keys_pressed_while_another_read_back_is_worked_out_book_nothing() -> None:
    caller = await asked(*TO_THE_PHONE, NUMBER)
    caller.desk.gate.clear()
    turn = asyncio.create_task(caller.conversation.commit(ELSEWHEN, "turn"))
    await asyncio.sleep(0)
    keys = asyncio.create_task(caller.conversation.press("1"))
    await asyncio.sleep(0)
    caller.desk.gate.set()
    await asyncio.gather(turn, keys)
    assert "December 3rd" in await read(keys.result().speech)
    assert caller.desk.confirmations == 0


async def test_a_yes_over_a_hold_that_takes_its_time_books_nothing() -> None:
    caller = await asked(*TO_THE_PHONE, NUMBER)
    hold = caller.desk.hold

    async def slow(*args: Any, **named: Any) -> Hold | None:
        caller.conversation.cut_off(0.0)
        return await hold(*args, **named)

    caller.desk.hold = slow  # type: ignore[method-assign]
    await caller.conversation.commit(ELSEWHEN, "turn")
    assert caller.conversation.state.stage is Stage.HOLDING
    await caller.says("Yes, okay.")
    assert caller.desk.confirmations == 0


async def test_news_that_comes_after_the_caller_stopped_the_reply_is_told_with_the_next() -> None:
    caller = await asked(*TO_THE_PHONE, NUMBER)
    caller.desk.gate.clear()
    await caller.conversation.commit("Yes.", "turn")
    caller.conversation.cut_off(0.0)
    caller.desk.gate.set()
    assert "You are booked" in await caller.says("And what's your address?")
    assert caller.desk.confirmations == 1


async def test_a_reply_begun_before_the_last_was_cut_says_what_counts() -> None:
    caller = await asked(*TO_THE_PHONE, NUMBER)
    begun = await caller.conversation.reply_to("Yes.", "speculation", asked_at=caller.later())
    caller.conversation.cut_off(0.0)
    counted = await caller.conversation.commit("Yes.", "turn")
    assert await read(begun) == counted.speech.text != ""


class Burning(Desk):
    """A fire breaks out during a look-up.

    Attributes:
        caller: who tells of it.
    """

    caller: Caller | None = None

    async def find_openings(self, *args: Any, **named: Any) -> tuple[Offer, ...]:
        caller, self.caller = self.caller, None
        if caller is not None:
            caller.conversation.cut_in(EmergencyHeard(Emergency.DANGER))
        return await super().find_openings(*args, **named)


async def test_a_warning_given_while_keys_are_looked_up_is_not_forgotten() -> None:
    desk = Burning()
    caller = await asked("I'd like to book a checkup", desk=desk)
    desk.caller = caller
    await caller.conversation.press("1")
    state = caller.conversation.state
    assert desk.caller is None, "the key needs a look-up"
    assert (state.warned, state.emergency) == (Emergency.DANGER, Emergency.DANGER)


async def test_a_warning_given_while_storage_replies_is_not_forgotten() -> None:
    desk = Burning()
    caller = await asked("I'd like to book a checkup", desk=desk)
    hold = desk.hold

    async def lost(*_: Any, **__: Any) -> None:
        desk.caller, desk.hold = caller, hold  # type: ignore[method-assign]

    desk.hold = lost  # type: ignore[method-assign, assignment]
    proposal = await caller.conversation.commit("tomorrow at 10 am", "turn")
    await read(proposal.speech)
    assert desk.caller is None, "the loss needs a look-up"
    assert caller.conversation.state.emergency is Emergency.DANGER
