"""The dates a form of speech means: one function a kind of `agent.understanding.day_forms.FORMS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from agent.domain.facts import DayConflict
from agent.understanding.dates import (
    HOLIDAYS,
    MONTHS,
    WEEKDAYS,
    Span,
    coming,
    coming_month,
    date_or_none,
    monday_of,
    month_of,
    months_later,
    next_date,
    nth_weekday,
    part_of,
)

#: The named groups of a form that took part in its match.
Groups = dict[str, str]
#: "As soon as possible", "after Friday" and "any day but Monday" look this far.
SOON_DAYS = 14


@dataclass(frozen=True, slots=True)
class Days:
    """What an utterance said about days; all empty when nothing.

    Attributes:
        except_on: dates that are not wished although they lie between the others, or near them.
        was_negated: days were refused.
    """

    first_on: date | None = None
    last_on: date | None = None
    conflict: DayConflict | None = None
    is_past: bool = False
    was_negated: bool = False
    except_on: tuple[date, ...] = ()


def days_named(kind: str, groups: Groups, today: date) -> Days | None:
    """What a form of this kind names; None when there is no such date."""
    return _RESOLVERS[kind](groups, today)


def _single(day: date | None, today: date, weekday: str | None = None) -> Days | None:
    """One date: a conflict when a weekday was said that it is not, past when it has gone by."""
    if day is None:
        return None
    if day < today:
        return Days(is_past=True)
    if weekday is not None and WEEKDAYS[weekday] != day.weekday():
        return Days(conflict=DayConflict(WEEKDAYS[weekday], day))
    return Days(day, day)


def _spanning(span: Span, today: date) -> Days:
    return Days(max(span[0], today), span[1]) if span[1] >= today else Days(is_past=True)


def _calendar_day(groups: Groups, today: date) -> Days | None:
    number, named = int(groups["day"]), groups.get("month", "")
    month = int(named) if named.isdecimal() else MONTHS.get(named)
    if named.isdecimal() and month is not None and month > 12:
        number, month = month, number  # "25/11" can only be a day and its month
    year = groups.get("year", "").replace(" ", "")
    day = next_date(number, month, f"20{year}" if len(year) == 2 else year or None, today)
    return _single(day, today, groups.get("weekday"))


def _date_range(groups: Groups, today: date) -> Days | None:
    last = next_date(int(groups["day"]), MONTHS[groups["month"]], None, today)
    first = last and date_or_none(last.year, last.month, int(groups["low"]))
    if first is None or last is None or not first <= last:
        return None
    return _spanning((first, last), today)


def _month_day(groups: Groups, today: date) -> Days | None:
    if groups["which"] == "the":
        return _calendar_day(groups, today)
    first = _month_named(groups, today)[0]
    return _single(date_or_none(first.year, first.month, int(groups["day"])), today, groups.get("weekday"))


def _month_named(groups: Groups, today: date) -> Span:
    if "month" in groups:
        return coming_month(MONTHS[groups["month"]], today)
    return month_of(today, 0 if groups.get("which", "this") in ("this", "the") else 1)


def _nth(groups: Groups) -> int:
    return -1 if groups["nth"] == "last" else int(groups["nth"][0]) - 1


def _nth_weekday(groups: Groups, today: date) -> Days | None:
    day = nth_weekday(_nth(groups), WEEKDAYS[groups["weekday"]], _month_named(groups, today))
    return _single(day, today)


def _nth_week(groups: Groups, today: date) -> Days | None:
    first, last = _month_named(groups, today)
    nth = _nth(groups)
    start = last - timedelta(days=6) if nth < 0 else first.replace(day=1 + 7 * nth)
    return _spanning((start, start + timedelta(days=6)), today)


def _week_of(groups: Groups, today: date) -> Days | None:
    day = next_date(int(groups["day"]), MONTHS.get(groups.get("month", "")), None, today)
    return None if day is None else _spanning((monday_of(day), monday_of(day) + timedelta(days=6)), today)


def _part(groups: Groups, today: date) -> Days | None:
    part = next(name for name in ("early", "middle", "late") if name in groups)
    if groups.get("span") == "week":
        monday = monday_of(today) + timedelta(days=0 if groups["which"] in ("this", "the") else 7)
        found = _spanning(part_of((monday, monday + timedelta(days=6)), part), today)
        # "Later this week" said on its last days is what is left of it.
        return _spanning((today, monday + timedelta(days=6)), today) if found.is_past else found
    return _spanning(part_of(_month_named(groups, today), part), today)


def _added(day: date, groups: Groups) -> date:
    said = groups.get("n", "a").strip()
    count = int(said) if said.isdecimal() else 2 if "couple" in said else 3 if "few" in said else 1
    unit = groups["unit"].rstrip("s")
    if unit == "month":
        return months_later(day, count)
    return day + timedelta(days=count * {"week": 7, "fortnight": 14}.get(unit, 1))


def _from(groups: Groups, today: date) -> Days | None:
    if "weekday" in groups:
        weekday = WEEKDAYS[groups["weekday"]]
        base = _in_week(weekday, today, 1) if "next" in groups else coming(weekday, today)
    else:
        base = today + timedelta(days=1 if groups["base"] == "tomorrow" else 0)
    return _single(_added(base, groups), today)


def _in_week(weekday: int, today: date, weeks: int) -> date:
    return monday_of(today) + timedelta(days=7 * weeks + weekday)


def _weekday_in_week(weeks: int) -> Callable[[Groups, date], Days | None]:
    return lambda groups, today: _single(_in_week(WEEKDAYS[groups["weekday"]], today, weeks), today)


def _weekday_in(groups: Groups, today: date) -> Days | None:
    return _single(_in_week(WEEKDAYS[groups["weekday"]], _added(today, groups), 0), today)


def _coming(groups: Groups, today: date) -> Days | None:
    # Said bare on the very day, a weekday means the coming week's; "this Friday" means today.
    return _single(coming(WEEKDAYS[groups["weekday"]], today, may_be_today="this" in groups), today)


def _shift(groups: Groups, today: date) -> Days | None:
    return _single(today + timedelta(days=2 if "after" in groups else 1 if "tomorrow" in groups else 0), today)


def _weekdays(groups: Groups, today: date) -> Days | None:
    soon = [today + timedelta(days=n) for n in range(SOON_DAYS + 1)]
    return Days(soon[0], soon[-1], except_on=tuple(day for day in soon if day.weekday() > 4))


def _holiday(name: str, today: date) -> date | None:
    month, day = HOLIDAYS[name]
    return next_date(day, month, None, today)


def _pair(groups: Groups, today: date) -> Days | None:
    first = today + timedelta(days=1 if groups["base"] == "tomorrow" else 0)
    return Days(first, first + timedelta(days=1))


def _week(groups: Groups, today: date) -> Days | None:
    which, span = groups.get("which", "this"), groups.get("span", "weekend")
    if span == "month":
        return _spanning(month_of(today, 0 if which == "this" else 1), today)
    monday = monday_of(today) + timedelta(days={"this": 0, "after next": 14}.get(which, 7))
    return _spanning((monday + timedelta(days=5 if span == "weekend" else 0), monday + timedelta(days=6)), today)


_RESOLVERS: dict[str, Callable[[Groups, date], Days | None]] = {
    "week_of": _week_of,
    "date_range": _date_range,
    "dated": _calendar_day,
    "slashed": _calendar_day,
    "weekday_dated": _calendar_day,
    "ordinal": _calendar_day,
    "month_day": _month_day,
    "nth_weekday": _nth_weekday,
    "nth_week": _nth_week,
    "after_next": lambda groups, today: _single(coming(WEEKDAYS[groups["weekday"]], today) + timedelta(days=7), today),
    "week_after_next_day": _weekday_in_week(2),
    "weekday_in": _weekday_in,
    "from": _from,
    "part": _part,
    "holiday": lambda groups, today: _single(_holiday(groups["holiday"], today), today),
    "pair": _pair,
    "unclear": lambda groups, today: Days(),
    "ago": lambda groups, today: Days(),
    "past": lambda groups, today: Days(is_past=True),
    "next_week_day": _weekday_in_week(1),
    "this_week_day": _weekday_in_week(0),
    "next": _weekday_in_week(1),
    "coming": _coming,
    "shift": _shift,
    "within": lambda groups, today: Days(today, _added(today, groups)),
    "in": lambda groups, today: _single(_added(today, groups), today),
    "weekdays": _weekdays,
    "week": _week,
    "month": lambda groups, today: _spanning(_month_named(groups, today), today),
}
