"""Telephone numbers, names and services as a recogniser writes them."""

from __future__ import annotations

import pytest

from agent.domain.facts import Expect
from tests.unit.understanding.demo import read

PHONES = [
    ("555-012-3456", "+15550123456"),
    ("555-012-3456.", "+15550123456"),
    ("(555) 012-3456", "+15550123456"),
    ("555.012.3456", "+15550123456"),
    ("5550123456", "+15550123456"),
    ("1-555-012-3456", "+15550123456"),
    ("+1 555 012 3456", "+15550123456"),
    ("five five five oh one two three four five six", "+15550123456"),
    ("Five, five, five, zero, one, two, three, four, five, six.", "+15550123456"),
    ("triple five oh one two three four five six", "+15550123456"),
    ("five double five zero one two three four five six", "+15550123456"),
    ("five fifty five oh one two thirty four fifty six", "+15550123456"),
    ("five five five, zero twelve, thirty-four fifty-six", "+15550123456"),
    ("It's 555-012-3456.", "+15550123456"),
    ("My number is 555 012 3456, thanks.", "+15550123456"),
    ("area code 555, 012, 3456", "+15550123456"),
    ("555 0 1 2 3 4 5 6", "+15550123456"),
    ("two one two, five five five, nineteen ninety nine", "+12125551999"),
    ("eight hundred five five five one two one two", "+18005551212"),
    ("012-3456", "+15550123456"),
    ("No, the number is 555-987-6543.", "+15559876543"),
    ("You can reach me at 715 555 8906.", "+17155558906"),
    ("It's at 430-555-8906.", "+14305558906"),
    ("not 555-012-3456, 555-987-6543", "+15559876543"),
    ("five five five oh one hundred two two", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), PHONES)
def test_a_number_when_a_number_was_asked_for(text: str, expected: str | None) -> None:
    facts = read(text, Expect.PHONE)
    assert facts.phone == expected
    assert facts.when is None


@pytest.mark.parametrize(
    ("text", "digits"),
    [("Four.", "4"), ("five five five", "555"), ("555-01", "55501"), ("It's 5550", "5550"),
     ("My number is five five five oh", "5550")],
)  # fmt: skip
def test_a_piece_of_a_number_is_kept_as_digits(text: str, digits: str) -> None:
    facts = read(text, Expect.PHONE)
    assert facts.phone is None
    assert facts.phone_digits == digits


@pytest.mark.parametrize("text", ["555-795-425-4220", "No, the number is 5 5 5 5 8 1 9 8 4 1 3"])
def test_digits_too_many_are_known_to_be_misheard(text: str) -> None:
    facts = read(text, Expect.YES_NO)
    assert (facts.phone, facts.phone_digits, facts.is_phone_garbled) == (None, None, True)


@pytest.mark.parametrize("text", ["Thursday at 3", "three thirty", "the 26th at 10:15", "2"])
def test_a_time_is_no_telephone_number(text: str) -> None:
    facts = read(text, Expect.WHEN)
    assert facts.phone is None
    assert facts.phone_digits is None


@pytest.mark.parametrize("text", ["the number I'm calling from", "This number is fine.", "Same number."])
def test_the_number_called_from_is_recognised(text: str) -> None:
    assert read(text, Expect.PHONE).same_number


NAMES = [
    ("Dana Smith", "Dana Smith"),
    ("Dana Smith.", "Dana Smith"),
    ("It's Dana Smith.", "Dana Smith"),
    ("My name is Dana Smith.", "Dana Smith"),
    ("my name's dana smith", "Dana Smith"),
    ("This is Dana.", "Dana"),
    ("I'm Dana Smith, thanks.", "Dana Smith"),
    ("Sure, it's Dana Smith.", "Dana Smith"),
    ("Put it under Smith.", "Smith"),
    ("Under Maria Garcia, please.", "Maria Garcia"),
    ("The name is Ronald McDonald.", "Ronald McDonald"),
    ("Mary-Jane O'Neil", "Mary Jane O'Neil"),
    ("D A N A", "Dana"),
    ("D-A-N-A.", "Dana"),
    ("Dana, D-A-N-A, Smith, S-M-I-T-H.", "Dana Smith"),
    ("Dana Smyth, S-M-Y-T-H", "Dana Smyth"),
    ("No, the name is Dana Schmidt.", "Dana Schmidt"),
    ("Actually it's Diana Smith.", "Diana Smith"),
    ("First name is Dana, last name is Smith.", "Dana Smith"),
    ("Um, Dana, uh, Smith.", "Dana Smith"),
    ("Yes, Dana Smith.", "Dana Smith"),
    ("April May", "April May"),
    ("Will Smith", "Will Smith"),
    ("My name is Maria van der Berg", "Maria van der Berg"),
    ("Joe Brown and my number is 555-222-1111", "Joe Brown"),
    ("My first name is Joe and my last name is Brown", "Joe Brown"),
    ("Dana Smith, S-M-I-T-H, 555-012-3456", "Dana Smith"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), NAMES)
