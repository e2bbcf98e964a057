"""How we speak: slower, louder, spelled, or one thing once more; honoured at any point of a call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from agent.domain.facts import Facts, Wish
from agent.domain.lines import Line, LineKey, line
from agent.domain.state import CallState, Stage
from agent.domain.tenant import Tenant

#: Wishes that are honoured here.
WISHES = frozenset({Wish.SLOWER, Wish.LOUDER, Wish.SPELL})
#: Speech rate after so many requests, 1.0 is the voice's own; below the last one words fall apart.
RATES = (1.0, 0.8, 0.65)
#: Gain of what is sent, as a factor of amplitude; the last is +8 dB.
GAINS = (1.0, 1.6, 2.5)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How words are spoken.

    Attributes:
        rate: of speech, 1.0 is the voice's own.
        gain: factor of amplitude, 1.0 is as it was made.
    """

    rate: float = 1.0
    gain: float = 1.0


def rate_of(state: CallState) -> float:
    """The speech rate of a call."""
    return RATES[min(state.side.slower, len(RATES) - 1)]


def gain_of(state: CallState) -> float:
    """The gain of a call."""
    return GAINS[min(state.side.louder, len(GAINS) - 1)]


def is_asked(facts: Facts) -> bool:
    """Whether the words ask how we speak to be changed, or for one thing again."""
    return bool(facts.wishes & WISHES) or facts.asks_offer is not None


def is_repetition(facts: Facts) -> bool:
    """Whether the last words are wanted again, whose question then stays the open one."""
    return (Wish.REPEAT in facts.wishes or is_asked(facts)) and not facts.has_details and not facts.questions


def honour(state: CallState, facts: Facts, tenant: Tenant) -> tuple[CallState, tuple[Line, ...]]:
    """The state from now on, and what is said at once."""
    side, lead = state.side, []
    if Wish.SLOWER in facts.wishes:
        side = replace(side, slower=min(side.slower + 1, len(RATES) - 1))
        lead.append(line(LineKey.SLOWER_NOW))
    if Wish.LOUDER in facts.wishes:
        side = replace(side, louder=min(side.louder + 1, len(GAINS) - 1))
        lead.append(line(LineKey.LOUDER_NOW))
    if Wish.SPELL in facts.wishes:
        lead.append(line(LineKey.SPELLED, text_spelled=state.name or tenant.name))
    if facts.asks_offer is not None:
        lead += _offered(state, facts.asks_offer)
    return replace(state, side=side), tuple(lead)


def repeated(state: CallState, facts: Facts) -> tuple[Line, ...]:
    """What was said last, for a caller who could not follow it; empty when that was not the trouble."""
    if not facts.wishes & {Wish.SLOWER, Wish.LOUDER}:
        return ()
    return tuple(said for said in state.last_lines if said.key not in (LineKey.SLOWER_NOW, LineKey.LOUDER_NOW))


def _offered(state: CallState, index: int) -> list[Line]:
    """One of what was offered, by its place."""
    starts: dict[Stage, Callable[[], list[str]]] = {
        Stage.CHOOSING: lambda: [opening.start_at.isoformat() for opening in state.offered],
        Stage.WHICH: lambda: [
            each.opening.start_at.isoformat() for each in (state.change.found if state.change else ())
        ],
    }
    known = starts[state.stage]() if state.stage in starts else []
    if not -len(known) <= index < len(known):
        return []
    place = index % len(known)
    return [line(_PLACES[place], start_at=known[place])] if place < len(_PLACES) else []


_PLACES = (LineKey.FIRST_WAS, LineKey.SECOND_WAS, LineKey.THIRD_WAS)
