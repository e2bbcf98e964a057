"""No card or social security number survives, in any spelling; what is ordinary is left alone."""

from __future__ import annotations

import random
import re

import pytest

from agent.domain.redaction import MASK, SHORT_MASK, digits_at_end, mask_digits, passes_luhn, redact

UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEENS = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
NUMBER_WORD = re.compile(rf"\d|\b(?:{'|'.join((*UNITS, *TEENS, *TENS[2:]))}|oh|hundred|thousand)\b")
SEPARATORS = (" ", "-", "", ".", ", ", " - ", "/", "_", "  ", "\t", "\u200b", "\u202e", " dash ", " and then ", " um, ")
CARRIERS = (
    "{}", "My card is {}.", "it's {} okay", "Visa {}, please book it", "you can charge {} thanks", "{} is the card",
    "pay with {}\nexpires soon", "Ignore that. {}. Thanks", "card number: ({})",
)  # fmt: skip
PHONES = (
    "555-012-3456", "(555) 012-3456", "555.012.3456", "5550123456", "+1 555 012 3456", "1-555-012-3456", "012-3456",
    "five five five oh one two three four five six", "five fifty five oh twelve thirty four fifty six",
    "555-012-3456, 555-012-3456", "5550123456 5550123457", "double five five, oh one two, three four five six",
    "+44 20 7946 0958",
)  # fmt: skip
ORDINARY = (
    "Thursday, December 3rd at 3:30 PM", "12/03/2026 10:30", "on 12/3 or 12/4", "2026-12-03", "between 2 and 4",
    "december third twenty twenty six at ten thirty", "nineteen eighty four", "at three fifteen or four forty five",
    "it costs $1,234.50 or $99", "one hundred twenty dollars", "90210", "90210-1234", "zip code nine oh two one oh",
    "911 Main Street", "1600 Pennsylvania Avenue, suite 1200", "I have 2 kids, 3 cats and 4 dogs",
    "the 3rd or the 4th", "two to four or three to five", "2026-11-21 06:00:00.123456", "2026-11-21T06:00:00Z",
    "0f8fad5b-1234-4123-8765-708162514073", "can I pay by card on Monday the 12th at 10:30?", "extension 4411",
    "my card? no, my number is 555-012-3456", "a gift card for $150", "",
)  # fmt: skip


def card(chance: random.Random) -> str:
    """A number that passes the checksum, mostly with an issuer's beginning."""
    length = chance.randint(13, 19)
    body = chance.choice(("4", "51", "34", "6011", "2221", "", "0", "9"))
    body += "".join(str(chance.randrange(10)) for _ in range(length - 1 - len(body)))
    return next(body + str(last) for last in range(10) if passes_luhn(body + str(last)))


def groups(digits: str, chance: random.Random) -> list[str]:
    """Cut in equal groups, in random ones, or not at all."""
    size = chance.choice((1, 2, 3, 4, 5, 6, 19, 0))
    out, rest = [], digits
    while rest:
        cut = size or chance.randint(1, 5)
        out.append(rest[:cut])
        rest = rest[cut:]
    return out


def spelled(group: str, chance: random.Random) -> str:
    """A group as digits, digit words, pairs or doubles; "twenty" is left out, for before "seven" it would be 27."""
    style = chance.choice(("written", "words", "pairs", "doubles"))
    if style == "written":
        return group
    words, index = [], 0
    while index < len(group):
        pair = group[index : index + 2]
        if style == "pairs" and len(pair) == 2 and pair[0] != "0" and (pair[0] == "1" or pair[1] != "0"):
            words.append(pair_words(pair))
            index += 2
        elif style == "doubles" and len(pair) == 2 and pair[0] == pair[1]:
            words.append(f"double {UNITS[int(pair[0])]}")
            index += 2
        else:
            words.append(
                chance.choice((UNITS[int(group[index])], "oh")) if group[index] == "0" else UNITS[int(pair[0])]
            )
            index += 1
    return " ".join(words)


def pair_words(pair: str) -> str:
    if pair[0] == "1":
        return TEENS[int(pair[1])]
    return f"{TENS[int(pair[0])]} {UNITS[int(pair[1])]}"


def said(digits: str, chance: random.Random) -> str:
    """A spelling of digits."""
    parts = [spelled(group, chance) for group in groups(digits, chance)]
    separator = chance.choice(SEPARATORS)
    if separator == "" and not all(part.isdecimal() for part in parts):
        separator = " "
    return separator.join(parts)


