"""What a voice is given to read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.wording.spoken_form import spoken_form

TELEPHONES = {
    "Call +15550123456 now": "Call five five five, zero one two, three four five six now",
    "555-012-3456": "five five five, zero one two, three four five six",
    "(212) 555-0123": "two one two, five five five, zero one two three",
    "212.555.0123": "two one two, five five five, zero one two three",
    "5550123456": "five five five, zero one two, three four five six",
    "555-0123": "five five five, zero one two three",
    "1-800-555-0123": "one, eight hundred, five five five, zero one two three",
    "+1 (212) 555-0123": "two one two, five five five, zero one two three",
    "+44 20 7946 0958": "plus four four two, zero seven nine, four six zero, nine five eight",
    "ext. 12": "extension one two",
    "call 911": "call nine one one",
}
TIMES = {
    "at 3:30 PM": "at three thirty PM",
    "15:00": "three PM",
    "15:30": "three thirty PM",
    "3 pm": "three PM",
    "3pm": "three PM",
    "9:05 a.m.": "nine oh five AM.",
    "at 3 p.m. Tomorrow": "at three PM. Tomorrow",
    "at 3 p.m. on Monday": "at three PM on Monday",
    "from 9 a.m. Monday through Friday": "from nine AM Monday through Friday",
    "12:00 PM": "noon",
    "12 AM": "midnight",
    "12:30 PM": "twelve thirty PM",
    "00:30": "twelve thirty AM",
    "3:00": "three o'clock",
    "9 AM-5 PM": "nine AM to five PM",
    "9:00-17:00": "nine o'clock to five PM",
    "We have 2:15, 3:00 or 4:45.": "We have two fifteen, three o'clock or four forty-five.",
    "open 24/7": "open twenty-four seven",
    "30 mins": "thirty minutes",
    "1 hr": "one hour",
    "2 yrs. old": "two years old",
}
MONEY = {
    "$89": "eighty-nine dollars",
    "$1,249.50": "one thousand two hundred forty-nine dollars and fifty cents",
    "$0.99": "ninety-nine cents",
    "$1": "one dollar",
    "$1.01": "one dollar and one cent",
    "$0": "zero dollars",
    "$50-$80": "fifty to eighty dollars",
    "$89/hour": "eighty-nine dollars per hour",
    "a $25 credit": "a twenty-five dollar credit",
    "the $50 if you cancel": "the fifty dollars if you cancel",
    "$2 million": "two million dollars",
    "$1.5 billion": "one point five billion dollars",
    "It costs $100. Next": "It costs one hundred dollars. Next",
    "15%": "fifteen percent",
    "2.5% off": "two point five percent off",
}
DATES = {
    "Nov. 26": "November twenty-sixth",
    "Nov 3rd at 10:15 AM": "November third at ten fifteen AM",
    "November 26, 2026": "November twenty-sixth, twenty twenty-six",
    "2026-11-26": "November twenty-sixth, twenty twenty-six",
    "03/22/2027": "March twenty-second, twenty twenty-seven",
    "1/5/27": "January fifth, twenty twenty-seven",
    "May 5": "May fifth",
    "December 24 through 26": "December twenty-fourth through twenty-sixth",
    "Dec 24-26": "December twenty-fourth to twenty-sixth",
    "May 5 to 10 PM": "May fifth to ten PM",
    "in May. 5 people": "in May. five people",
    "Mon., Nov. 23": "Monday, November twenty-third",
    "on Thurs. at 4": "on Thursday at four",
    "the 1st and the 23rd": "the first and the twenty-third",
    "since 1998": "since nineteen ninety-eight",
    "cars from 1965 on": "cars from nineteen sixty-five on",
    "13/45/2026": "thirteen forty-five two thousand twenty-six",
}
PLACES = {
    "ZIP 01608": "ZIP zero one six zero eight",
    "zip code is 01608-1234": "zip code is zero one six zero eight, one two three four",
    "Worcester, MA 01608": "Worcester, MA zero one six zero eight",
    "123 Main St.": "one twenty-three Main Street.",
    "12 Elm Dr. near the park": "twelve Elm Drive near the park",
    "See Dr. Smith at 1450 Oak Ave.": "See Doctor Smith at fourteen fifty Oak Avenue.",
    "St. Mary Hospital": "Saint Mary Hospital",
    "on Main St. near St. Paul": "on Main Street near Saint Paul",
    "1905 Elm Street": "nineteen oh five Elm Street",
    "100 N. Park Blvd": "one hundred N. Park Boulevard",
    "5th St. entrance": "fifth Street entrance",
    "Apt. 4B": "apartment four B",
    "Ste. 200": "suite two hundred",
}
THE_REST = {
    "info@example.com": "info at example dot com",
    "jane.doe_7@my-shop.com": "jane dot doe underscore seven at my dash shop dot com",
    "https://www.example.com/book": "example dot com slash book",
    "K7-QX9": "K seven, Q X nine",
    "R-134a": "R, one three four A",
    "an r22 unit": "an r twenty-two unit",
    "1,250 people": "one thousand two hundred fifty people",
    "room 007": "room zero zero seven",
    "10-15 minutes": "ten to fifteen minutes",
    "No. 5": "number five",
    "No. I can't.": "No. I can't.",
    "Smith & Sons": "Smith and Sons",
    "Mr. Lee and Mrs. Ray": "Mister Lee and Missus Ray",
    "12345678": "one two three four five six seven eight",
    "Yes, that's right.": "Yes, that's right.",
    "": "",
}
ALL = TELEPHONES | TIMES | MONEY | DATES | PLACES | THE_REST


@pytest.mark.parametrize(("written", "spoken"), ALL.items(), ids=list(ALL))
def test_a_phrase_is_written_out_as_it_is_said(written: str, spoken: str) -> None:
    assert spoken_form(written) == spoken


@pytest.mark.parametrize("spoken", ALL.values())
def test_what_is_written_out_already_stays_as_it_is(spoken: str) -> None:
    assert spoken_form(spoken) == spoken


@settings(deadline=None)
@given(st.text(st.sampled_from("0123456789-+.,:/$%#&@ APMapmxStDrNov()'\n"), max_size=40))
def test_no_digit_is_ever_left_for_the_voice_to_guess_at(text: str) -> None:
    assert not re.search("[0-9]", spoken_form(text))


def test_a_very_long_number_does_not_stall_the_call() -> None:
    assert spoken_form("7" * 5000).split() == ["seven"] * 5000
