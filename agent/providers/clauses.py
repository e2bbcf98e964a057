"""A reply cut into clauses, so that the first can be spoken while the next is made."""

from __future__ import annotations

import re

#: Ends of sentences, but not "Dr. Lee", "5th St. Clinic" or "3.30".
_SENTENCE_END = re.compile(r"(?<!\bDr\.)(?<!\bSt\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bMrs\.)(?<=[.!?])\s+(?=[A-Z\"'])")

#: A phone number begins a clause: spoken in one breath with what precedes it, one in ten is misheard.
_BEFORE_PHONE = re.compile(r"\s+(?=\+?[0-9][0-9-]{8,}[0-9])")
#: A sentence longer than this is cut at a comma, so that its beginning need not wait for its end.
_LONG_CHARS = 70
_LEAST_CHARS = 30


def clauses(text: str) -> list[str]:
    """Sentences of `text`, cut before phone numbers, and long ones at a comma; never empty strings."""
    parts: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        for part in _BEFORE_PHONE.split(sentence):
            comma = part.find(", ", _LEAST_CHARS)
            if len(sentence) > _LONG_CHARS and comma >= 0:
                parts += [part[: comma + 1], part[comma + 1 :]]
            else:
                parts.append(part)
    return [part.strip() for part in parts if part.strip()]
