"""The business result of a call, computed from its state. The technical outcome is `Blame`'s matter."""

from __future__ import annotations

from enum import Enum

from agent.domain.intent import Operation
from agent.domain.state import CallState, EndReason, Stage


class Disposition(Enum):
    """What a call came to, for the business."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    MESSAGE = "message"
    CALLBACK = "callback"
    DECLINED = "declined"
    ABANDONED = "abandoned"
    REFUSED = "refused"


BY_END_REASON: dict[EndReason | None, Disposition] = {
    EndReason.GOODBYE: Disposition.DECLINED,
    EndReason.NOT_UNDERSTOOD: Disposition.ABANDONED,
    EndReason.STORE_FAILED: Disposition.ABANDONED,
    EndReason.SILENCE: Disposition.ABANDONED,
    EndReason.CALLER_HUNG_UP: Disposition.ABANDONED,
    None: Disposition.ABANDONED,
}


def disposition(state: CallState, *, was_answered: bool = True) -> Disposition:
    """What a finished call came to.

    Args:
        was_answered: False when no agent ever spoke (full fleet, unknown number).
    """
    if state.appointments:
        return Disposition.BOOKED if Operation.BOOK in state.done else Disposition.MOVED
    if Operation.CANCEL in state.done:
        return Disposition.CANCELLED
    if not was_answered or state.stage is Stage.RINGING:
        return Disposition.REFUSED
    if state.has_left_message or state.wants_callback:
        return Disposition.MESSAGE if state.has_left_message else Disposition.CALLBACK
    return BY_END_REASON[state.end_reason]
