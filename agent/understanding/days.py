"""Which days a caller wishes: what an utterance mentions, put together into one wish.

Mentions are joined by what stands between them: "or" makes alternatives, "to" a range, a weekday beside its date one
day, "next week" frames the weekday named with it. Otherwise the last one said wins, because it corrects the others.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

from agent.domain.facts import DayConflict
from agent.understanding.dates import date_or_none
from agent.understanding.day_limits import bounded, refused_mentions, without
from agent.understanding.day_values import SOON_DAYS, Days
from agent.understanding.mentions import Mention, find_mentions, text_before, text_between
from agent.understanding.words import word_set

_SOON = re.compile(
    r"\b(as soon as (?:possible|you can)|soonest|asap|right away|soon as possible|earliest you have"
    r"|(?:first|1st|next|earliest) (?:available|opening|appointment|possible))\b"
)
_ANY_DAY = re.compile(r"\b(any ?time|any (?:other )?day|whenever|anything (?:but|except))\b")
_CORRECTION = re.compile(r"\b(?:no|actually|wait|sorry|instead|rather|i mean|i meant|make (?:it|that))\b")
_APPOSITION = word_set("the a on that is thats which its")
_TO = word_set("to through thru until till til")
_OR = word_set("or and nor")
#: What may stand with "or" between two alternatives.
_BESIDE_OR = word_set("or and nor the on maybe even possibly either else perhaps at for")
#: What is told rather than wished.
_GONE = frozenset({"past", "ago", "unclear"})
#: "I broke a tooth yesterday" wishes nothing of yesterday.
_STORY = re.compile(
    r"\b(?:was|were|had|been|since|did|got|lost|broke|chipped|cracked|fell|came|went|called|spoke|talked|started|began"
    r"|happened|hurt|hurts|hurting|noticed|saw|told|said)\b"
)
_LEFT_OF = {"tonight": "evening", "this ": ""}
#: Alternatives further apart than this are not searched together.
MAX_APART_DAYS = 21


def read_days(text: str, today: date, *, offers: int = 0) -> tuple[Days, str]:
    """The days of an utterance (numerals already written), and the text without them.

    Args:
        offers: as many are open; "the first" then picks one of them and is not a day of the month.
    """
    mentions = find_mentions(text, today, offers=offers)
    rest = text
    for mention in reversed(mentions):
        # "Tonight" and "this morning" say the hour too; "|" keeps an hour apart from a number after the day.
        left = _LEFT_OF.get(text[mention.start : mention.stop], " | ")
        rest = f"{rest[: mention.start]}{left}{rest[mention.stop :]}"
    refused = refused_mentions(mentions, text)
    wished = [mention for mention in mentions if mention not in refused]
    named = [mention for mention in wished if mention.kind not in _GONE]
    gone = [mention for mention in wished if mention.kind == "past" and not _STORY.search(text)]
    if named:
        days = _settled(_in_one_month(named, text), text, today)
    elif gone:
        days = gone[-1].days
    elif _SOON.search(text):
        days, rest = Days(today, today + timedelta(days=SOON_DAYS)), _SOON.sub(" ", rest)
    else:
        days = Days()
    return without(days, refused, today), rest


def reads_any_day(text: str) -> bool:
    """Whether the caller leaves the day to us."""
    return _ANY_DAY.search(text) is not None


def any_day(today: date, except_on: tuple[date, ...] = ()) -> Days:
    """The days searched when the caller leaves the day to us."""
    return Days(today, today + timedelta(days=SOON_DAYS), except_on=except_on)


def _settled(mentions: list[Mention], text: str, today: date) -> Days:
    """One wish out of several mentions."""
    mentions = _combined(mentions, text)
    index = len(mentions) - 1
    last = mentions[index]
    if index and (ranged := _range(mentions[-2], last, text)) is not None:
        return ranged
    group = [last]
    is_or = False
    while index:
        between = text_between(mentions[index - 1], mentions[index], text)
        if not _is_or(between) and not (is_or and not between.split()):
            break
        is_or = True
        index -= 1
        group.insert(0, mentions[index])
    if len(group) > 1:
        return _alternatives(group)
    return bounded(last, text_before(mentions, len(mentions) - 1, text), text[last.stop :], today)


def _in_one_month(mentions: list[Mention], text: str) -> list[Mention]:
    """ "The 3rd or 4th of March": a number joined to a date is of its month."""
    found = list(mentions)
    for index in range(1, len(found)):
        first, second = found[index - 1], found[index]
        between = text_between(first, second, text)
        if not _is_or(between) and not _TO.intersection(between.split()):
            continue
        for number, dated, place in ((first, second, index - 1), (second, first, index)):
            if number.kind == "ordinal" and dated.kind in _WITH_MONTH and dated.span and number.number:
                day = date_or_none(dated.span[0].year, dated.span[0].month, number.number)
                found[place] = number if day is None else replace(number, days=Days(day, day))
    return found


def _combined(mentions: list[Mention], text: str) -> list[Mention]:
    """Neighbours that name one day together, as one mention each."""
    found: list[Mention] = []
    for mention in mentions:
        between = text_between(found[-1], mention, text) if found else ""
        days = _joint(found[-1], mention, between) if found else None
        if days is None:
            found.append(mention)
        else:
            found[-1] = replace(mention, start=found[-1].start, days=days, kind="joint")
    return found


_WEEKDAY_KINDS = frozenset({"coming", "next", "next_week_day", "this_week_day"})
_WITH_MONTH = frozenset({"dated", "slashed", "month_day"})
_DATE_KINDS = frozenset({"dated", "slashed", "ordinal", "month_day", "shift"})
_FRAMES = frozenset({"week", "part", "month", "nth_week", "week_of", "within"})


def _joint(first: Mention, second: Mention, between: str) -> Days | None:
    """The day two mentions name together; None when they are two wishes."""
    is_beside = all(word in _APPOSITION for word in between.split())
    for weekday, dated in ((first, second), (second, first)):
        if is_beside and weekday.kind in _WEEKDAY_KINDS and dated.kind in _DATE_KINDS and weekday.weekday is not None:
            if dated.weekday is not None or dated.span is None:
                return dated.days
            on = dated.span[0]
            is_same = on.weekday() == weekday.weekday
            return dated.days if is_same else Days(conflict=DayConflict(weekday.weekday, on))
    if _CORRECTION.search(between) or _is_or(between):
        return None
    for frame, inner in ((first, second), (second, first)):
        if frame.kind in _FRAMES and frame.span is not None:
            return _within(frame.span, inner)
    return None


def _within(span: tuple[date, date], inner: Mention) -> Days | None:
    """The day of a span that a bare weekday or number means; None when the span has none such."""
    if inner.kind not in ("coming", "ordinal"):
        return None
    reach = [span[0] + timedelta(days=n) for n in range((span[1] - span[0]).days + 1)]
    found = [day for day in reach if inner.number == day.day or inner.weekday == day.weekday()]
    return Days(found[0], found[0]) if found else None


def _range(first: Mention, last: Mention, text: str) -> Days | None:
    words = [word for word in text_between(first, last, text).split() if word not in ("the", "on")]
    is_between = words == ["and"] and re.search(r"\bbetween(?: the)?\s*$", text[: first.start]) is not None
    if not is_between and (len(words) != 1 or words[0] not in _TO):
        return None
    if first.span is None or last.span is None:
        return None
    is_forward = first.span[0] <= last.span[1]
    return Days(first.span[0], last.span[1]) if is_forward else last.days


def _alternatives(group: list[Mention]) -> Days:
    """One span with the days between left out; the first alternative when another is far off or no day."""
    spans = [mention.span for mention in group if mention.span is not None]
    conflict = next((mention.days for mention in group if mention.days.conflict is not None), None)
    if conflict is not None or len(spans) < len(group):
        return conflict or group[0].days
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    if (last - first).days > MAX_APART_DAYS:
        return group[0].days
    reach = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return Days(first, last, except_on=tuple(d for d in reach if not any(low <= d <= high for low, high in spans)))


def _is_or(between: str) -> bool:
    """Whether two mentions are alternatives; each may have its own hour ("Thursday at 3 or Friday at 4")."""
    words = between.split()
    while words and words[-1] in _BESIDE_OR - _OR:
        words.pop()
    return bool(words) and words[-1] in _OR and not _CORRECTION.search(between) and "but" not in words
