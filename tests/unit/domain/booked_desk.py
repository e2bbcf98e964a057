"""Desks in the middle of a conversation: one whose booking is read back or made, one with an appointment already."""

from __future__ import annotations

from agent.domain.lines import LineKey
from tests.unit.domain.desk import Desk, local

K = LineKey
#: Not the number called from.
OTHER = "+15550190002"


def with_cleaning(**kwargs: str) -> Desk:
    """A desk whose book has a cleaning on Thursday 26th at 3 PM; the call has been answered."""
    desk = Desk()
    desk.has_booked("cleaning", "Thursday at 3 PM", **kwargs)
    desk.answer()
    return desk


def times(desk: Desk) -> list[str]:
    """When each appointment in the book starts."""
    return sorted(local(appointment.opening.start_at) for appointment in desk.booked.values())


def cancelling() -> Desk:
    desk = with_cleaning()
    assert desk.hear("I need to cancel my appointment.") == [K.FOUND_AND_CANCEL]
    return desk


def moving() -> Desk:
    desk = with_cleaning()
    assert desk.hear("Can I move my appointment to Friday?") == [K.READ_BACK_MOVE]
    return desk


def confirming() -> Desk:
    """A desk that has just read everything back: cleaning, Thursday 26th at 3 PM, Dana Smith."""
    desk = Desk()
    desk.answer()
    assert desk.hear("I'd like a cleaning next Thursday at 3, my name is Dana Smith, 555-012-3456.")[-1] is K.READ_BACK
    return desk


def booked() -> Desk:
    desk = confirming()
    assert desk.hear("Yes.") == [K.BOOKED, K.ASK_ANYTHING_ELSE]
    return desk
