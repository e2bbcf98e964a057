"""The telephone's keys: what they are asked for at this point of a call, and when an entry is complete.

An answer is one key wherever a few can be named; a day, a time and a telephone number are digits. Pound ends what
is being entered, star takes it back and has the question said again, and zero alone asks for help.
"""

from __future__ import annotations

from enum import Enum

from agent.domain.contact import NATIONAL_DIGITS, joined_digits
from agent.domain.facts import Expect
from agent.domain.lines import LineKey
from agent.domain.state import CallState, Stage

KEYS = "0123456789*#"
#: An entry is bounded; a payment card has fewer digits.
MOST_KEYS = 20
#: Digits of a day (month and day) and of a time (hour and minute).
CLOCK_DIGITS = 4
#: Nobody looks for the next key for longer.
GAP_S = 3.0
#: A key that is an answer by itself, and may be the first of more digits.
LONE_KEY_GAP_S = 1.5
#: After a whole telephone number: a card number goes on faster than this, and pound may follow.
SETTLE_S = 0.5


class Asked(Enum):
    """What the keys can answer."""

    WISH = "wish"
    SERVICE = "service"
    WHEN = "when"
    DAY = "day"
    CLOCK = "clock"
    OPENING = "opening"
    APPOINTMENT = "appointment"
    NAME = "name"
    SPOKEN_NAME = "spoken_name"
    PHONE = "phone"
    PHONE_FOR_NAME = "phone_for_name"
    BOOKED_PHONE = "booked_phone"
    CONTACT_PHONE = "contact_phone"
    YES_NO = "yes_no"
    CHANGE = "change"
    MESSAGE = "message"
    MESSAGE_CHANGE = "message_change"
    OTHER = "other"


_BY_QUESTION: dict[LineKey, Asked] = {
    LineKey.ASK_HELP: Asked.WISH,
    LineKey.ASK_WHAT_ELSE: Asked.WISH,
    LineKey.ASK_WHAT_TO_CHANGE: Asked.CHANGE,
    LineKey.KEYS_DAY: Asked.DAY,
    LineKey.KEYS_TIME: Asked.CLOCK,
}
#: Where the answer tells which existing appointment is meant, or belongs to a message; before the question's own.
_BY_STAGE: dict[tuple[Stage, Expect], Asked] = {
    (Stage.IDENTIFYING, Expect.WHEN): Asked.DAY,
    (Stage.IDENTIFYING, Expect.NAME): Asked.SPOKEN_NAME,
    (Stage.IDENTIFYING, Expect.PHONE): Asked.BOOKED_PHONE,
    (Stage.WHICH, Expect.WHEN): Asked.DAY,
    (Stage.WHICH, Expect.CHOICE): Asked.APPOINTMENT,
    (Stage.MESSAGE_CONTACT, Expect.NAME): Asked.SPOKEN_NAME,
    (Stage.MESSAGE_CONTACT, Expect.PHONE): Asked.CONTACT_PHONE,
    (Stage.CONFIRMING_MESSAGE, Expect.MESSAGE): Asked.MESSAGE_CHANGE,
}
_BY_EXPECTED: dict[Expect, Asked] = {
    Expect.SERVICE: Asked.SERVICE,
    Expect.WHEN: Asked.WHEN,
    Expect.CHOICE: Asked.OPENING,
    Expect.NAME: Asked.NAME,
    Expect.PHONE: Asked.PHONE,
    Expect.YES_NO: Asked.YES_NO,
    Expect.MESSAGE: Asked.MESSAGE,
}
PHONES = frozenset({Asked.PHONE, Asked.PHONE_FOR_NAME, Asked.BOOKED_PHONE, Asked.CONTACT_PHONE})
#: Pound alone says that there is no answer.
_WITHOUT_ANSWER = frozenset({Asked.NAME, Asked.SPOKEN_NAME, Asked.BOOKED_PHONE, Asked.CONTACT_PHONE})


def asked(state: CallState) -> Asked:
    """What keys pressed now answer."""
    question = _BY_QUESTION.get(state.question[-1].key) if state.question else None
    what = _BY_STAGE.get((state.stage, state.expects)) or question or _BY_EXPECTED.get(state.expects, Asked.OTHER)
    # words get there with a name, keys without one
    return Asked.PHONE_FOR_NAME if what is Asked.PHONE and state.name is None else what


def spelled(keys: str) -> str:
    """Keys as the text of a turn: "[5550123456#]"."""
    return f"[{keys}]"


def patience_s(keys: str, state: CallState) -> float:
    """How long after these keys, at least one, another may belong to them; 0 when they are a whole entry."""
    what = asked(state)
    if keys[-1] in "*#" or len(keys) >= MOST_KEYS:
        return 0.0
    if what in (Asked.DAY, Asked.CLOCK):
        return GAP_S if len(keys) < CLOCK_DIGITS else 0.0
    if what not in PHONES:
        return 0.0
    if keys in ("0", "1") and not state.phone_digits:
        return LONE_KEY_GAP_S
    digits = joined_digits(state.phone_digits, keys)
    is_whole = len(digits) >= NATIONAL_DIGITS + digits.startswith("1")
    return SETTLE_S if is_whole else GAP_S


def is_stray(key: str, keys: str, state: CallState) -> bool:
    """Whether this key, pressed after `keys`, says nothing: pound out of habit, or one that no telephone here has."""
    if key not in KEYS:
        return True
    what = asked(state)
    ends_nothing = what not in _WITHOUT_ANSWER and not (what in PHONES and state.phone_digits)
    return key == "#" and not keys and ends_nothing


def with_key(keys: str, key: str) -> str:
    """The entry with one more key: star takes back what was entered."""
    return key if key == "*" else keys + key


def first_entry(keys: str, state: CallState) -> str:
    """Of keys pressed in a row those that are the answer; the rest answers nothing that was asked."""
    entry = ""
    for key in keys:
        if is_stray(key, entry, state):
            continue
        entry = with_key(entry, key)
        if patience_s(entry, state) == 0.0:
            break
    return entry
