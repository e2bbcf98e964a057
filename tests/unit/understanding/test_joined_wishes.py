"""Wishes put together from several words: alternatives, ranges, refusals, bounds, delays, forms of a recogniser."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.codec import decode, encode
from agent.domain.facts import DayConflict, Expect, When
from agent.understanding.words import word_set
from tests.unit.understanding.demo import SATURDAY, TUESDAY_NIGHT, read
from tests.unit.understanding.test_when import parse_day, parse_when

#: What a local recogniser writes: day before month, a full stop or nothing between hours and minutes.
AS_RECOGNISED = [
    ("25 November at 4.45 PM.", "11-25 16:45"),
    ("25 November at 445 PM", "11-25 16:45"),
    ("25 November 4 PM", "11-25 16:00"),
    ("at 130pm", "- 13:30"),
    ("Can I come on November 23rd at 1030 AM", "11-23 10:30"),
    ("5 January 930 AM.", "01-05 09:30"),
    ("13 December at 2.15 PM", "12-13 14:15"),
    ("14 January at 12 15 PM", "01-14 12:15"),
    ("26 December at 10am.", "12-26 10:00"),
    ("6 January at 4 PM", "01-06 16:00"),
    ("Friday, January 8th at 1045M", "01-08 10:45"),
    ("15th December 11 AM", "12-15 11:00"),
    ("3rd Dec 2pm", "12-03 14:00"),
    ("Tuesday at 3 p.", "11-24 15:00"),
    ("25/11 at 4.45 PM", "11-25 16:45"),
    ("January fifth twenty twenty seven at nine", "01-05 09:00"),
    ("Tuesday 930", "11-24 09:30"),
    ("530", "- 17:30"),
    ("17th-19th of July at 10", "07-17..07-19 10:00"),
    ("could I come at 10 December 5th", "12-05 10:00"),
    ("at 3 may I come in", "- 15:00"),
]  # fmt: skip

BOUNDS_AND_RANGES = [
    ("between two and four", "- 14:00-16:00"),
    ("Tuesday 2-4pm", "11-24 14:00-16:00"),
    ("before noon", "- -12:00"),
    ("no later than 5", "- -17:00"),
    ("not after 4", "- -16:00"),
    ("by 5 at the latest", "- -17:00"),
    ("after two but before four", "- 14:00-16:00"),
    ("not before ten on Tuesday", "11-24 10:00-"),
    ("I can't do anything before 10 on Wednesday", "11-25 10:00-"),
    ("I can't come after 4 on Thursday", "11-26 -16:00"),
    ("I'm busy until 3 on Thursday", "11-26 15:00-"),
    ("sometime in the afternoon, not too late", "- 12:00-15:30"),
    ("in the morning, not too early", "- 10:00-11:59"),
    ("in the morning, after nine", "- 09:00-11:59"),
    ("not in the morning", "- 12:00-"),
    ("no, morning", "- -11:59"),
    ("Tuesday, anything but the morning", "11-24 12:00-"),
    ("Thursday, not in the afternoon", "11-26 -11:59"),
    ("not in the morning, in the afternoon please", "- 12:00-16:59"),
    ("eight tomorrow morning", "11-22 08:00"),
    ("in the evening on Thursday at 8", "11-26 20:00"),
    ("two to four on Tuesday", "11-24 14:00-16:00"),
    ("ten to three", "- 14:50"),
    ("from ten to two", "- 10:00-14:00"),
    ("Tuesday after lunch", "11-24 13:00-16:59"),
    ("3 or 4 on Thursday", "11-26 15:00-16:00"),
    ("this evening at 6", "11-21 18:00"),
    ("seven thirty tonight", "11-21 19:30"),
    ("this afternoon", "11-21 12:00-16:59"),
    ("at ten to three", "- 14:50"),
    ("quarter to 12 in the morning", "- 11:45"),
    ("quarter to twelve p.m.", "- 11:45"),
    ("quarter to one p.m.", "- 12:45"),
    ("quarter to nine in the evening", "- 20:45"),
    ("half three on Monday", "11-23 15:30"),
    ("quarter of three", "- 14:45"),
    ("noon", "- 12:00"),
    ("4 works, not 3", "- 16:00"),
    ("on or after the 5th", "12-05..12-19"),
    ("on or before Friday", "11-21..11-27"),
    ("after Friday", "11-28..12-11"),
    ("before Friday", "11-21..11-26"),
    ("Monday or later", "11-23..12-07"),
    ("I'm away until Friday", "11-27..12-11"),
    ("between Monday and Wednesday", "11-23..11-25"),
    ("can I stop by Friday at 3", "11-27 15:00"),
]  # fmt: skip

DAYS = [
    ("a week from Thursday", "12-03"),
    ("a fortnight on Monday", "12-07"),
    ("Thursday in two weeks", "12-03"),
    ("Friday week", "12-04"),
    ("the day after Thursday", "11-27"),
    ("in six months", "05-21"),
    ("a week tomorrow", "11-29"),
    ("this weekend", "11-21..11-22"),
    ("next weekend", "11-28..11-29"),
    ("the end of the month", "11-24..11-30"),
    ("early next week", "11-23..11-24"),
    ("mid December", "12-11..12-20"),
    ("in January", "01-01..01-31"),
    ("the first week of December", "12-01..12-07"),
    ("the week of the 14th", "12-14..12-20"),
    ("the first Monday of December", "12-07"),
    ("the last Friday of the month", "11-27"),
    ("the 5th of next month", "12-05"),
    ("next month on the 5th", "12-05"),
    ("the 3rd or 4th of March", "03-03..03-04"),
    ("March 3rd to the 5th", "03-03..03-05"),
    ("from 5 to 23 January", "01-05..01-23"),
    ("tomorrow or the day after", "11-22..11-23"),
    ("New Year's Eve at ten", "12-31 10:00"),
    ("sometime next week, maybe Thursday around two", "11-26 14:00"),
    ("next week, Thursday or Friday", "11-26..11-27"),
    ("the 27th, which is a Friday", "11-27"),
    ("not Thursday but Friday", "11-27"),
    ("Friday instead of Thursday", "11-27"),
    ("why not Friday", "11-27"),
    ("I'm busy Friday, how about Monday", "11-23"),
    ("I was there last week, can I come Thursday", "11-26"),
    ("tomorrow first thing in the morning", "11-22 -09:30"),
    ("I can't do Monday or Tuesday", "nothing"),
    ("Thursday doesn't work and Friday is better", "11-27"),
    ("It has hurt since Friday, can I come Monday", "11-23"),
    ("I lost it three days ago", "nothing"),
    ("How about the Tuesday after that?", "nothing"),
    ("24 March Street", "nothing"),
    ("I live at 2300 California Street", "nothing"),
    ("We'd like a checkup.", "nothing"),
    ("Good morning, I'd like a cleaning.", "nothing"),
    ("Good afternoon, Thursday at 3 please", "11-26 15:00"),
    ("It was around one or two weeks ago.", "nothing"),
    ("It will be two families.", "nothing"),
    ("It costs around 10 pounds", "nothing"),
    ("I've had it for 3 days now", "nothing"),
    ("First I have a question.", "nothing"),
    ("hold on a second", "nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), AS_RECOGNISED + BOUNDS_AND_RANGES + DAYS)
def test_a_wish_said_on_a_saturday(text: str, expected: str) -> None:
    assert read(text, Expect.WHEN, SATURDAY).when == parse_when(expected)


@pytest.mark.parametrize(
    ("text", "days", "except_on"),
    [
        ("the 3rd or the 5th", "12-03..12-05", ["12-04"]),
        ("tomorrow or Friday", "11-22..11-27", ["11-23", "11-24", "11-25", "11-26"]),
        ("Monday, Wednesday or Friday", "11-23..11-27", ["11-24", "11-26"]),
        ("any day but Monday", "11-21..12-05", ["11-23", "11-30"]),
        # Also beyond the span: when all of it is taken, the nearest other day must not be a refused one.
        ("next week but not Friday", "11-23..11-29", ["11-27", "12-04", "12-11"]),
    ],
)
def test_days_between_alternatives_and_refused_days_are_left_out(text: str, days: str, except_on: list[str]) -> None:
    spanned = parse_when(days)
    assert spanned is not None
    left_out = tuple(parse_day(day) for day in except_on)
    assert read(text, Expect.WHEN).when == When(spanned.first_on, spanned.last_on, except_on=left_out)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in an hour and a half", "03-02 23:45"),
        ("in half an hour", "03-02 22:45"),
        ("in 20 minutes", "03-02 22:30"),
        ("a couple of hours from now", "03-03 00:15"),
    ],
)
def test_a_delay_is_counted_from_now_and_rounded_up_to_the_grid(text: str, expected: str) -> None:
    assert read(text, Expect.WHEN, TUESDAY_NIGHT.replace(minute=4, second=30)).when == parse_when(expected)


def test_a_delay_across_the_change_of_clocks_is_true_time() -> None:
    half_past_one = datetime(2027, 3, 14, 6, 30, tzinfo=UTC)
    on = date(2027, 3, 14)
    assert read("in an hour", Expect.WHEN, half_past_one).when == When(on, on, time(3, 30))


@pytest.mark.parametrize(
    ("text", "weekday", "on"),
    [
        ("Thursday the 24th at 245 PM, please.", 3, date(2026, 11, 24)),
        ("December 1st, a Monday", 0, date(2026, 12, 1)),
        ("tomorrow, Monday", 0, date(2026, 11, 22)),
        ("Wednesday 25/12", 2, date(2026, 12, 25)),
    ],
)
def test_a_contradiction_is_a_conflict_in_any_order(text: str, weekday: int, on: date) -> None:
    facts = read(text, Expect.WHEN)
    assert facts.conflict == DayConflict(weekday, on)
    assert facts.when is None


def test_a_story_of_yesterday_is_no_wish_for_it() -> None:
    assert not read("I broke a tooth yesterday", Expect.ANY).is_past
    assert read("Can you take me yesterday?", Expect.WHEN).is_past


@pytest.mark.parametrize("text", ["3 pm in the morning", "after five but before three"])
def test_hours_that_contradict_each_other_are_not_guessed(text: str) -> None:
    assert read(text, Expect.WHEN).when is None


WORDS = sorted(
    word_set(
        "not or and but to from between after before by until at in on the a next this last week weekend month day days"
        " monday thursday friday tomorrow today tonight morning afternoon evening noon midnight half quarter past of"
        " ago 0 1 3 10 12 24 31 45 99 1st 3rd 31st 40th 13/45 25:61 9:30 530 am pm oclock december february may hour"
        " hours minutes couple few later earlier cant any early late end christmas no wait since no-one's | \u0663"
    )
)


@settings(deadline=None, max_examples=300)
@given(
    said=st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join),
    expects=st.sampled_from(Expect),
    now=st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC)),
)
def test_whatever_is_said_a_wish_is_consistent_and_can_be_stored(said: str, expects: Expect, now: datetime) -> None:
    facts = read(said, expects, now)
    when = facts.when
    if when is None:
        return
    assert facts.conflict is None
    assert (when.first_on is None) == (when.last_on is None)
    assert when.first_on is None or when.last_on is None or when.first_on <= when.last_on
    assert when.at is None or (when.not_before is None and when.not_after is None)
    assert when.not_before is None or when.not_after is None or when.not_before <= when.not_after
    assert when.has_day or not when.except_on
    assert decode(When, encode(when)) == when
