"""Which days a caller wishes: what an utterance mentions, put together into one wish.

Mentions are joined by what stands between them: "or" makes alternatives, "to" a range, a weekday beside its date one
day, "next week" frames the weekday named with it. Otherwise the last one said wins, because it corrects the others.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

from agent.domain.facts import DayConflict
from agent.understanding.mentions import SOON_DAYS, Days, Mention, find_mentions
from agent.understanding.words import word_set

_SOON = re.compile(
    r"\b(as soon as (?:possible|you can)|soonest|asap|right away|soon as possible|earliest you have"
    r"|(?:first|1st|next|earliest) (?:available|opening|appointment|possible))\b"
)
_ANY_DAY = re.compile(r"\b(any ?time|any (?:other )?day|whenever|anything (?:but|except))\b")
_LINK = r"(?: it| be| come| there| me| on| for| at| the| in| free| available)*\s*$"
_REFUSED_BEFORE = re.compile(
    r"(?:(?<!why )(?<!if )\bnot|\bexcept|\b(?:day|days|time|anything|everything|week) but"
    r"|\b(?:cant|cannot|can not|couldnt|wont) (?:do|make|be|come)|\bother than|\bapart from|\bbesides"
    rf"|\binstead of|\brather than|\bbusy|\bunavailable|\baway|\bout of town){_LINK}"
)
_REFUSED_AFTER = re.compile(
    r"^\s*(?:doesnt work|does not work|wont work|will not work|is no good|isnt good|is not good|is bad|is out\b"
    r"|isnt possible|doesnt suit|im busy|is impossible)"
)
_FROM = re.compile(
    r"\b(?:from|starting|beginning|not before|no earlier than|not earlier than"
    rf"|(?:not|away|gone|busy|out of town) (?:until|till|til)){_LINK}"
)
_AFTER = re.compile(rf"\b(?:after|later than){_LINK}")
_BEFORE = re.compile(rf"(?<!not )\b(?:before|earlier than|prior to){_LINK}")
_COME_BY = "(?<!come )(?<!stop )(?<!swing )(?<!drop )"
_UNTIL = re.compile(rf"\b{_COME_BY}(?:by|until|till|til|no later than|not later than|not after){_LINK}")
_OR_LATER = re.compile(r"^\s*(?:or later|or after|onwards?|and after|at the earliest)\b")
_OR_EARLIER = re.compile(r"^\s*(?:or earlier|or before|or sooner|at the latest)\b")
_CORRECTION = re.compile(r"\b(?:no|actually|wait|sorry|instead|rather|i mean|i meant|make (?:it|that))\b")
_APPOSITION = word_set("the a on that is thats which its")
_TO = word_set("to through thru until till til")
_OR = word_set("or and nor")
#: What may stand with "or" between two alternatives.
_BESIDE_OR = word_set("or and nor the on maybe even possibly either else perhaps at for")
_LEFT_OF = {"tonight": "evening", "this ": ""}
#: Alternatives further apart than this are not searched together.
MAX_APART_DAYS = 31


def read_days(text: str, today: date, *, is_choice: bool = False) -> tuple[Days, str]:
    """The days of an utterance (numerals already written), and the text without them.

    Args:
        is_choice: "the first" then picks an offer and is not a day of the month.
    """
    mentions = find_mentions(text, today, is_choice=is_choice)
    rest = text
    for mention in reversed(mentions):
        # "Tonight" and "this morning" say the hour too; "|" keeps an hour apart from a number after the day.
        left = _LEFT_OF.get(text[mention.start : mention.stop], " | ")
        rest = f"{rest[: mention.start]}{left}{rest[mention.stop :]}"
    refused = _refused(mentions, text)
    wished = [mention for mention in mentions if mention not in refused]
    named = [mention for mention in wished if mention.kind != "past"]
    if named:
        days = _settled(named, text, today)
    elif wished:
        days = wished[-1].days
    elif _SOON.search(text):
        days, rest = Days(today, today + timedelta(days=SOON_DAYS)), _SOON.sub(" ", rest)
    else:
        days = Days()
    return _without(days, refused, today), rest


def reads_any_day(text: str) -> bool:
    """Whether the caller leaves the day to us."""
    return _ANY_DAY.search(text) is not None


def any_day(today: date, except_on: tuple[date, ...] = ()) -> Days:
    """The days searched when the caller leaves the day to us."""
    return Days(today, today + timedelta(days=SOON_DAYS), except_on=except_on)


def _refused(mentions: list[Mention], text: str) -> list[Mention]:
    """The mentions that are not wished; "not Monday or Tuesday" refuses both."""
    is_refused = [
        _REFUSED_BEFORE.search(_before(mentions, index, text)) is not None
        or _REFUSED_AFTER.search(text[mention.stop :]) is not None
        for index, mention in enumerate(mentions)
    ]
    for index in range(1, len(mentions)):
        if _is_or(_between(mentions[index - 1], mentions[index], text)):
            is_refused[index] = is_refused[index - 1] = is_refused[index] or is_refused[index - 1]
    return [mention for mention, refused in zip(mentions, is_refused, strict=True) if refused]


def _without(days: Days, refused: list[Mention], today: date) -> Days:
    """The wish without the refused days; nothing of it when it was only one of these."""
    if not refused:
        return days
    soon = timedelta(days=SOON_DAYS)
    first, last = max(today, (days.first_on or today) - soon), (days.last_on or today) + soon
    reach = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    excluded = tuple(day for day in reach if any(_covers(mention, day) for mention in refused))
    if days.first_on is not None and days.first_on == days.last_on:
        return Days(was_negated=True) if days.first_on in excluded else replace(days, was_negated=True)
    return replace(days, was_negated=True, except_on=(*days.except_on, *excluded))


def _covers(mention: Mention, day: date) -> bool:
    if mention.kind == "coming":
        return mention.weekday == day.weekday()
    return mention.span is not None and mention.span[0] <= day <= mention.span[1]


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
        between = _between(mentions[index - 1], mentions[index], text)
        if not _is_or(between) and not (is_or and not between.split()):
            break
        is_or = True
        index -= 1
        group.insert(0, mentions[index])
    if len(group) > 1:
        return _alternatives(group)
    return _bounded(last, _before(mentions, len(mentions) - 1, text), text[last.stop :], today)


def _combined(mentions: list[Mention], text: str) -> list[Mention]:
    """Neighbours that name one day together, as one mention each."""
    found: list[Mention] = []
    for mention in mentions:
        between = _between(found[-1], mention, text) if found else ""
        days = _joint(found[-1], mention, between) if found else None
        if days is None:
            found.append(mention)
        else:
            found[-1] = replace(mention, start=found[-1].start, days=days, kind="joint")
    return found


_WEEKDAY_KINDS = frozenset({"coming", "next", "next_week_day", "this_week_day"})
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
    words = [word for word in _between(first, last, text).split() if word not in ("the", "on")]
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


def _bounded(mention: Mention, before: str, after: str, today: date) -> Days:
    """A mention as the edge of the wish ("after Friday", "by the 3rd"), or as the wish itself."""
    if mention.span is None:
        return mention.days
    first, last = mention.span
    soon = timedelta(days=SOON_DAYS)
    if _FROM.search(before) or _OR_LATER.search(after):
        return Days(first, last + soon)
    if _UNTIL.search(before) or _OR_EARLIER.search(after):
        return Days(today, last)
    if _BEFORE.search(before):
        return Days(today, first - timedelta(days=1)) if first > today else Days(is_past=True)
    if _AFTER.search(before):
        return Days(last + timedelta(days=1), last + soon)
    return mention.days


def _before(mentions: list[Mention], index: int, text: str) -> str:
    return text[mentions[index - 1].stop if index else 0 : mentions[index].start]


def _between(first: Mention, second: Mention, text: str) -> str:
    return text[first.stop : second.start]


def _is_or(between: str) -> bool:
    """Whether two mentions are alternatives; each may have its own hour ("Thursday at 3 or Friday at 4")."""
    words = between.split()
    while words and words[-1] in _BESIDE_OR - _OR:
        words.pop()
    return bool(words) and words[-1] in _OR and not _CORRECTION.search(between) and "but" not in words
