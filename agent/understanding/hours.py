"""Times of day as callers say them: exact, after, before, between, one or the other, and parts of the day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time

from agent.domain.tenant import Tenant
from agent.understanding.clock import clock, half_of_day, has_clock, time_of
from agent.understanding.dayparts import read_day_part
from agent.understanding.words import word_set

_BETWEEN = re.compile(
    rf"\b(?:between|from) {clock('a')} (?:and|to|until|till|til) {clock('b')}\b"
    rf"|\b{clock('c')} to {clock('d')}\b"
)
_OR = re.compile(rf"\b{clock('a')} (?:\| )?or (?:(?:\||at|around|about|maybe|even|possibly|on|the) )*{clock('b')}\b")
_CANT = r"(?:cant|cannot|can not|couldnt|could not|wont|dont want)(?: \w+){0,3}"
#: Said of a time that is not wished, with or without the one that is.
_REFUSED = re.compile(
    rf"\b(?:(?<!why )(?<!if )not|{_CANT}|instead of|rather than)(?: (?:at|for|available at|free at))? {clock('a')}\b"
    rf"|\b{clock('b')} (?:(?:doesnt|does not|wont|will not|isnt going to) work|isnt (?:good|possible)"
    r"|is (?:no good|not good|bad|taken|too (?:early|late)|out))\b"
)
#: In order, each cut out before the next: "no later than" is no "later than", "can't before" is an "after".
_BOUND_PATTERNS = tuple(
    (side, re.compile(pattern))
    for side, pattern in (
        (
            "not_before",
            rf"\b(?:(?:no|not|any) (?:earlier|sooner) than|not before|{_CANT} before"
            r"|(?:busy|work|working|tied up|booked|not|not free|not available) (?:until|till|til)"
            rf"|(?:get off|finish|done|off)(?: work)? (?:at|by)) {clock('a')}\b",
        ),
        ("not_after", rf"\b(?:(?:no|not|any) later than|not (?:after|past)|{_CANT} (?:after|past)) {clock('a')}\b"),
        (
            "not_before",
            rf"\b(?:after|past|from|later than|starting(?: at)?) {clock('a')}\b"
            rf"|\b{clock('b')} (?:(?:or|and) (?:later|after)|onwards?|and on|at the earliest)\b",
        ),
        (
            "not_after",
            rf"\b(?:before|by|until|till|til|up to|earlier than) {clock('a')}\b"
            rf"|\b{clock('b')} (?:or (?:earlier|before|sooner)|at the latest)\b",
        ),
    )
)
#: What stands right before an hour and makes a number one.
_AT = re.compile(r"\b(?:at|around|about|approximately|roughly|make it)\s*$")
#: These do only when nothing more is said, or only a day or a courtesy: "it will be two families".
_AT_END = re.compile(r"\b(?:for|to|its?|say|like|maybe|be)\s*$")
_ENDS = re.compile(r"^\s*(?:$|\||(?:please|if|thanks|thank|ok|okay|instead|then|on|that|works|would|or)\b)")
#: "530" is how a recogniser writes half past five, but also a house number.
_UNDIVIDED = re.compile(r"(?<!\d )\b(1[0-2]|0?[1-9])([0-5][05])(?=$| (?:please|works|would|is|on|in|if|oclock)\b| \|)")
_GREETING = re.compile(r"\b(?:good|lovely|nice|great) (?:morning|afternoon|evening|night)\b")
_PLAIN = re.compile(rf"\b{clock('a')}\b")
_COMPANY = word_set(
    "i would like id lets do can we you how about what is that works work please the a good great fine sure ok okay yes"
    " yeah no actually then so maybe perfect one on and ill take it its make sounds for have want me wait sorry i mean"
    " meant instead thanks thank hi could try book schedule move change there any anything something time an"
    " appointment available free open possible if in to get come my be does at around sometime just prefer with well |"
)
#: Two hours further apart are no range: the first one said is tried.
MAX_APART_MIN = 120


@dataclass(frozen=True, slots=True)
class Hours:
    """What an utterance said about the time of day; all None when nothing."""

    at: time | None = None
    not_before: time | None = None
    not_after: time | None = None


def read_hours(text: str, day: date | None, tenant: Tenant, *, takes_bare: bool) -> Hours:
    """The time of day in an utterance whose numerals are written and whose days are cut out.

    Args:
        day: decides morning or afternoon by that day's opening hours; None tries the whole week's.
        takes_bare: "three thirty" alone is a time, because a time was asked for.
    Returns: nothing when the words contradict each other ("3 pm in the morning", "after five but before three").
    """
    text = " ".join(_GREETING.sub(" ", text).split())
    if takes_bare:
        text = _UNDIVIDED.sub(r"\1:\2", text)
    if any(len(half_of_day(match, "a")) > 1 for match in _PLAIN.finditer(text)):
        return Hours()
    span = _between(text, day, tenant)
    if span is not None:
        return span
    bounds, text = _bounds(text, day, tenant)
    low, high = read_day_part(text)
    if bounds:
        return _bounded(bounds.get("not_before"), bounds.get("not_after"), low, high)
    wished = _REFUSED.sub(" ", text)
    exact = _either(wished, day, tenant, takes_bare) or _exact(wished, day, tenant, takes_bare)
    return exact or Hours(not_before=low, not_after=high)


def _bounded(after: time | None, before: time | None, low: time | None, high: time | None) -> Hours:
    """Bounds, and those of a part of the day that lie inside them ("in the morning, after nine")."""
    if after is not None and before is not None:
        return Hours(not_before=after, not_after=before) if after <= before else Hours()
    if after is not None:
        return Hours(not_before=after, not_after=high if high is not None and high > after else None)
    assert before is not None
    return Hours(not_before=low if low is not None and low < before else None, not_after=before)


def _between(text: str, day: date | None, tenant: Tenant) -> Hours | None:
    match = _BETWEEN.search(text)
    if match is None:
        return None
    is_plain = has_clock(match, "b")
    low_prefix, high_prefix = ("a", "b") if is_plain else ("c", "d")
    if not is_plain and _is_minutes(match):
        return None
    high = time_of(match, high_prefix, day, tenant)
    meridiem = match.group(f"{high_prefix}mer")
    low = time_of(match, low_prefix, day, tenant, meridiem)
    if low is not None and high is not None and low >= high and meridiem:
        low = time_of(match, low_prefix, day, tenant)
    if low is None or high is None or low >= high:
        return None
    return Hours(not_before=low, not_after=high)


def _is_minutes(match: re.Match[str]) -> bool:
    """ "Ten to three" is ten minutes before it; with "from", or with minutes or am or pm of its own, it is an hour."""
    is_hour = match["cm"] is not None or half_of_day(match, "c") or match["ch"] is None
    return not is_hour and int(match["ch"]) % 5 == 0


def _bounds(text: str, day: date | None, tenant: Tenant) -> tuple[dict[str, time], str]:
    """The bounds that were said, and the text without them."""
    found: dict[str, time] = {}
    for side, pattern in _BOUND_PATTERNS:
        for match in pattern.finditer(text):
            # "Quarter after three" is an exact time, not "after three".
            if side in found or re.search(r"\b(?:half|quarter|\d+(?: minutes)?)\s*$", text[: match.start()]):
                continue
            bound = time_of(match, "a" if has_clock(match, "a") else "b", day, tenant)
            if bound is not None:
                found[side] = bound
                text = f"{text[: match.start()]} | {text[match.end() :]}"
                break
    return found, text


def _either(text: str, day: date | None, tenant: Tenant, takes_bare: bool) -> Hours | None:
    """Two hours joined by "or": the range between them when they are close."""
    match = _OR.search(text)
    if match is None or not (_is_marked(text, match, "a") or takes_bare or half_of_day(match, "b")):
        return None
    halves = next(iter(half_of_day(match, "b")), None), next(iter(half_of_day(match, "a")), None)
    first, second = (time_of(match, prefix, day, tenant, half) for prefix, half in zip("ab", halves, strict=True))
    if first is None or second is None:
        return None
    low, high = sorted((first, second))
    apart_min = (high.hour - low.hour) * 60 + high.minute - low.minute
    return Hours(not_before=low, not_after=high) if 0 < apart_min <= MAX_APART_MIN else Hours(at=first)


def _exact(text: str, day: date | None, tenant: Tenant, takes_bare: bool) -> Hours | None:
    """The last time that is plainly one: marked by a preposition, minutes, a meridiem, or by being asked for."""
    found = None
    for match in _PLAIN.finditer(text):
        if _is_marked(text, match, "a") or (takes_bare and _stands_alone(text, match)):
            found = time_of(match, "a", day, tenant) or found
    return None if found is None else Hours(at=found)


_MARKS = ("pre", "mer", "part", "word", "rel", "half")


def _is_marked(text: str, match: re.Match[str], prefix: str) -> bool:
    said, before = match.group(), text[: match.start()]
    if ":" in said or "oclock" in said or any(match.group(f"{prefix}{mark}") for mark in _MARKS):
        return True
    ends = _ENDS.match(text[match.end() :]) is not None
    return _AT.search(before) is not None or (ends and _AT_END.search(before) is not None)


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    rest = (text[: match.start()] + " " + text[match.end() :]).split()
    return all(word in _COMPANY for word in rest)
