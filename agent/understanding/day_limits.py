"""What limits the wished days: refusals ("not Friday", "any day but Monday") and bounds ("after Friday")."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

from agent.understanding.day_values import SOON_DAYS, Days
from agent.understanding.mentions import Mention, text_before, text_between
from agent.understanding.words import word_set

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
    r"\b(?:from|starting|beginning|on or after|not before|no earlier than|not earlier than"
    rf"|(?:not|away|gone|busy|out of town) (?:until|till|til)){_LINK}"
)
_AFTER = re.compile(rf"\b(?:after|later than){_LINK}")
_BEFORE = re.compile(rf"(?<!not )\b(?:before|earlier than|prior to){_LINK}")
_COME_BY = "(?<!come )(?<!stop )(?<!swing )(?<!drop )"
_UNTIL = re.compile(rf"\b{_COME_BY}(?:by|on or before|until|till|til|no later than|not later than|not after){_LINK}")
_OR_LATER = re.compile(r"^\s*(?:or later|or after|onwards?|and after|at the earliest)\b")
_OR_EARLIER = re.compile(r"^\s*(?:or earlier|or before|or sooner|at the latest)\b")
_LIST = word_set("or and nor the on")


def refused_mentions(mentions: list[Mention], text: str) -> list[Mention]:
    """The mentions that are not wished; "not Monday or Tuesday" refuses both."""
    is_refused = [
        _REFUSED_BEFORE.search(text_before(mentions, index, text)) is not None
        or _REFUSED_AFTER.search(text[mention.stop :]) is not None
        for index, mention in enumerate(mentions)
    ]
    for index in range(1, len(mentions)):
        if _is_list(text_between(mentions[index - 1], mentions[index], text)):
            is_refused[index] = is_refused[index - 1] = is_refused[index] or is_refused[index - 1]
    return [mention for mention, refused in zip(mentions, is_refused, strict=True) if refused]


def without(days: Days, refused: list[Mention], today: date) -> Days:
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


def _is_list(between: str) -> bool:
    """Whether two mentions stand in one list, so that both are refused with either."""
    words = between.split()
    return bool(words) and all(word in _LIST for word in words)


def bounded(mention: Mention, before: str, after: str, today: date) -> Days:
    """A mention as the edge of the wish ("after Friday", "by the 3rd"), or as the wish itself."""
    if mention.span is None or mention.kind == "date_range":
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
