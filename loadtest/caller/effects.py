"""What a conversation asks of its call."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Say:
    """Send the clip of this text."""

    text: str


@dataclass(frozen=True)
class Press:
    """Send these keys."""

    keys: str


@dataclass(frozen=True)
class HangUp:
    """End the call."""


@dataclass(frozen=True)
class Recognise:
    """Recognise the agent's audio between two instants and hand the words to ``heard`` with this token.

    Attributes:
        closely: a long number in it is listened to for other ways to hear it, which takes four times as long.
    """

    token: int
    from_ns: int
    to_ns: int
    closely: bool = False


Effect = Say | Press | HangUp | Recognise
