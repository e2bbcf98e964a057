"""Callers who do not disturb each other, dialled together: two book, one is silent, three hang up, two may not."""

from __future__ import annotations

from dataclasses import dataclass

from tests.call.dialler import Dialler, PendingCall
from tests.call.wishes import Day, open_thursday

JAMES, LINDA, SILENT = "+15550121001", "+15550121002", "+15550121003"
RINGING, MID_WORD, WHILE_HELD = "+15550123001", "+15550123002", "+15550123003"
UNKNOWN, STRANGER = "+15550124177", "+15550124188"
NOBODYS = "+15550109999"
#: Of the namespace, and in no network of the plan.
STRANGE_ADDRESS = "10.77.0.1"
PHONE_OF_JAMES, PHONE_OF_LINDA = "5550123456", "5550127788"


@dataclass(frozen=True, slots=True)
class Evening:
    """The callers; `day` is what the two who book ask for."""

    day: Day
    james: PendingCall
    linda: PendingCall
    silent: PendingCall
    ringing: PendingCall
    mid_word: PendingCall
    while_held: PendingCall
    unknown: PendingCall
    stranger: PendingCall


def begin_evening(dial: Dialler) -> Evening:
    """Dial; returns at once."""
    day = open_thursday()
    return Evening(
        day=day,
        silent=dial.begin("silence", SILENT),
        james=dial.begin("demo", JAMES, day=day.spoken, phone=_spoken(PHONE_OF_JAMES)),
        linda=dial.begin("several-facts", LINDA, day=day.spoken, phone=_spoken(PHONE_OF_LINDA)),
        ringing=dial.begin("hangup-ringing", RINGING, ear=False),
        mid_word=dial.begin("hangup-mid-word", MID_WORD, ear=False),
        while_held=dial.begin("hangup-while-held", WHILE_HELD, day=open_thursday(1).spoken),
        unknown=dial.begin("refused-busy", UNKNOWN, to=NOBODYS, ear=False),
        stranger=dial.begin("refused-silently", STRANGER, local_ip=STRANGE_ADDRESS, ear=False),
    )


def _spoken(phone: str) -> str:
    """Digit by digit, as people say it: '5 5 5, 0 1 2, 3 4 5 6'."""
    return ", ".join(" ".join(group) for group in (phone[:3], phone[3:6], phone[6:]))