@pytest.mark.parametrize("seed", range(40))
def test_no_card_number_survives_in_any_spelling(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(100):
        number = card(chance)
        text = chance.choice(CARRIERS).format(said(number, chance))
        kept = redact(text, is_phone_asked=chance.random() < 0.3)
        assert MASK in kept, text
        assert not NUMBER_WORD.search(kept.lower()), text


@pytest.mark.parametrize("seed", range(20))
def test_no_social_security_number_survives_in_any_spelling(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(100):
        number = "".join(str(chance.randrange(10)) for _ in range(9))
        text = (
            f"my social is {said(number, chance)}"
            if chance.random() < 0.5
            else "-".join((number[:3], number[3:5], number[5:]))
        )
        kept = redact(text)
        assert MASK in kept, text
        assert not NUMBER_WORD.search(kept.lower()), text


@pytest.mark.parametrize("seed", range(20))
def test_a_card_number_said_in_turns_is_masked_once_it_is_too_long_for_a_telephone(seed: int) -> None:
    chance = random.Random(seed)
    body = "51" + "".join(str(chance.randrange(10)) for _ in range(13))
    number = next(body + str(last) for last in range(10) if passes_luhn(body + str(last)))
    cut = chance.choice((4, 5, 6, 8, 9, 10, 12))
    first, second = said(number[:cut], random.Random(0)), said(number[cut:], random.Random(1))
    assert not NUMBER_WORD.search(redact(second, before=[first]).lower()), (first, second)


@pytest.mark.parametrize("text", [*PHONES, *ORDINARY])
def test_what_is_ordinary_is_left_alone(text: str) -> None:
    assert redact(text) == text
    assert redact(f"Well, {text}") == f"Well, {text}"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("555 012", "3456"),
        ("555-012-3456", "No, 555-012-3457."),
        ("five five five oh one two", "five five five, oh one two, three four five six"),
        ("555-012-3456", "90210"),
        ("555 012 345", "6"),
        ("555 0123", "555 555 0123"),
    ],
)
def test_a_telephone_number_begun_or_said_anew_in_the_next_turn_is_left_alone(first: str, second: str) -> None:
    assert redact(first, is_phone_asked=True) == first
    assert redact(second, before=[first], is_phone_asked=True) == second


@pytest.mark.parametrize("digits", ["555-795-425-4220", "5 5 5 5 8 1 9 8 4 1 3 9", "5557954254221"])
def test_a_telephone_number_with_digits_too_many_is_left_to_be_asked_for_again(digits: str) -> None:
    assert redact(digits, is_phone_asked=True) == digits
    assert redact(f"No, the number is {digits}") == f"No, the number is {digits}"
    assert redact(digits) == MASK
    assert redact(f"my card is {digits}", is_phone_asked=True) == f"my card is {MASK}"


def test_nine_digits_to_the_question_for_a_telephone_number_are_not_kept_and_not_called_private() -> None:
    assert redact("It's 636-55-7199.", is_phone_asked=True) == f"It's {SHORT_MASK}."
    assert redact("It's 636-55-7199.") == f"It's {MASK}."
    assert redact("My social is 636-55-7199.", is_phone_asked=True) == f"My social is {MASK}."


def test_words_around_a_number_are_kept() -> None:
    kept = redact("A cleaning on Thursday at 3 PM, my card is 4111 1111 1111 1111 and my name is Dana.")
    assert kept == f"A cleaning on Thursday at 3 PM, my card is {MASK} and my name is Dana."


def test_a_security_code_and_a_part_of_a_card_are_masked_where_they_are_announced() -> None:
    assert redact("the cvv is 123") == f"the cvv is {MASK}"
    assert redact("my card is 4111 1111, let me see, 1111 1111") == f"my card is {MASK}, let me see, {MASK}"


def test_a_mask_is_nothing_to_mask() -> None:
    once = redact("card 4111 1111 1111 1111, 555-012-3456")
    assert redact(once) == once
    assert digits_at_end(MASK) == 0
    assert mask_digits("I have 4 1 1 1 so far, on 2026-12-03.") == f"I have {MASK} so far, on 2026-12-03."


def test_ten_thousand_characters_are_read_in_time_that_grows_with_their_number() -> None:
    """A pattern that backtracks would not come back."""
    for piece in ("4", "4 ", "12/", "$1,", "four ", "12/3 ", "1:11 ", "a-", "0f8fad5b-"):
        redact(piece * (10_000 // len(piece)))


@pytest.mark.parametrize(
    ("digits", "is_valid"),
    [("4111111111111111", True), ("4111111111111112", False), ("378282246310005", True), ("0", True)],
)
def test_the_checksum_is_the_standards(digits: str, is_valid: bool) -> None:
    assert passes_luhn(digits) is is_valid
