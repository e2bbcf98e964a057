"""Emergencies of one trade, as a tenant's document names them: a breakdown in traffic, a burst pipe."""

from __future__ import annotations

import re
from functools import lru_cache

from agent.domain.facts import Emergency
from agent.domain.tenant import EmergencyPolicy
from agent.understanding.words import joined, split_words


def own_emergency(words: str, policy: EmergencyPolicy) -> tuple[Emergency, re.Match[str]] | None:
    """What the business's own list makes of normalised words, and where they say so."""
    for kind, phrases in ((Emergency.GAS, policy.gas), (Emergency.DANGER, policy.danger)):
        found = _any_of(phrases).search(words)
        if found is not None:
            return kind, found
    return None


def is_ours(words: str, policy: EmergencyPolicy) -> bool:
    """Whether what is called an emergency is one the business comes for."""
    return _any_of(policy.ours).search(words) is not None


@lru_cache(maxsize=256)
def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the phrases, as whole words; of an empty list, nothing."""
    normal = [re.escape(joined(split_words(phrase))) for phrase in phrases]
    return re.compile(rf"\b(?:{'|'.join(filter(None, normal)) or '(?!)'})\b")
