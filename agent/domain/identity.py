"""Whether two names are one person's, so far as a telephone can tell."""

from __future__ import annotations

import re

#: A name that is to identify somebody without a number has at least a first and a last name.
FULL_NAME_WORDS = 2


def is_same_name(said: str, booked: str) -> bool:
    """Whether the name a caller tells agrees with the one in the book, given the number it is booked under.

    Order and capitals do not matter, and one may leave out what the other has: "Smith" agrees with "Dana Smith".
    """
    one, other = _words(said), _words(booked)
    return bool(one and other) and (one <= other or other <= one)


def is_same_full_name(said: str, booked: str) -> bool:
    """Whether a name alone identifies the booking: all its words, first and last name at least."""
    return len(_words(said)) >= FULL_NAME_WORDS and _words(said) == _words(booked)


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]+", name.lower()))
