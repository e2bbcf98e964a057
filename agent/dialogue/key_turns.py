"""Pressed keys as turns of a conversation: how they are written down, and what a menu after a question changes."""

from __future__ import annotations

from collections.abc import Callable

from agent.domain.events import Pressed
from agent.domain.key_menus import MENU_KEYS
from agent.domain.lines import Line, LineKey
from agent.domain.redaction import MASK

_BEFORE_THE_ANSWER = frozenset({LineKey.ONE_MOMENT, LineKey.ACKNOWLEDGED})


def event_of(keys: str, text: str) -> Pressed:
    """What the rules are told of them. `text` is their spelling, with private numbers masked."""
    return Pressed("", is_private=True) if MASK in text else Pressed(keys)


def heard_of_answer(lines: tuple[Line, ...], heard_fraction: float, phrase: Callable[[tuple[Line, ...]], str]) -> float:
    """The share that was heard of what was said after a word of patience or of assent and before the keys were named.

    Args:
        lines: the reply that was cut off.
        heard_fraction: of its audio, 0 to 1; words are taken to last as long as they are written.
    """
    begin, end = 0, len(lines)
    while begin < end and lines[begin].key in _BEFORE_THE_ANSWER:
        begin += 1
    while end > begin and lines[end - 1].key in MENU_KEYS:
        end -= 1
    if begin == end or (begin, end) == (0, len(lines)):
        return heard_fraction
    heard = heard_fraction * len(phrase(lines)) - len(phrase(lines[:begin]))
    return min(1.0, max(0.0, heard / len(phrase(lines[begin:end]))))
