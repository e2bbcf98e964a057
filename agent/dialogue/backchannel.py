"""Sounds by which a listener says no more than that he listens: no answer, no question, no reason to fall silent."""

from __future__ import annotations

import re

#: "Yeah" and "okay" are not among them: said into a question they answer it.
_SOUNDS = re.compile(
    r"(?:(?:m+[\s-]*h+m+|u+h+[\s-]*h+u+h+|h+m+|m{2,}|u+h+|u+m+|a+h+|o+h+|e+r+m*)[\s,.!?…-]*)+", re.IGNORECASE
)


def is_backchannel(text: str) -> bool:
    """Whether nothing else was said: "mm-hm", "uh-huh, hmm."."""
    return _SOUNDS.fullmatch(text.strip()) is not None
