"""Sounds by which a listener says no more than that he listens: no answer, no question, no reason to fall silent."""

from __future__ import annotations

import re

#: One sound, between anything that is no letter. "Yeah" and "okay" are none: said into a question they answer it.
_SOUND = re.compile(r"m+h*m*|h+m+|u+h*m*|h+u+h+|a+h+|o+h+|e+r+m*", re.IGNORECASE)
_SEPARATOR = re.compile(r"[\s\W]+")


def is_backchannel(text: str) -> bool:
    """Whether nothing else was said: "mm-hm", "uh-huh, hmm."."""
    sounds = [sound for sound in _SEPARATOR.split(text) if sound]
    return bool(sounds) and all(_SOUND.fullmatch(sound) for sound in sounds)
