"""A reply before and after it counts, and who is told when it does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from agent.dialogue.speech import Speech
from agent.domain.call import CallState
from agent.domain.events import Event, Said
from agent.domain.facts import Facts
from agent.domain.lines import Line
from agent.domain.requests import Effect


@dataclass(slots=True)
class Proposal:
    """A reply to one event, not yet counted.

    Attributes:
        text: the caller's words, without what must not be kept.
        heard: the words as recognised, to know them again; never leaves this process.
        revision: of the state it was computed from; stale once the call has moved on.
        state: what the state becomes when this is adopted.
        effects: to run after adoption; while there are any, the words wait for their outcome.
        outcomes: effects that have run, in order, each with the event that answered it; those that follow from
            an outcome are among them. None for effects without an answer.
        is_cut: the caller cut it off, so what its effects add to it is not heard either.
        ready_at: when it had been worked out, Unix time by the call's clock; 0 of what did not begin with words.
    """

    text: str
    revision: int
    event: Event
    state: CallState
    lines: tuple[Line, ...]
    effects: tuple[Effect, ...]
    outcomes: tuple[tuple[Effect, Event | None], ...] = ()
    speech: Speech = field(default_factory=Speech)
    is_cut: bool = False
    heard: str = field(default="", repr=False)
    ready_at: float = 0.0

    @property
    def facts(self) -> Facts | None:
        """What was understood, for turns of the caller's."""
        return self.event.facts if isinstance(self.event, Said) else None


class Journal(Protocol):
    """Told of every committed step, in order; must not wait."""

    def committed(self, proposal: Proposal) -> None: ...

    def settled(self, state: CallState) -> None: ...
