"""What happens to a call (events), what it asks for (reads, effects) and what it says (lines)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from uuid import UUID

from agent.domain.facts import Facts
from agent.domain.openings import Opening, Window


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
    """

    id: UUID
    service_id: str
    opening: Opening
    was_known: bool = False


# Events: what the engine tells the rules.


@dataclass(frozen=True, slots=True)
class Answered:
    """The caller can hear us."""


@dataclass(frozen=True, slots=True)
class Said:
    """The caller finished a turn."""

    facts: Facts


@dataclass(frozen=True, slots=True)
class OpeningsFound:
    """The reply to FindOpenings, best first; empty when nothing is free within the search."""

    openings: tuple[Opening, ...]


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
    """The caller left."""


Event = (
    Answered | Said | OpeningsFound | Held | HoldLost | Booked | BookingLost
    | AppointmentsFound | Moved | Cancelled | AppointmentGone | StoreFailed | PromptCut | Silent | CallerHungUp
)  # fmt: skip

#: Every kind of event, in the order of the picture in docs/call-flow.md.
EVENT_KINDS: tuple[type, ...] = (
    Answered, Said, OpeningsFound, Held, HoldLost, Booked, BookingLost,
    AppointmentsFound, Moved, Cancelled, AppointmentGone, StoreFailed, PromptCut, Silent, CallerHungUp,
)  # fmt: skip


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


Effect = HoldOpening | ReleaseHold | ConfirmBooking | MoveAppointment | CancelAppointment


class MoveRefusal(Enum):
    """Why an appointment was not moved."""

    OPENING_TAKEN = "opening_taken"
    APPOINTMENT_GONE = "appointment_gone"


class LineKey(Enum):
    """Every prompt the rules can ask for; texts are in agent/dialogue/prompts/."""

    GREETING = "greeting"
    AI_DISCLOSURE = "ai_disclosure"
    RECORDING_NOTICE = "recording_notice"
    NOT_RECORDING = "not_recording"
    ASK_HELP = "ask_help"
    ASK_SERVICE = "ask_service"
    ASK_WHEN = "ask_when"
    ASK_DAY = "ask_day"
    ASK_OTHER_TIME = "ask_other_time"
    ASK_DATE_CONFLICT = "ask_date_conflict"
    TIME_IS_PAST = "time_is_past"
    TIME_IS_TOO_FAR = "time_is_too_far"
    NOTHING_FREE = "nothing_free"
    NOT_FREE = "not_free"
    JUST_TAKEN = "just_taken"
    OFFER_ONE = "offer_one"
    OFFER_TWO = "offer_two"
    OFFER_TWO_SAME_DAY = "offer_two_same_day"
    ASK_WHICH = "ask_which"
    HELD = "held"
    ASK_NAME = "ask_name"
    ASK_PHONE = "ask_phone"
    ASK_PHONE_REST = "ask_phone_rest"
    ASK_PHONE_AGAIN = "ask_phone_again"
    READ_BACK = "read_back"
    READ_BACK_SHORT = "read_back_short"
    ASK_WHAT_TO_CHANGE = "ask_what_to_change"
    BOOKED = "booked"
    ASK_ANYTHING_ELSE = "ask_anything_else"
    ASK_WHAT_ELSE = "ask_what_else"
    FOUND_AND_CANCEL = "found_and_cancel"
    FOUND_AND_MOVE = "found_and_move"
    ASK_OTHER_THAN_NOW = "ask_other_than_now"
    NOT_UNDER_THIS_NUMBER = "not_under_this_number"
    NOT_FOUND_YET = "not_found_yet"
    NOT_FOUND = "not_found"
    ASK_BOOKED_PHONE = "ask_booked_phone"
    ASK_BOOKED_NAME = "ask_booked_name"
    ASK_BOOKED_DAY = "ask_booked_day"
    ASK_WHICH_OF_TWO = "ask_which_of_two"
    ASK_WHICH_OF_MANY = "ask_which_of_many"
    READ_BACK_MOVE = "read_back_move"
    MOVED = "moved"
    CANCELLED = "cancelled"
    KEPT = "kept"
    APPOINTMENT_GONE = "appointment_gone"
    BOOKING_DROPPED = "booking_dropped"
    CHANGE_BY_CALLBACK = "change_by_callback"
    HUMAN_NOT_AVAILABLE = "human_not_available"
    EMERGENCY = "emergency"
    EMERGENCY_GAS = "emergency_gas"
    EMERGENCY_SUICIDE = "emergency_suicide"
    NO_MEDICAL_ADVICE = "no_medical_advice"
    NO_LEGAL_ADVICE = "no_legal_advice"
    NO_PRIVATE_NUMBERS = "no_private_numbers"
    SORRY = "sorry"
    HINT_SERVICE = "hint_service"
    HINT_WHEN = "hint_when"
    HINT_CHOICE = "hint_choice"
    HINT_NAME = "hint_name"
    HINT_PHONE = "hint_phone"
    HINT_YES_NO = "hint_yes_no"
    HINT_CHANGE = "hint_change"
    HINT_BOOKED_DAY = "hint_booked_day"
    STILL_THERE = "still_there"
    ONE_MOMENT = "one_moment"
    STORE_TROUBLE = "store_trouble"
    GIVE_UP_NOT_UNDERSTOOD = "give_up_not_understood"
    GIVE_UP_STORE = "give_up_store"
    GIVE_UP_SILENCE = "give_up_silence"
    FAREWELL = "farewell"
    FAREWELL_BOOKED = "farewell_booked"
    FAREWELL_KEPT = "farewell_kept"


@dataclass(frozen=True, slots=True)
class Line:
    """A prompt to speak.

    Attributes:
        args: placeholder and value pairs. Names end in `_at` for UTC ISO datetimes and `_on` for ISO
            dates, which are formatted for speech in the tenant's zone; `phone` is E.164.
    """

    key: LineKey
    args: tuple[tuple[str, str], ...] = ()


def line(key: LineKey, **args: str) -> Line:
    """A line with its arguments, in a stable order."""
    return Line(key, tuple(sorted(args.items())))
