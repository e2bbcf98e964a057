"""Words by their sound, as far as a recogniser that mistakes them for others keeps it: "fill in" for "filling"."""

from __future__ import annotations

import re

#: In order; of letters that are written differently and sound alike.
_ALIKE = tuple(
    (re.compile(form), sound)
    for form, sound in (
        (r"ph", "f"), (r"gh", ""), (r"ng\b", "n"), (r"ck|q", "k"), (r"c(?=[eiy])", "s"), (r"c(?!h)", "k"), (r"x", "ks"),
        (r"z", "s"), (r"(.)\1+", r"\1"), (r"(?<!^)[aeiouyhw]|^h", ""),
    )
)  # fmt: skip
#: Fewer consonants are in too many words.
LEAST_CONSONANTS = 3


def consonants(word: str) -> str:
    """The consonants of one or more joined words, in lower case, as they are heard: "filling", "fill in" → "fln"."""
    sound = re.sub(r"[^a-z]", "", word.lower())
    for form, replacement in _ALIKE:
        sound = form.sub(replacement, sound)
    return sound
