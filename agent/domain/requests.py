"""What the rules ask of storage: reads, which may run speculatively, and effects, which run once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from agent.domain.appointments import Appointment, Hold
from agent.domain.notes import Message, Text
from agent.domain.openings import Opening, Window

# Reads: pure look-ups. May run speculatively, several times, for a turn that is later discarded.


@dataclass(frozen=True, slots=True)
class FindOpenings:
    """Look for openings; answered by OpeningsFound or StoreFailed.

    Attributes:
        limit: at most this many, 1 to 3.
        ignoring_hold: this call's own hold, which must not count as busy.
        ignoring_appointment: nor must the appointment that is to be moved.
    """

    service_id: str
    window: Window
    limit: int = 3
    ignoring_hold: UUID | None = None
    ignoring_appointment: UUID | None = None


@dataclass(frozen=True, slots=True)
class FindAppointments:
    """Look for appointments to come; answered by AppointmentsFound or StoreFailed.

    A number alone finds nothing but the appointments of the number called from: see docs/adr/0023.

    Attributes:
        phone: E.164, the number an appointment was booked under.
        name: of whom it was booked for; None only for the number called from.
        on: the local day it is on, when no number is known.
    """

    phone: str | None = None
    name: str | None = None
    on: date | None = None


Read = FindOpenings | FindAppointments


# Effects: run once, in order, only after the turn that asked for them is committed.


@dataclass(frozen=True, slots=True)
class HoldOpening:
    """Reserve an opening; answered by Held, HoldLost or StoreFailed.

    Attributes:
        replacing: of the appointment that is to be moved there; the two may overlap ("half an hour later").
    """

    service_id: str
    opening: Opening
    replacing: Opening | None = None


@dataclass(frozen=True, slots=True)
class ReleaseHold:
    """Give a hold back. No reply; a failure is harmless because holds expire."""

    hold_id: UUID


@dataclass(frozen=True, slots=True)
class ConfirmBooking:
    """Turn a hold into a booking; answered by Booked, BookingLost or StoreFailed.

    Idempotent by `intent_key`: a key already booked answers Booked with `was_known`. A hold that has
    expired is booked all the same while its opening is still free.
    """

    intent_key: str
    hold: Hold
    service_id: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class MoveAppointment:
    """Book what a hold reserved and give up an appointment for it, both or neither.

    Answered by Moved, BookingLost (the new opening is somebody else's), AppointmentGone or StoreFailed.

    Attributes:
        change_key: of this wish; repeated, it answers Moved with the appointment that the first one made.
        booking_key: under which the new appointment is known, as if it had been booked there at once.
    """

    change_key: str
    booking_key: str
    appointment: Appointment
    hold: Hold


@dataclass(frozen=True, slots=True)
class CancelAppointment:
    """Call an appointment off; answered by Cancelled, AppointmentGone or StoreFailed. Idempotent by `change_key`."""

    change_key: str
    appointment: Appointment


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """Store a message or a wish to be called back; answered by Taken or StoreFailed.

    Idempotent by `key`: within the call, and for a caller who is known also in a call soon after it.

    Attributes:
        caller_number: E.164, the number called from; None when withheld.
    """

    key: str
    message: Message
    caller_number: str | None


@dataclass(frozen=True, slots=True)
class SendText:
    """Store the consent and put the text in the outbox, both or neither; answered by Taken or StoreFailed.

    Idempotent: one text of a kind for an appointment, one link a call.
    """

    text: Text


Effect = (
    HoldOpening | ReleaseHold | ConfirmBooking | MoveAppointment | CancelAppointment | TakeMessage | SendText
)  # fmt: skip
