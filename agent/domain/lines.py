"""What the rules say: prompts by key, with what is to be filled in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


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
    NO_HUMAN = "no_human"
    NO_MESSAGES = "no_messages"
    OR_LEAVE_MESSAGE = "or_leave_message"
    LOST = "lost"
    OFFER_MESSAGE = "offer_message"
    OFFER_LINK = "offer_link"
    ASK_MESSAGE = "ask_message"
    ASK_MESSAGE_URGENT = "ask_message_urgent"
    MESSAGE_IS_URGENT = "message_is_urgent"
    READ_BACK_MESSAGE = "read_back_message"
    READ_BACK_MESSAGE_ONLY = "read_back_message_only"
    MESSAGE_TAKEN = "message_taken"
    MESSAGE_DROPPED = "message_dropped"
    ASK_TEXT = "ask_text"
    TEXT_COMING = "text_coming"
    LINK_COMING = "link_coming"
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
    HINT_MESSAGE = "hint_message"
    STILL_THERE = "still_there"
    ONE_MOMENT = "one_moment"
    STORE_TROUBLE = "store_trouble"
    GIVE_UP_NOT_UNDERSTOOD = "give_up_not_understood"
    GIVE_UP_STORE = "give_up_store"
    GIVE_UP_SILENCE = "give_up_silence"
    GIVE_UP_OVERFLOW = "give_up_overflow"
    GIVE_UP_CALL_AGAIN = "give_up_call_again"
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
