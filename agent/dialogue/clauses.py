"""A reply cut into clauses, so that the first can be spoken while the next is made."""

from __future__ import annotations

import re

#: Ends of sentences, but not "Dr. Lee", "5th St. Clinic" or "3.30".
_SENTENCE_END = re.compile(
    r"(?<!\bDr\.)(?<!\bSt\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bMrs\.)(?<=[.!?])\s+(?=[A-Z\"'])"
)


def clauses(text: str) -> list[str]:
    """Sentences of `text`, in order; never empty strings."""
    return [part.strip() for part in _SENTENCE_END.split(text) if part.strip()]
