"""Calls that are cut off, and the calls back, for the tests of both."""

from __future__ import annotations

from agent.domain.call import CallState, new_call
from agent.domain.events import CalledBack, CallerHungUp, PromptCut
from agent.domain.leaving import what_is_left
from agent.domain.left import Left
from agent.domain.lines import LineKey
from tests.unit.domain.desk import CALLER, TENANT, Desk, local

K = LineKey
GREETING = [K.GREETING, K.AI_DISCLOSURE, K.RECORDING_NOTICE]
WISH = "I'd like a cleaning next Thursday at 3, my name is Dana Smith, 555-012-3456."


def left_of(state: CallState) -> Left | None:
    return what_is_left(state, TENANT.id)


def cut_off(*turns: str, desk: Desk | None = None) -> tuple[Desk, Left | None]:
    """A call of these turns that ends without a goodbye, and what it left."""
    desk = desk or Desk()
    desk.answer()
    for words in turns:
        desk.hear(words)
    desk.happen(CallerHungUp())
    return desk, left_of(desk.state)


def call_again(desk: Desk, left: Left | None, caller: str | None = CALLER) -> list[LineKey]:
    assert left is not None
    desk.state = new_call(caller)
    desk.effects.clear()
    return desk.happen(CalledBack(left))


def booked_by(desk: Desk) -> list[str]:
    return [local(known.opening.start_at) for known in desk.booked.values()]


def did(desk: Desk, kind: type) -> int:
    return sum(isinstance(effect, kind) for effect in desk.effects)


def booked_unheard(heard: float) -> tuple[Desk, Left | None]:
    """A call that ends in the news of its booking, of which this share was heard, and what it left."""
    desk = Desk()
    desk.answer()
    desk.hear(WISH)
    desk.hear("Yes.")
    desk.happen(PromptCut(heard))
    desk.happen(CallerHungUp())
    return desk, left_of(desk.state)
