"""A call without a telephone: what the caller says goes in as text, what followed from it comes out whole.

The conversation is the one that live calls have: each turn is proposed, then committed, and its effects run
before the next. Only the ears, the mouth and the timing are missing.

`TurnReport.to_json` gives an object with these keys, always all of them:

    turn         int, from 0 (the greeting)
    at           ISO time in UTC, the call's clock
    event        what the rules were told: answered, said, silent, prompt_cut, caller_hung_up
    heard        the caller's words; null unless the event is said
    understood   the fields of agent.domain.facts.Facts that are set; {} when nothing was understood
    state        {before: stage, after: stage, changes: {field of CallState: its new value}}
    lines        keys of the prompts spoken, in order
    effects      those that ran, in order: {effect: kind, its fields…, outcome: {event: kind, its fields…} or null}
    spoken       the words; "" when nothing was said
    disposition  what the call came to; null while it goes on
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from agent.dialogue.conversation import Conversation, Proposal
from agent.dialogue.effects import Desk
from agent.domain.call import CallState, new_call
from agent.domain.codec import encode
from agent.domain.errors import DeadlineExceeded
from agent.domain.events import Answered, CallerHungUp, Effect, Event, Line, PromptCut, Said, Silent
from agent.domain.outcome import Disposition, disposition
from agent.domain.tenant import Tenant

#: Longer than all storage deadlines of one turn together: a reply that takes more never ends.
_LONGEST_REPLY_S = 30.0


@dataclass(frozen=True, slots=True)
class TurnReport:
    """One step of a call.

    Attributes:
        turn: counts the steps, from 0 for the greeting.
        at: aware; the call's clock when the step began.
        heard: the caller's words; None when something else happened.
        event: what the rules were told.
        before, after: the state around it, effects and their outcomes included.
        lines: what was said, as prompts; `spoken`: as words.
        outcomes: effects that ran, each with the event that answered it.
        disposition: what the call came to; None while it goes on.
    """

    turn: int
    at: datetime
    heard: str | None
    event: Event
    before: CallState
    after: CallState
    lines: tuple[Line, ...] = ()
    outcomes: tuple[tuple[Effect, Event | None], ...] = ()
    spoken: str = ""
    disposition: Disposition | None = None

    @property
    def understood(self) -> dict[str, Any]:
        """The facts that are set, without the words they came from."""
        if not isinstance(self.event, Said):
            return {}
        return {name: value for name, value in set_fields(self.event.facts).items() if name != "text"}

    @property
    def changes(self) -> dict[str, Any]:
        """Fields of the state that are not what they were, with their new values."""
        return {
            field.name: getattr(self.after, field.name)
            for field in fields(CallState)
            if getattr(self.after, field.name) != getattr(self.before, field.name)
        }

    def to_json(self) -> dict[str, Any]:
        """This report as JSON-ready values; the keys are listed at the top of this module."""
        return {
            "turn": self.turn,
            "at": encode(self.at),
            "event": kind_name(self.event),
            "heard": self.heard,
            "understood": {name: _plain(value) for name, value in self.understood.items()},
            "state": {
                "before": self.before.stage.value,
                "after": self.after.stage.value,
                "changes": {name: encode(value) for name, value in self.changes.items()},
            },
            "lines": [said.key.value for said in self.lines],
            "effects": [
                {"effect": kind_name(effect), **encode(effect), "outcome": outcome and _event(outcome)}
                for effect, outcome in self.outcomes
            ],
            "spoken": self.spoken,
            "disposition": encode(self.disposition),
        }


class TextCall:
    """One caller's conversation, a method for each thing that can happen to it.

    Args:
        desk: where openings and bookings are; one desk may serve many calls.
        clock: now, aware.
        caller_number: E.164; None when withheld.
        call_id: holds are made in its name.
    """

    def __init__(
        self,
        tenant: Tenant,
        desk: Desk,
        clock: Callable[[], datetime],
        *,
        caller_number: str | None = None,
        call_id: UUID | None = None,
    ) -> None:
        self._clock = clock
        self._conversation = Conversation(
            tenant,
            call_id or uuid4(),
            new_call(caller_number),
            desk,
            clock,
            _Unrecorded(),
            prefetch=lambda _: None,
        )
        self._turn = 0
        self._silences = 0

    @property
    def state(self) -> CallState:
        """As it is now."""
        return self._conversation.state

    @property
    def is_ended(self) -> bool:
        """Whether the last words have been said."""
        return self._conversation.is_ended

    async def answer(self) -> TurnReport:
        """The caller can hear us."""
        return await self._happen(Answered())

    async def say(self, words: str) -> TurnReport:
        """The caller's turn, and the whole reply to it.

        Raises: DeadlineExceeded: the reply did not end.
        """
        self._silences = 0
        before, at = self.state, self._clock()
        await self._conversation.propose(words)
        proposal = await self._conversation.commit(words, f"turn-{self._turn}")
        return await self._report(proposal, before, at, heard=words)

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
            proposal.event, before, at, heard=heard, lines=proposal.lines, outcomes=proposal.outcomes, spoken=spoken
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
    ) -> TurnReport:
        after = self.state
        came_to = disposition(after) if self.is_ended else None
        report = TurnReport(self._turn, at, heard, event, before, after, lines, outcomes, spoken, came_to)
        self._turn += 1
        return report


class _Unrecorded:
    """The journal of a call of which nothing is kept."""

    def committed(self, proposal: Proposal) -> None:
        """Nothing to do."""

    def settled(self, state: CallState) -> None:
        """Nothing to do."""


def set_fields(value: Any) -> dict[str, Any]:
    """The fields of a dataclass that differ from their defaults, by name."""
    return {
        field.name: getattr(value, field.name)
        for field in fields(value)
        if field.default is MISSING or getattr(value, field.name) != field.default
    }


def kind_name(value: Any) -> str:
    """The kind of an event or effect in snake case: "hold_opening"."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(value).__name__).lower()


def _event(event: Event) -> dict[str, Any]:
    return {"event": kind_name(event), **encode(event)}


def _plain(value: Any) -> Any:
    """JSON-ready, a dataclass without the fields that are not set."""
    if is_dataclass(value):
        return {name: encode(part) for name, part in set_fields(value).items()}
    return encode(value)
