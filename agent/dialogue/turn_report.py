"""What one step of a call came to: heard, understood, remembered, done and said.

`TurnReport.to_json` gives an object with these keys, always all of them:

    turn         int, from 0 (the greeting)
    at           ISO time in UTC, the call's clock
    event        what the rules were told: answered, said, pressed, unheard, silent, prompt_cut, caller_hung_up
    heard        the caller's words, or keys in brackets; null unless the event is said, pressed or unheard
    understood   the fields of agent.domain.facts.Facts that are set; {} when nothing was understood; of keys: them
    step         grammar, embedding, passage or model: the last that had a part in it; null unless words were understood
    confidence   0 to 1, of all that was understood together; null unless the event is said
    state        {before: stage, after: stage, changes: {field of CallState: its new value}}
    lines        keys of the prompts spoken, in order
    cited        passages behind the words: [{passage: "source#key", used: as citations have it, score}]
    effects      those that ran, in order: {effect: kind, its fields…, outcome: {event: kind, its fields…} or null}
    spoken       the words; "" when nothing was said
    disposition  what the call came to; null while it goes on
"""

from __future__ import annotations

import re
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any

from agent.dialogue.citing import CitedPassage
from agent.domain.call import CallState
from agent.domain.codec import encode
from agent.domain.events import Event, Pressed, Said
from agent.domain.facts import Step
from agent.domain.lines import Line
from agent.domain.outcome import Disposition
from agent.domain.requests import Effect

#: The words themselves, and what is told of the reading as a whole.
_NOT_UNDERSTOOD = frozenset({"text", "step", "confidence"})


@dataclass(frozen=True, slots=True)
class TurnReport:
    """One step of a call.

    Attributes:
        turn: counts the steps, from 0 for the greeting.
        at: aware; the call's clock when the step began.
        heard: the caller's words, or keys in brackets; None when something else happened.
        event: what the rules were told.
        before, after: the state around it, effects and their outcomes included.
        lines: what was said, as prompts; `spoken`: as words.
        cited: passages behind the words, those that were said first.
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
    cited: tuple[CitedPassage, ...] = ()

    @property
    def understood(self) -> dict[str, Any]:
        """The facts that are set, without the words they came from; keys as they are."""
        if isinstance(self.event, Pressed):
            return set_fields(self.event)
        if not isinstance(self.event, Said):
            return {}
        facts = set_fields(self.event.facts)
        return {name: value for name, value in facts.items() if name not in _NOT_UNDERSTOOD}

    @property
    def step(self) -> Step | None:
        """The step of the cascade that understood; None when nothing was."""
        return self.event.facts.step if isinstance(self.event, Said) and self.event.facts.is_understood else None

    @property
    def confidence(self) -> float | None:
        """That all of it is what was meant; None when nothing was said."""
        return self.event.facts.confidence if isinstance(self.event, Said) else None

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
            "step": encode(self.step),
            "confidence": self.confidence,
            "state": {
                "before": self.before.stage.value,
                "after": self.after.stage.value,
                "changes": {name: encode(value) for name, value in self.changes.items()},
            },
            "lines": [said.key.value for said in self.lines],
            "cited": [{"passage": each.name, "used": each.used, "score": each.score} for each in self.cited],
            "effects": [
                {"effect": kind_name(effect), **encode(effect), "outcome": outcome and _event(outcome)}
                for effect, outcome in self.outcomes
            ],
            "spoken": self.spoken,
            "disposition": encode(self.disposition),
        }


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
