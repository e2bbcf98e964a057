"""A desk whose caller has an appointment already."""

from __future__ import annotations

from tests.unit.domain.desk import Desk, local

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
