"""From the ear to the caller and from the caller to his voice: two spellings of times and numbers.

The ear writes "10.30 a.m." and "5 5 5, 0 1 2, 3 4 5 6"; the caller reads "10:30 AM" and "555-012-3456". He writes
"555-012-3456" too, and a voice is to say it digit by digit.
"""

from __future__ import annotations

import re

from loadtest.evaluation.business import Business

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_VALUES = {word: str(value) for value, word in enumerate(_DIGITS)} | {"oh": "0"}
_WORD = "|".join(_VALUES)
_DIGIT_WORDS = re.compile(rf"\b(?:{_WORD})(?:[ ,.-]+(?:{_WORD})){{2,}}\b", re.IGNORECASE)
_LONG_NUMBER = re.compile(r"(?<![\d:$])\d(?:[ .,()-]{0,3}\d){6,}(?![\d:])")
_TIME = re.compile(
    r"\b(?P<hour>1?\d)(?:[.: ]?(?P<minute>[0-5]\d))? ?(?P<half>[ap])\.? ?m\b(?P<dot>\.(?=\s+[A-Z]|$))?\.?",
    re.IGNORECASE,
)
#: A recogniser hears no colon and puts commas of its own; and what it makes of "when would" every time.
_REPAIRS = (
    (re.compile(r"[,;]? (?=your number\W+\d)", re.IGNORECASE), ". "),
    (re.compile(r"(?<=your number)\W+(?=\d)", re.IGNORECASE), ": "),
    (re.compile(r"(?<=your message)[,.;:]? (?=\w)", re.IGNORECASE), ": "),
    (re.compile(r"\.\."), "."),
    (re.compile(r"\. (?=the (?:nearest|closest|first|last) (?:to|after|before)\b)", re.IGNORECASE), ", "),
    (re.compile(r"\bday, and time\b", re.IGNORECASE), "day and time"),
    (re.compile(r"\byou(?:r|'re| are) book for\b", re.IGNORECASE), "You are booked for"),
    (re.compile(r"\bone would (?=(?:be|suit|you)\b)", re.IGNORECASE), "When would "),
)
_BEFORE_PHONE = re.compile(r"(?<![,.?!]) (?=phone\W+\d)", re.IGNORECASE)
_SAID_NUMBER = re.compile(r"(?<![\d:.$])(?:\d(?: \d){2,}|\d{3,4}(?:[ -]\d{3,4})*)(?![\d:]|st\b|nd\b|rd\b|th\b)")
_HALF_A_DAY = re.compile(r"\b(?P<hour>1?\d)(?P<minute>[.: ]?[0-5]\d)?[ -]?mm?\b", re.IGNORECASE)
_PHONE_LENGTH = 10
_AFTERNOON = re.compile(r"(?<![\d:])(1[3-9]|2[0-3]):([0-5]\d)(?![\d:])(?: ?[ap]\.?m\b\.?)?", re.IGNORECASE)


def as_written(text: str, business: Business) -> str:
    """What the ear wrote, in the spelling that callers read."""
    text = _DIGIT_WORDS.sub(
        lambda match: re.sub(r"[a-z]+", lambda word: _VALUES[word[0].lower()], match[0], flags=re.I), text
    )
    text = _LONG_NUMBER.sub(lambda match: _grouped(re.sub(r"\D", "", match[0])), text)
    text = _HALF_A_DAY.sub(lambda match: _with_half(match, business), text)
    text = _TIME.sub(_clock, text)
    text = _BEFORE_PHONE.sub(", ", text)
    for pattern, instead in _REPAIRS:
        text = pattern.sub(instead, text)
    for service in business.services:
        name = service.names[0]
        for other in service.names[1:]:
            if re.sub(r"\W", "", other) == name:  # "check up"
                text = re.sub(rf"\b{re.escape(other)}\b", name, text, flags=re.IGNORECASE)
    return text


def _grouped(digits: str) -> str:
    if len(digits) == _PHONE_LENGTH + 1 and digits.startswith("1"):
        digits = digits[1:]
    if len(digits) != _PHONE_LENGTH:
        return digits
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"


def _with_half(match: re.Match[str], business: Business) -> str:
    """A time of which the ear lost a letter ("9.45 m"): in the half of the day in which the business is open."""
    opens = min(start.hour for intervals in business.hours for start, _ in intervals)
    half = "AM" if opens <= int(match["hour"]) < 12 else "PM"
    return f"{match['hour']}{match['minute'] or ''} {half}"


def _clock(match: re.Match[str]) -> str:
    minute = f":{match['minute']}" if match["minute"] not in (None, "00") else ""
    return f"{match['hour']}{minute} {match['half'].upper()}M{match['dot'] or ''}"


def speakable(text: str) -> str:
    """A caller's words as people say them: numbers digit by digit, in groups, and "14:00" as 2 PM."""
    text = _AFTERNOON.sub(lambda match: _twelve_hours(int(match[1]), match[2]), text)
    return _SAID_NUMBER.sub(lambda match: _one_by_one(re.sub(r"\D", "", match[0])), text)


def _twelve_hours(hour: int, minute: str) -> str:
    return f"{hour - 12}{f':{minute}' if minute != '00' else ''} PM"


def _one_by_one(digits: str) -> str:
    head, last = digits[:-4], digits[-4:]
    groups = [head[at : at + 3] for at in range(0, len(head), 3)] if len(digits) > 4 else []
    return ", ".join(" ".join(_DIGITS[int(digit)] for digit in group) for group in (*groups, last))
