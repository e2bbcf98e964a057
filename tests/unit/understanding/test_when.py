"""Dates and times as a recogniser writes them, on two reference days."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from agent.domain.facts import DayConflict, Expect, When
from tests.unit.understanding.demo import SATURDAY, TUESDAY_NIGHT, read


def parse_when(shorthand: str) -> When | None:
    """ "11-26..11-30 15:00", "11-26 14:00-16:00", "- 15:00-", "11-26": days, then an exact time or a range."""
    if shorthand == "nothing":
        return None
    day_part, _, time_part = shorthand.partition(" ")
    first, _, last = day_part.partition("..")
    days = [None if text in ("-", "") else parse_day(text) for text in (first, last or first)]
    if "-" not in time_part:
        at = time.fromisoformat(time_part) if time_part else None
        return When(days[0], days[1], at=at)
    low, _, high = time_part.partition("-")
    bounds = [time.fromisoformat(text) if text else None for text in (low, high)]
    return When(days[0], days[1], not_before=bounds[0], not_after=bounds[1])


def parse_day(text: str) -> date:
    """ "11-26" is in 2026, "03-04" in 2027."""
    month, day = (int(part) for part in text.split("-"))
    return date(2026 if month >= 11 else 2027, month, day)


# Saturday, November 21st 2026.
ON_SATURDAY = [
    ("Next Thursday at 3.", "11-26 15:00"),
    ("next thursday at three", "11-26 15:00"),
    ("Next Thursday at 3 p.m.", "11-26 15:00"),
    ("Next Thursday at 3.30pm", "11-26 15:30"),
    ("Thursday at three thirty", "11-26 15:30"),
    ("on Thursday at 3 o'clock", "11-26 15:00"),
    ("Thursday, half past two", "11-26 14:30"),
    ("Thursday at quarter past 9", "11-26 09:15"),
    ("Thursday at quarter to three, please.", "11-26 14:45"),
    ("ten to nine on Monday", "11-23 08:50"),
    ("Monday at noon", "11-23 12:00"),
    ("the 26th", "11-26"),
    ("The 26th at 10.", "11-26 10:00"),
    ("November 26th", "11-26"),
    ("November twenty sixth at ten fifteen", "11-26 10:15"),
    ("Thursday, November 26th at 3 PM.", "11-26 15:00"),
    ("the twenty-sixth of November", "11-26"),
    ("Nov 26", "11-26"),
    ("11/26 at 2", "11-26 14:00"),
    ("December 1st", "12-01"),
    ("the first of December at 11", "12-01 11:00"),
    ("the 3rd", "12-03"),
    ("January fifth", "01-05"),
    ("January 5th, 2027 at 9 AM", "01-05 09:00"),
    ("tomorrow morning", "11-22 -11:59"),
    ("tomorrow", "11-22"),
    ("Today at 4.", "11-21 16:00"),
    ("day after tomorrow", "11-23"),
    ("the day after tomorrow at four", "11-23 16:00"),
    ("Monday", "11-23"),
    ("this Tuesday", "11-24"),
    ("this coming Tuesday", "11-24"),
    ("Saturday", "11-28"),
    ("Thursday after next", "12-03"),
    ("the Thursday after next, sometime after three", "12-03 15:00-"),
    ("a week from Monday", "11-30"),
    ("Monday next week", "11-23"),
    ("next week on Friday at 1", "11-27 13:00"),
    ("next week", "11-23..11-29"),
    ("sometime next week in the afternoon", "11-23..11-29 12:00-16:59"),
    ("in two weeks", "12-05"),
    ("in three days at 2:30", "11-24 14:30"),
    ("three days from now", "11-24"),
    ("as soon as possible", "11-21..12-05"),
    ("What's the first available?", "11-21..12-05"),
    ("Whenever.", "11-21..12-05"),
    ("after three", "- 15:00-"),
    ("Thursday after 3", "11-26 15:00-"),
    ("any time after 4 on Thursday", "11-26 16:00-"),
    ("Tuesday before eleven", "11-24 -11:00"),
    ("Friday between 2 and 4", "11-27 14:00-16:00"),
    ("between ten and two on Friday", "11-27 10:00-14:00"),
    ("Friday from 2 to 4 p.m.", "11-27 14:00-16:00"),
    ("Wednesday afternoon", "11-25 12:00-16:59"),
    ("Thursday evening", "11-26 17:00-"),
    ("Wednesday first thing", "11-25 -09:30"),
    ("Wednesday in the morning at 9", "11-25 09:00"),
    ("9 in the morning on Wednesday", "11-25 09:00"),
    ("4 in the afternoon", "- 16:00"),
    ("3", "- 15:00"),
    ("three thirty", "- 15:30"),
    ("How about 4?", "- 16:00"),
    ("8:15 works", "- 08:15"),
    ("ten oh five", "- 10:05"),
    ("15:30", "- 15:30"),
    ("the 3rd or the 4th", "12-03..12-04"),
    ("Monday or Tuesday", "11-23..11-24"),
    ("not Friday, Thursday", "11-26"),
    ("I can't do Thursday. Friday?", "11-27"),
    ("Thursday, no, Friday at 2", "11-27 14:00"),
    ("Thursday doesn't work, can we do Wednesday", "11-25"),
    ("not Friday", "nothing"),
    ("No, Thursday.", "11-26"),
    ("Actually, make it 4.", "- 16:00"),
    ("make it Friday instead", "11-27"),
    ("I meant Wednesday at 10", "11-25 10:00"),
    ("Monday, November 23rd at 9:45 a.m.", "11-23 09:45"),
    ("I'd like to come in on Friday at 2:15 if you can.", "11-27 14:15"),
    ("Could I get Tuesday at, uh, eleven?", "11-24 11:00"),
    ("Um, Wednesday at one.", "11-25 13:00"),
    ("Is there anything on the 30th around 3?", "11-30 15:00"),
    ("this weekend", "11-21..11-22"),
    ("Friday at 7.", "11-27 07:00"),
    ("Thursday at 6", "11-26 18:00"),
    ("Thursday at 12", "11-26 12:00"),
    ("Thursday, 12:30", "11-26 12:30"),
    ("two fifteen on Monday", "11-23 14:15"),
    ("Tuesday 3 PM", "11-24 15:00"),
    ("Tuesday three p m", "11-24 15:00"),
    ("the time should be 4", "- 16:00"),
    ("Thursday, 3ish", "11-26 15:00"),
    ("Thursday at 300", "11-26 15:00"),
    ("next Thursday at 3 p.m. for two people", "11-26 15:00"),
    ("the week after next", "11-30..12-06"),
    ("Monday to Wednesday", "11-23..11-25"),
    ("Tuesday the 24th, no, Wednesday the 25th at 9", "11-25 09:00"),
    ("next Friday, not this one", "11-27"),
    ("Thanksgiving is busy", "nothing"),
    ("I don't know", "nothing"),
    ("Yes.", "nothing"),
]  # fmt: skip

# Tuesday, March 2nd 2027 in New York, Wednesday in UTC.
ON_TUESDAY = [
    ("today", "03-02"),
    ("tomorrow at 9", "03-03 09:00"),
    ("Next Thursday at 3.", "03-11 15:00"),
    ("Thursday at 3", "03-04 15:00"),
    ("this Thursday", "03-04"),
    ("Tuesday", "03-09"),
    ("next Tuesday", "03-09"),
    ("Monday", "03-08"),
    ("next week", "03-08..03-14"),
    ("the 2nd", "03-02"),
    ("the 1st", "04-01"),
    ("March 14th at 2:30 PM", "03-14 14:30"),
    ("the thirty first", "03-31"),
    ("Thursday after next", "03-11"),
    ("a week from today", "03-09"),
    ("Friday the 5th at ten", "03-05 10:00"),
    ("April first", "04-01"),
    ("in a week", "03-09"),
    ("Wednesday or Thursday afternoon", "03-03..03-04 12:00-16:59"),
    ("May 3rd", "05-03"),
    ("the 12th at half past ten", "03-12 10:30"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ON_SATURDAY)
def test_a_wish_said_on_a_saturday(text: str, expected: str) -> None:
    assert read(text, Expect.WHEN, SATURDAY).when == parse_when(expected)


@pytest.mark.parametrize(("text", "expected"), ON_TUESDAY)
def test_a_wish_said_late_on_a_tuesday_is_counted_from_the_tenants_day(text: str, expected: str) -> None:
    assert read(text, Expect.WHEN, TUESDAY_NIGHT).when == parse_when(expected)


@pytest.mark.parametrize(
    ("text", "weekday", "on"),
    [
        ("Monday the 1st", 0, date(2026, 12, 1)),
        ("Monday, December 1st at 3", 0, date(2026, 12, 1)),
        ("Friday November 26th", 4, date(2026, 11, 26)),
        ("Thursday the twenty seventh", 3, date(2026, 11, 27)),
    ],
)
def test_a_day_that_contradicts_itself_is_flagged_and_not_guessed(text: str, weekday: int, on: date) -> None:
    facts = read(text, Expect.WHEN)
    assert facts.conflict == DayConflict(weekday, on)
    assert facts.when is None


@pytest.mark.parametrize("text", ["yesterday", "last Friday", "last week"])
def test_a_day_gone_by_is_flagged(text: str) -> None:
    facts = read(text, Expect.WHEN)
    assert facts.is_past
    assert facts.when is None


@pytest.mark.parametrize(
    "text", ["the 26th", "the 30th of February", "13/45", "25:61 o'clock", "99 past 77", "at 3 to 4 to 5"]
)
@pytest.mark.parametrize("now", [SATURDAY, TUESDAY_NIGHT])
def test_impossible_dates_and_times_raise_nothing(text: str, now: datetime) -> None:
    for expects in Expect:
        read(text, expects, now)


@pytest.mark.parametrize(
    "text", ["Monday, December 40 at 1 p.m.", "December 40 at 1 p.m.", "Friday the 31st of June at 1"]
)
def test_of_a_misheard_date_not_even_the_weekday_is_believed(text: str) -> None:
    when = read(text, Expect.WHEN).when
    assert when is not None
    assert when.has_time
    assert not when.has_day


def test_a_bare_number_is_no_time_when_no_time_was_asked_for() -> None:
    assert read("there are three of us", Expect.ANY).when is None


def test_a_year_gone_by_is_a_misheard_hour_and_the_day_stands() -> None:
    when = read("Tuesday, December 1st, 2011", Expect.WHEN).when
    assert when is not None
    assert str(when.first_on) == "2026-12-01"
