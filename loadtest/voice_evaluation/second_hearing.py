"""What a caller believes of a read-back: a difference counts when it was heard twice.

The ear is a small recogniser, and gets a digit or a name wrong that was said right. A person in doubt asks again; what
was right in one of two hearings was right, and what he did not get at all he lets pass. Nobody hears the wished time,
name or number twice over by chance, so a read-back that is wrong stays wrong. A time unlike the wished one, as that of
a day of which he named no time, he does not doubt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from loadtest.evaluation.hearing import Ask, Heard
from loadtest.evaluation.plans import Booking

_READ_BACKS = (Ask.CONFIRM, Ask.CONFIRM_CANCEL, Ask.CONFIRM_MESSAGE)
_PHONE_LENGTH = 10
#: In order: what sounds the same is written the same.
_SOUNDS = (
    (r"[^a-z ]", ""), (r"ph", "f"), (r"ck|c(?=[^eiy]|$)", "k"), (r"y", "i"), (r"ou", "u"), (r"ew|ue|oo", "u"),
    (r"ai|ay|ei", "a"), (r"ee|ea|ie", "i"), (r"e\b", ""), (r"(?<=[a-z])h", ""), (r"(.)\1", r"\1"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wished:
    """What a read-back is to say.

    Attributes:
        booking: None while nothing of a diary is read back.
        phone: E.164.
        moved_from: when a move starts now.
    """

    booking: Booking | None
    phone: str
    moved_from: datetime | None = None


@dataclass
class SecondHearing:
    """The hearings of one read-back.

    Attributes:
        believed: of the read-back heard last, what was taken for different although it was wished otherwise.
    """

    believed: tuple[str, ...] = ()
    _right: set[str] = field(default_factory=set)
    _has_asked: bool = False

    def take(self, readings: Sequence[Heard], wished: Wished) -> Heard | None:
        """What was said, as far as he trusts his ear; None: he asks for it again.

        Args:
            readings: of the same words, the likeliest first.
        """
        first = readings[0]
        self.believed = ()
        if first.ask not in _READ_BACKS:
            self._right, self._has_asked = set(), False
            return first
        found = [_differing(heard, wished) for heard in readings]
        present = set().union(*found, *(_checked(heard) for heard in readings))
        self._right |= {name for name in present if any(name not in differing for differing in found)}
        wrong = present - self._right
        if wrong and not self._has_asked and not _is_plain(first, wished):
            self._has_asked = True
            return None
        if first.phone is None:
            wrong.discard("phone")  # too few digits or too many: nobody reads back such a number
        if "start" in wrong and first.starts in ((), (wished.moved_from,)):
            wrong.discard("start")  # a time that he did not get is no other one
            self._right.add("start")
        self._has_asked, self.believed = False, tuple(sorted(wrong))
        right, self._right = self._right, set()
        return _as_right(first, wished, right)


def _checked(heard: Heard) -> set[str]:
    """What a read-back named."""
    named = {"start": bool(heard.starts), "name": heard.name is not None, "phone": _has_number(heard)}
    return {name for name, is_named in named.items() if is_named}


def _differing(heard: Heard, wished: Wished) -> set[str]:
    booking = wished.booking
    differing = set()
    if _has_number(heard) and heard.phone != wished.phone:
        differing.add("phone")
    if booking is None or heard.ask is Ask.CONFIRM_MESSAGE:
        return differing
    if not heard.starts or heard.starts[-1] != booking.start:
        differing.add("start")
    if heard.name is not None and sound(heard.name) != sound(booking.name):
        differing.add("name")
    return differing


def _is_plain(heard: Heard, wished: Wished) -> bool:
    """Whether another time was read back that no ear takes for the wished one: on that day, hour and minute differ."""
    if wished.booking is None or not heard.starts:
        return False
    read, wish = heard.starts[-1], wished.booking.start
    return read.date() == wish.date() and read.hour != wish.hour and read.minute != wish.minute


def _has_number(heard: Heard) -> bool:
    """Whether something like a telephone number was heard, however many digits of it."""
    return heard.phone is not None or re.search(r"\b\d{7,}\b", heard.text) is not None


def _as_right(heard: Heard, wished: Wished, right: set[str]) -> Heard:
    if "phone" in right:
        heard = replace(heard, phone=wished.phone)
    if wished.booking is None or heard.ask is Ask.CONFIRM_MESSAGE:
        return heard
    if "name" in right and heard.name is not None:
        heard = replace(heard, name=wished.booking.name)
    if "start" in right:
        # Of a move it is the new time that was checked; the old one is as likely to be misheard.
        heard = replace(heard, starts=(wished.booking.start,))
    return heard


def sound(name: str) -> str:
    """A name as it sounds: two that nobody can tell apart by ear are the same."""
    key = name.lower()
    for pattern, instead in _SOUNDS:
        key = re.sub(pattern, instead, key)
    return key
