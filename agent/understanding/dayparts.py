"""Parts of the day without a clock time: "in the afternoon, not too late", "first thing", "after lunch"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True, slots=True)
class DayPart:
    """A range of starts, and what is left of it when it is to be "not too early" or "not too late"."""

    low: time | None
    high: time | None
    not_early: time
    not_late: time


#: In order of preference: the narrower before the wider.
_PARTS = tuple(
    (re.compile(pattern), DayPart(low, high, not_early, not_late))
    for pattern, low, high, not_early, not_late in (
        (r"\b(?:first|1st) thing\b|\bearly (?:in the |on in the )?mornings?\b|\bbefore (?:work|school)\b",
         None, time(9, 30), time(9), time(9, 30)),
        (r"\bmid ?mornings?\b", time(9, 30), time(11), time(10), time(10, 30)),
        (r"\blate(?:r)? (?:in the )?mornings?\b", time(10), time(11, 59), time(11), time(11)),
        (r"\bbefore lunch(?: ?time)?\b", None, time(12), time(10), time(11)),
        (r"\bmornings?\b", None, time(11, 59), time(10), time(11)),
        (r"\bafter lunch(?: ?time)?\b", time(13), time(16, 59), time(14), time(15, 30)),
        (r"\bearly (?:in the )?afternoons?\b", time(12), time(14), time(13), time(13, 30)),
        (r"\bmid ?afternoons?\b", time(14), time(15, 30), time(14, 30), time(15)),
        (r"\blate(?:r)? (?:in the )?afternoons?\b|\b(?:end of|late in) the day\b|\blast thing\b|\bclose of business\b",
         time(15), time(17), time(16), time(16)),
        (r"\bafter school\b", time(15), None, time(15, 30), time(16, 30)),
        (r"\bafternoons?\b", time(12), time(16, 59), time(13, 30), time(15, 30)),
        (r"\bevenings?\b|\btonight\b|\bafter (?:work|hours)\b|\b(?:at|the) night\b|(?<=\| )night\b",
         time(17), None, time(18), time(19)),
        (r"\blunch ?(?:time|hour|break)?\b", time(11, 30), time(13, 30), time(12), time(13)),
    )
)  # fmt: skip
_ANY = DayPart(None, None, time(10), time(16))
_NOT_LATE = re.compile(r"\bnot (?:too|very|so|that|all that) late\b")
_NOT_EARLY = re.compile(r"\bnot (?:too|very|so|that|all that) early\b|\bnot (?:first|1st) thing\b")


_REFUSED = re.compile(
    # "No, morning" has lost its comma; "no mornings" is a refusal.
    r"\b(?:no(?= (?:the )?\w+s\b)|not|any ?(?:time|thing|day) but|except|other than|rather than|instead of|cant do"
    r"|dont want)(?: (?:in|for))?(?: the)? (?P<before>morning|afternoon|evening)s?\b"
    r"|\b(?P<after>morning|afternoon|evening)s? (?:doesnt|does not|dont|do not|wont) work\b"
)
#: What is left of the day without one of its parts.
_BUT = {
    "morning": DayPart(time(12), None, time(13, 30), time(16)),
    "afternoon": DayPart(None, time(11, 59), time(10), time(11)),
    "evening": DayPart(None, time(16, 59), time(10), time(16)),
}


def read_day_part(text: str) -> tuple[time | None, time | None]:
    """The earliest and latest start; both None when no part of the day was named.

    What is wished wins over what is refused ("not in the morning, in the afternoon").
    """
    plain = _NOT_EARLY.sub(" ", _NOT_LATE.sub(" ", text))
    refused = _REFUSED.search(plain)
    plain = _REFUSED.sub(" ", plain)
    left = _BUT[refused["before"] or refused["after"]] if refused else _ANY
    part = next((part for pattern, part in _PARTS if pattern.search(plain)), left)
    low = part.not_early if _NOT_EARLY.search(text) else part.low
    high = part.not_late if _NOT_LATE.search(text) else part.high
    return low, high
