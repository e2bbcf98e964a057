"""Cutting in on a caller who tells of an emergency and goes on speaking: once a turn, and nothing said is lost.

The finished turn comes as `Said` all the same. What the caller was told meanwhile is not told again; whatever else
the turn says is followed, save a yes or no: "yes, oh no, there's a fire" books nothing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.domain.events import EmergencyHeard, Event, Pressed, Said, Silent, Unheard
from agent.domain.lines import line
from agent.domain.state import PENDING_STAGES, CallState, Transition
from agent.domain.talk import EMERGENCY_LINES, say
from agent.domain.tenant import Tenant


def warn(state: CallState, event: EmergencyHeard, now: datetime, tenant: Tenant) -> Transition:
    """Any stage in a call: say whom to call, once a turn; the call stays where it is and nothing is asked."""
    if state.warned is not None:
        return Transition(state)
    warned = replace(state, emergency=event.kind, warned=event.kind)
    return Transition(warned, (line(EMERGENCY_LINES[event.kind]),))


def settle(state: CallState, event: Event) -> CallState:
    """The state once the turn in which we cut in is over without words: the next one is warned about anew."""
    is_over = isinstance(event, Pressed | Silent | Unheard)
    return replace(state, warned=None) if is_over and state.warned is not None else state


def take_up(state: CallState, event: Said) -> tuple[CallState, Said, Transition | None]:
    """The words of the turn in which we cut in, all of them.

    Returns: the state and the words without what was answered already, and what follows when that was everything.
    """
    warned, facts = state.warned, event.facts
    state = replace(state, warned=None)
    is_told = facts.emergency is not None and (facts.emergency is warned or facts.is_doubtful)
    if warned is None or not is_told:  # a false alarm, or another danger, is answered like any words
        return state, event, None
    rest = replace(facts, emergency=None, is_doubtful=False, answer=None)
    return state, Said(rest), None if rest.is_understood else _go_on(state)


def _go_on(state: CallState) -> Transition:
    """Nothing but the emergency was said: the question that stood open is asked again, unless storage is to reply."""
    return Transition(state) if state.stage in PENDING_STAGES else say(state, state.question)
