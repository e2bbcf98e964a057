"""A call without a telephone: what the caller says goes in as text, what followed from it comes out whole.

The conversation is the one that live calls have: each turn is proposed, then committed, and its effects run
before the next. Only the ears, the mouth and the timing are missing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

from agent.dialogue.citing import CitedPassage, citations_in, names_in
from agent.dialogue.conversation import Conversation
from agent.dialogue.effects import Desk
from agent.dialogue.proposal import Proposal
from agent.dialogue.switchboard import Switchboard
from agent.dialogue.turn_report import TurnReport
from agent.domain.call import CallState, new_call
from agent.domain.errors import DeadlineExceeded
from agent.domain.events import Answered, CalledBack, CallerHungUp, Event, PromptCut, Silent
from agent.domain.keypad import first_entry
from agent.domain.leaving import what_is_left
from agent.domain.left import Left
from agent.domain.lines import Line
from agent.domain.outcome import disposition
from agent.domain.requests import Effect
from agent.domain.tenant import Tenant
from agent.understanding import Cascade

#: Longer than all storage deadlines of one turn together: a reply that takes more never ends.
_LONGEST_REPLY_S = 30.0


class TextCall:
    """One caller's conversation, a method for each thing that can happen to it.

    Args:
        desk: where openings and bookings are; one desk may serve many calls.
        clock: now, aware.
        caller_number: E.164; None when withheld.
        call_id: holds are made in its name.
        cascade: how words are understood; None is the grammar alone.
        switchboard: puts the caller through; without one nobody can be reached.
    """

    def __init__(
        self,
        tenant: Tenant,
        desk: Desk,
        clock: Callable[[], datetime],
        *,
        caller_number: str | None = None,
        call_id: UUID | None = None,
        cascade: Cascade | None = None,
        switchboard: Switchboard | None = None,
    ) -> None:
        self._clock = clock
        self._tenant_id = tenant.id
        self._conversation = Conversation(
            tenant,
            call_id or uuid4(),
            new_call(caller_number),
            desk,
            clock,
            _Unrecorded(),
            prefetch=lambda _: None,
            cascade=cascade,
            switchboard=switchboard,
        )
        self._turn = 0
        self._silences = 0
        self._passages: dict[UUID, str] = {}

    @property
    def state(self) -> CallState:
        """As it is now."""
        return self._conversation.state

    @property
    def is_ended(self) -> bool:
        """Whether the last words have been said."""
        return self._conversation.is_ended

    @property
    def left(self) -> Left | None:
        """What is left to do or to tell, should the call end now or once it has; None when nothing is."""
        return what_is_left(self.state, self._tenant_id)

    async def answer(self, left: Left | None = None) -> TurnReport:
        """The caller can hear us; `left` is what their last call was cut off in."""
        return await self._happen(Answered() if left is None else CalledBack(left))

    async def say(self, words: str) -> TurnReport:
        """The caller's turn, and the whole reply to it.

        Raises: DeadlineExceeded: the reply did not end.
        """
        self._silences = 0
        before, at = self.state, self._clock()
        await self._conversation.propose(words)
        proposal = await self._conversation.commit(words, f"turn-{self._turn}")
        return await self._report(proposal, before, at, heard=words)

    async def press(self, keys: str) -> TurnReport:
        """The caller presses keys, at least one, in answer to one question; what comes after the answer is dropped.

        Raises: DeadlineExceeded: the reply did not end.
        """
        self._silences = 0
        before, at = self.state, self._clock()
        proposal = await self._conversation.press(first_entry(keys, self.state) or keys[0])
        return await self._report(proposal, before, at, heard=proposal.text)

    async def stay_silent(self) -> TurnReport:
        """The caller says nothing for a while."""
        self._silences += 1
        return await self._happen(Silent(self._silences))

    def cut(self, heard_fraction: float) -> TurnReport:
        """The caller interrupted what was said last, having heard this share of it, 0 to 1."""
        before = self.state
        self._conversation.cut_off(heard_fraction)
        return self._step(PromptCut(heard_fraction), before, self._clock())

    async def hang_up(self) -> TurnReport:
        """The caller leaves: what is held is given back, and nothing runs any more afterwards."""
        try:
            return await self._happen(CallerHungUp())
        finally:
            await self._conversation.aclose()

    async def _happen(self, event: Event) -> TurnReport:
        before, at = self.state, self._clock()
        return await self._report(await self._conversation.happen(event), before, at)

    async def _report(
        self, proposal: Proposal, before: CallState, at: datetime, *, heard: str | None = None
    ) -> TurnReport:
        try:
            async with asyncio.timeout(_LONGEST_REPLY_S):
                spoken = " ".join([piece async for piece in proposal.speech])
        except TimeoutError:
            raise DeadlineExceeded(f"the reply did not end within {_LONGEST_REPLY_S:.0f} s") from None
        return self._step(
            proposal.event, before, at, heard=heard, lines=proposal.lines, outcomes=proposal.outcomes, spoken=spoken,
            cited=self._cited(proposal),
        )  # fmt: skip

    def _cited(self, proposal: Proposal) -> tuple[CitedPassage, ...]:
        """By name: one that was asked about is spoken a turn after it was found."""
        self._passages |= names_in(proposal.facts)
        return tuple(
            CitedPassage(self._passages[each.passage_id], each.used, each.score) for each in citations_in(proposal)
        )

    def _step(
        self,
        event: Event,
        before: CallState,
        at: datetime,
        *,
        heard: str | None = None,
        lines: tuple[Line, ...] = (),
        outcomes: tuple[tuple[Effect, Event | None], ...] = (),
        spoken: str = "",
        cited: tuple[CitedPassage, ...] = (),
    ) -> TurnReport:
        after = self.state
        came_to = disposition(after) if self.is_ended else None
        report = TurnReport(self._turn, at, heard, event, before, after, lines, outcomes, spoken, came_to, cited)
        self._turn += 1
        return report


class _Unrecorded:
    """The journal of a call of which nothing is kept."""

    def committed(self, proposal: Proposal) -> None:
        """Nothing to do."""

    def settled(self, state: CallState) -> None:
        """Nothing to do."""
