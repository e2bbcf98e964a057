"""The call: `advance`, the only way its state changes, and the table it looks up.

Law 1: every transition is a row of TABLE; what a row does is a handler in `agent.domain.booking`.
Law 2: nothing here waits, looks anything up or speaks; a transition names reads, effects and lines.
Law 3: an event without a row for the current stage changes nothing and says nothing.

Life of a booking: SERVICE, TIME, SEARCHING (a read is out), CHOOSING or HOLDING (an effect is out),
NAME, PHONE, CONFIRMING, BOOKING (an effect is out), BOOKED, ENDED. Facts may arrive in any order and
at any stage; each step skips what is already known, and a correction goes back as far as it must.
TROUBLE is where a store failure waits for "shall I try again?".
"""

from __future__ import annotations

from datetime import datetime

from agent.domain.events import Event
from agent.domain.state import PENDING_STAGES, CallState, EndReason, Stage, Transition, new_call
from agent.domain.tenant import Tenant

__all__ = [
    "PENDING_STAGES", "CallState", "EndReason", "Stage", "Transition", "advance", "new_call",
]  # fmt: skip


def advance(state: CallState, event: Event, now: datetime, tenant: Tenant) -> Transition:
    """What the rules make of an event.

    Args:
        now: aware; decides what is past and too far ahead.
    Returns: the same state and nothing else when the event has no meaning at this stage.
    """
    return Transition(state)