def test_a_name_when_a_name_was_asked_for(text: str, expected: str) -> None:
    assert read(text, Expect.NAME).name == expected


@pytest.mark.parametrize(
    "text",
    ["Yes.", "No, thank you.", "What?", "I'm sorry?", "Can you repeat that?", "Thursday at 3.", "Hold on.", "Hello?",
     "I don't know.", "Wait a minute.", "555-012-3456", "Um, what did you say?", "Goodbye.",
     "Will that work?", "A cleaning, please."],
)  # fmt: skip
def test_what_is_no_name_is_not_taken_for_one(text: str) -> None:
    assert read(text, Expect.NAME).name is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("No, it's Grace O'Brien.", "Grace O'Brien"), ("No, that's Dana Smyth.", "Dana Smyth"), ("No, it's Friday.", None),
     ("No, it's not right.", None), ("No, it's Wrong Day.", None), ("Yes, it's Dana Smith.", None),
     ("No, it's on Monday.", None)],
)  # fmt: skip
def test_a_name_that_denies_the_one_read_back(text: str, expected: str | None) -> None:
    assert read(text, Expect.YES_NO).name == expected


@pytest.mark.parametrize("text", ["I'm calling about a cleaning", "This is urgent", "It's Thursday", "Dana Smith"])
def test_without_being_asked_only_an_introduction_gives_a_name(text: str) -> None:
    assert read(text, Expect.WHEN).name is None


SERVICES = [
    ("I'd like a cleaning.", "cleaning"),
    ("a teeth cleaning please", "cleaning"),
    ("cleanings", "cleaning"),
    ("I need a check-up.", "checkup"),
    ("A check up.", "checkup"),
    ("Checkup.", "checkup"),
    ("I need to get my teeth cleaned.", "cleaning"),
    ("an exam", "checkup"),
    ("I have a cavity", "filling"),
    ("A filling.", "filling"),
    ("tooth whitening", "whitening"),
    ("Whitening, please.", "whitening"),
    ("whitning", "whitening"),
    ("a cleaning, no, a filling", "filling"),
    ("not a cleaning, a checkup", "checkup"),
    ("Actually make it a filling.", "filling"),
    ("I'm calling about something else", None),
    ("Good morning.", None),
    ("What's the meaning of this?", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SERVICES)
def test_a_service_when_a_service_was_asked_for(text: str, expected: str | None) -> None:
    assert read(text, Expect.SERVICE).service_id == expected


def test_several_facts_in_one_sentence() -> None:
    facts = read("Hi, my name is Dana Smith and I'd like a cleaning next Thursday at 3, my number is 555-012-3456.")
    assert facts.service_id == "cleaning"
    assert facts.when is not None
    assert (str(facts.when.first_on), str(facts.when.at)) == ("2026-11-26", "15:00:00")
    assert facts.name == "Dana Smith"
    assert facts.phone == "+15550123456"


def test_name_and_number_in_one_answer() -> None:
    facts = read("Dana Smith, 555-012-3456.", Expect.NAME)
    assert facts.name == "Dana Smith"
    assert facts.phone == "+15550123456"
    assert facts.when is None


@pytest.mark.parametrize(
    "text",
    [
        "My number is it's four six nine, five five five, four six four correct five.",
        "Four six nine five five five four six four, correct.",
    ],
)
def test_most_of_a_number_beside_a_yes_is_no_yes(text: str) -> None:
    facts = read(text, Expect.YES_NO)
    assert facts.answer is not True or facts.phone_digits is not None


@pytest.mark.parametrize(
    "words",
    ["During yesterday party I drank cold juice and my throat hurts.", "Awful cold juice I drank, you know."],
)
def test_the_beginning_of_a_sentence_is_no_name(words: str) -> None:
    assert read(words, Expect.NAME).name is None
