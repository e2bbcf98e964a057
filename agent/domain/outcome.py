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
    WAITLISTED = "waitlisted"
    QUALIFIED = "qualified"
    ANSWERED = "answered"
    TRANSFERRED = "transferred"
    MESSAGE = "message"
    CALLBACK = "callback"
    DECLINED = "declined"
    ABANDONED = "abandoned"
    REFUSED = "refused"


BY_END_REASON: dict[EndReason | None, Disposition] = {
    EndReason.GOODBYE: Disposition.DECLINED,
    EndReason.TRANSFERRED: Disposition.TRANSFERRED,
    EndReason.NOT_UNDERSTOOD: Disposition.ABANDONED,
    EndReason.STORE_FAILED: Disposition.ABANDONED,
    EndReason.SILENCE: Disposition.ABANDONED,
    EndReason.CALLER_HUNG_UP: Disposition.ABANDONED,
    None: Disposition.ABANDONED,
}
_WITHOUT_RESULT = frozenset({Disposition.DECLINED, Disposition.ABANDONED})


def disposition(state: CallState, *, was_answered: bool = True) -> Disposition:
    """What a finished call came to.

    Args:
        was_answered: False when no agent ever spoke (full fleet, unknown number).
    """
    if state.appointments and Operation.BOOK in state.done:
        return Disposition.BOOKED
    if state.appointments and Operation.MOVE in state.done:
        return Disposition.MOVED
    if Operation.CANCEL in state.done:
        return Disposition.CANCELLED
    if Operation.WAIT in state.done:
        return Disposition.WAITLISTED
    if not was_answered or state.stage is Stage.RINGING:
        return Disposition.REFUSED
    if state.lead is not None and state.phone is not None and state.wants_callback:
        return Disposition.QUALIFIED
    if state.has_left_message or state.wants_callback:
        return Disposition.MESSAGE if state.has_left_message else Disposition.CALLBACK
    came_to = BY_END_REASON[state.end_reason]
    only_asked = state.side.answered > 0 and state.service_id is None and state.change is None
    return Disposition.ANSWERED if only_asked and came_to in _WITHOUT_RESULT else came_to
