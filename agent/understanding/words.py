"""Recognised text as words: one normal form for the grammars, the caller's own spelling for names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.understanding.dates import MONTHS

_SMALL = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|thirty|noon"
_MONTHS = "|".join(MONTHS)
_ST = "(?:st|nd|rd|th)?"
#: "At 2300 California Street" is a place.
_STREET = r" (?:\w+\.? ){1,3}(?:street|st|avenue|ave|road|rd|drive|lane|boulevard|blvd|court)\b"
_HOUR = r"(?:1[0-2]|0?[1-9])"
_THAT_IS = r"(?:that'?s|that is|that was|that will be|that'?ll be|this is|be)"
_REWRITES = (
    (re.compile(r"[’`]"), "'"),
    # "That's all for today" wishes nothing of today.
    (re.compile(rf"\b({_THAT_IS} (?:all|everything|it)(?: i need(?:ed)?)?) (?:for )?(?:today|tonight)\b", re.I), r"\1"),
    # Without its apostrophe it would be a Wednesday.
    (re.compile(r"\bwe'd\b", re.I), "we would"),
    (re.compile(r"[$£€] ?(\d+)|\b(\d+) ?[$£€]"), r"\1\2 dollars"),
    (re.compile(r"\b([ap])\.\s?m\b\.?", re.I), r"\1m"),
    # "11 a." and "1045M" are how a recogniser writes an AM or PM of which it heard a part.
    (re.compile(r"(\d) ?([ap])\b[.?!]*\s*$", re.I), r"\1 \2m"),
    (re.compile(rf"\b({_HOUR})[.:,]?\s?([0-5]\d) ?m\b", re.I), r"\1:\2"),
    (re.compile(rf"\b({_HOUR})(?:[.:]|, )([0-5]\d)(?=\s?[ap]m\b)", re.I), r"\1:\2"),
    (re.compile(rf"\b({_HOUR})([0-5]\d)(?=\s?[ap]m\b)", re.I), r"\1:\2"),
    (
        re.compile(r"\b(at|around|about|by|after|before|until|from|between|and|to) (\d{1,2})\.(\d{2})\b", re.I),
        r"\1 \2:\3",
    ),
    (
        re.compile(r"\b(\d{1,2}(?::\d{2})?)\s?(am|pm)?\s?[-–—]\s?(\d{1,2}(?::\d{2})?)\s?([ap]m)\b", re.I),
        r"\1 \2 to \3 \4",
    ),
    (re.compile(r"\b(\d{1,2}(?::\d{2})?)\s?([ap]m)\b", re.I), r"\1 \2"),
    (
        re.compile(rf"\b(at|around|about|by|after|before|until) (\d{{1,2}})(00|15|30|45)\b(?!{_STREET}|[- ]?\d)", re.I),
        r"\1 \2:\3",
    ),
    (re.compile(r"\b(\d{1,2}(?::\d{2})?)-?ish\b", re.I), r"\1"),
    (re.compile(rf"\b({_SMALL})-?ish\b", re.I), r"\1"),
    (re.compile(r"""\bo\s?["']?\s?clock\b""", re.I), "oclock"),
    (re.compile(r"\b(?:uh|a)[- ]?huh\b|\bm+[- ]?hm+\b", re.I), "mhm"),
    (re.compile(rf"\b(\d{{1,2}}{_ST})\s?[-–—]\s?(?=\d{{1,2}}{_ST} (?:of )?(?:{_MONTHS})\b)", re.I), r"\1 to "),
    (re.compile(rf"\b((?:{_MONTHS}) \d{{1,2}}{_ST})\s?[-–—]\s?(?=\d{{1,2}}\b)", re.I), r"\1 to "),
    (re.compile(r"(?<=\w)-(?=\w)"), " "),
    (re.compile(r"\((\d{3})\)"), r" \1 "),
    (re.compile(r"(?<=\d)\.(?=\d)"), " "),
    (re.compile(r"\+(?=1)"), ""),
)
_WORD = re.compile(r"[^\W_]+(?:[:/'][^\W_]+)*")
_FILLERS = frozenset({"um", "uh", "uhm", "er", "erm", "hmm", "ah", "eh"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the grammars see it, and as it was written."""

    norm: str
    raw: str


def split_words(text: str) -> list[Word]:
    """Words of an utterance without punctuation and fillers."""
    for pattern, replacement in _REWRITES:
        text = pattern.sub(replacement, text)
    words = [Word(raw.lower().replace("'", ""), raw) for raw in _WORD.findall(text)]
    return [word for word in words if word.norm not in _FILLERS]


def joined(words: list[Word]) -> str:
    """The normal forms with single spaces."""
    return " ".join(word.norm for word in words)


def word_set(text: str) -> frozenset[str]:
    """A set of words written as one text."""
    return frozenset(text.split())
