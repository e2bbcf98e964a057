"""An opening reserved, and an opening booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from agent.domain.openings import Opening


@dataclass(frozen=True, slots=True)
class Hold:
    """An opening reserved for this call until `expires_at`."""

    id: UUID
    opening: Opening
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Appointment:
    """A confirmed booking.

    Attributes:
        was_known: the intent key had already been booked (a retry or a call back): nothing new was written.
        is_texted: its customer agreed to texts before, and a confirmation has been put in the outbox with it.
        name: for whom this very call booked it; None when another call did.
    """

    id: UUID
    service_id: str
    opening: Opening
    was_known: bool = False
    is_texted: bool = False
    name: str | None = None


class MoveRefusal(Enum):
    """Why an appointment was not moved."""

    OPENING_TAKEN = "opening_taken"
    APPOINTMENT_GONE = "appointment_gone"
