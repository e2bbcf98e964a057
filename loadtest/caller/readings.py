"""A number listened to more than once: the small recogniser drops or doubles a digit in one telephone number of
twelve, and seldom the same one twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

#: What separates the readings of one utterance on their way from the ear; no recogniser writes it.
SEPARATOR = "\n"
_NUMBER = re.compile(r"\d(?:[ .,-]*\d){6,}")


def readings(text: str, decode_again: Iterable[Callable[[], str]]) -> list[str]:
    """The text, and the same with its last number as further decodes of the audio have it.

    Args:
        decode_again: called only when there is a number of seven digits or more.
    Returns: the first reading is `text` itself; no reading twice.
    """
    found = _last_number(text)
    if found is None:
        return [text]
    others = [number.group() for again in decode_again if (number := _last_number(again())) is not None]
    return list(dict.fromkeys([text, *(text[: found.start()] + other + text[found.end() :] for other in others)]))


def _last_number(text: str) -> re.Match[str] | None:
    found = None
    for found in _NUMBER.finditer(text):  # noqa: B007 - the last one is wanted
        pass
    return found
