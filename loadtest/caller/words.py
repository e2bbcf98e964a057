"""Recognised words, brought to one spelling so that a script's patterns can be short.

What ``normalise`` does, in order:

1. lower case; typographic quotes become plain; "o'clock" goes; "a.m." and "p.m." become "am" and "pm";
2. number words become digits: "twenty three" → "23", "nineteen" → "19", "first" → "1st", "twenty third" → "23rd";
   a lone "one" ("which one?") stays a word;
3. times: "three thirty pm", "3.30 pm", "330 PM" → "3:30 pm"; "nine oh five am" → "9:05 am"; "3 pm" stays;
4. digits spoken one by one join, and so do groups that make a phone number of 7, 10 or 11 digits:
   "five five five, 0 1" → "55501", "555-012-3456" → "5550123456";
5. punctuation goes, except inside times and prices; blanks collapse; "good bye" is one word.

Patterns are matched anywhere in that text, without regard to case.
"""

from __future__ import annotations

import re

_UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
_ORDINALS = {
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th", "sixth": "6th",
    "seventh": "7th", "eighth": "8th", "ninth": "9th", "tenth": "10th", "eleventh": "11th",
    "twelfth": "12th", "thirteenth": "13th", "fourteenth": "14th", "fifteenth": "15th",
    "sixteenth": "16th", "seventeenth": "17th", "eighteenth": "18th", "nineteenth": "19th",
    "twentieth": "20th", "thirtieth": "30th",
}  # fmt: skip
_PHONE_LENGTHS = (7, 10, 11)
_TOKEN = re.compile(r"[a-z0-9$:.']+|[^\sa-z0-9]")


def normalise(text: str) -> str:
    """Bring recognised words to the spelling patterns are written in."""
    text = text.lower().replace("’", "'").replace("‘", "'")
    text = re.sub(r"\b([ap])\.? ?m\b\.?", r"\1m", text)
    text = re.sub(r"\s*o'? ?clock\b", "", text)
    text = re.sub(r"(?<=[a-z])-(?=[a-z])", " ", text)
    text = " ".join(_numbers([token.strip(".'") or token for token in _TOKEN.findall(text)]))
    text = re.sub(r"\b(\d{1,2})[.: ](\d{2}) ?(am|pm)\b", r"\1:\2 \3", text)
    text = re.sub(r"\b(\d{1,2})[.:]?00 (am|pm)\b", r"\1 \2", text)
    text = re.sub(r"\b(\d{1,2}) (?:oh|o|0) (\d) (am|pm)\b", r"\1:0\2 \3", text)
    text = re.sub(r"\b(\d{1,2})([0-5]\d) ?(am|pm)\b", r"\1:\2 \3", text)
    text = re.sub(r"\b(\d{1,2})(am|pm)\b", r"\1 \2", text)
    text = re.sub(r"(?<![\d:$])\d+(?:[ ,.()-]+\d+)+(?![\d:])", _join_digits, text)
    text = re.sub(r"(?<!\d)[.:]|[.:](?!\d)|[^\w\s$:.']", " ", text)
    return " ".join(text.split()).replace("good bye", "goodbye")


def matches(patterns: list[str], text: str) -> str | None:
    """Find the first pattern that occurs in a normalised text; None if none does."""
    return next((pattern for pattern in patterns if re.search(pattern, text, re.I)), None)


def _numbers(tokens: list[str]) -> list[str]:
    out: list[str] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        following = tokens[index + 1] if index + 1 < len(tokens) else ""
        if token in _TENS and following in _UNITS and 0 < _UNITS[following] < 10:
            out.append(str(_TENS[token] + _UNITS[following]))
            index += 2
        elif token in _TENS and following in _ORDINALS and _ORDINALS[following][:-2] in "123456789":
            out.append(f"{_TENS[token] // 10}{_ORDINALS[following]}")
            index += 2
        elif token == "one" and not (_is_number(following) or _is_number(out[-1] if out else "")):
            out.append(token)
            index += 1
        else:
            out.append(_ORDINALS.get(token) or str(_UNITS.get(token, _TENS.get(token, token))))
            index += 1
    return out


def _is_number(token: str) -> bool:
    return token in _UNITS or token in _TENS or token[:1].isdigit() or token in ("am", "pm", "at")


def _join_digits(match: re.Match[str]) -> str:
    """Join a spoken number such as a phone number; leave lists of small numbers ("9, 10 or 11") alone."""
    groups = re.findall(r"\d+", match[0])
    single = sum(len(group) == 1 for group in groups)
    total = sum(map(len, groups))
    if (single == len(groups) and total >= 3) or total in _PHONE_LENGTHS:
        return "".join(groups)
    return match[0]
