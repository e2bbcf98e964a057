"""What happens to a call: everything the engine tells the rules."""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain.appointments import Appointment, Hold
from agent.domain.facts import Emergency, Facts
from agent.domain.left import Left
from agent.domain.ranking import Offer
from agent.domain.transfers import TransferDone, TransferFailed

#: Stands for words that were heard and could not be recognised; no grammar reads it.
INAUDIBLE = "[inaudible]"

# Events: what the engine tells the rules.


@dataclass(frozen=True, slots=True)
class Answered:
    """The caller can hear us."""


@dataclass(frozen=True, slots=True)
class CalledBack:
    """The caller can hear us, and their last call was cut off with this left to do or to tell."""

    left: Left


@dataclass(frozen=True, slots=True)
class Said:
    """The caller finished a turn."""

    facts: Facts


@dataclass(frozen=True, slots=True)
class EmergencyHeard:
    """What the caller is saying, and has not finished, tells of an emergency; the Said of the whole turn follows."""

    kind: Emergency


@dataclass(frozen=True, slots=True)
class Pressed:
    """The caller pressed keys of the telephone, and that is all of them.

    Attributes:
        keys: 0-9, * and #, in order; empty when they are private.
        is_private: they were a card or social security number.
    """

    keys: str
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Unheard:
    """The caller said something, or would have, and speech cannot be recognised."""


@dataclass(frozen=True, slots=True)
class OpeningsFound:
    """The reply to FindOpenings, best first; empty when nothing is free within the search."""

    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """The reply to HoldOpening: it is ours until the hold expires."""

    hold: Hold


@dataclass(frozen=True, slots=True)
class HoldLost:
    """The reply to HoldOpening: somebody else has it."""


@dataclass(frozen=True, slots=True)
class Booked:
    """The reply to ConfirmBooking: it is stored."""

    appointment: Appointment


@dataclass(frozen=True, slots=True)
class BookingLost:
    """The reply to ConfirmBooking: the hold had expired and somebody else has the opening."""


@dataclass(frozen=True, slots=True)
class AppointmentsFound:
    """The reply to FindAppointments, soonest first; empty when there is none."""

    appointments: tuple[Appointment, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """The reply to MoveAppointment: this is the appointment now."""

    appointment: Appointment


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The reply to CancelAppointment: it is off."""

    appointment: Appointment


@dataclass(frozen=True, slots=True)
class AppointmentGone:
    """The reply to MoveAppointment or CancelAppointment: somebody else has changed it meanwhile."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The reply to JoinWaitlist: the caller is on the list."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The reply to TakeMessage and SendText: it is stored; `was_known` when it had been before."""

    was_known: bool = False


@dataclass(frozen=True, slots=True)
class StoreFailed:
    """A read or effect could not be performed, or its outcome is unknown."""


@dataclass(frozen=True, slots=True)
class PromptCut:
    """Our speech was cut off; sent before the Said that cut it.

    Attributes:
        heard_fraction: share of the last lines' audio that was played, 0 to 1.
    """

    heard_fraction: float


@dataclass(frozen=True, slots=True)
class Silent:
    """The caller said nothing for a while after our last words.

    Attributes:
        count: consecutive silences, from 1; the engine resets it when the caller speaks.
    """

    count: int


@dataclass(frozen=True, slots=True)
class CallerHungUp:
    """The caller left.

    Attributes:
        is_cut_off: it was us who could not go on: the caller has been promised a call back.
    """

    is_cut_off: bool = False


Event = (
    Answered | CalledBack | Said | EmergencyHeard | Pressed | Unheard | OpeningsFound | Held | HoldLost | Booked
    | BookingLost
    | AppointmentsFound | Moved | Cancelled | AppointmentGone | Listed | Taken | TransferDone | TransferFailed
    | StoreFailed | PromptCut | Silent | CallerHungUp
)  # fmt: skip

#: Every kind of event, in the order of the picture in docs/call-flow.md.
EVENT_KINDS: tuple[type, ...] = (
    Answered, CalledBack, Said, EmergencyHeard, Pressed, Unheard, OpeningsFound, Held, HoldLost, Booked, BookingLost,
    AppointmentsFound, Moved, Cancelled, AppointmentGone, Listed, Taken, TransferDone, TransferFailed,
    StoreFailed, PromptCut, Silent, CallerHungUp,
)  # fmt: skip
