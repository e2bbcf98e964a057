"""What a business's callers are likely to say and a recogniser is likely to get wrong: its own names and words.

Source: Deepgram's guide to keyterm prompting: names, products and terms of the trade, at most 500 tokens of them; words
that everybody uses gain nothing and make others be mistaken for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.domain.tenant import Tenant

#: About 200 tokens.
MOST = 50
_MOST_WORDS = 3
_STREET = re.compile(
    r"(?:[A-Z][\w'.-]* )+(?:Street|Road|Avenue|Lane|Drive|Boulevard|Court|Place|Way|Parkway|Highway|Square|Terrace)\b"
)
#: An alias with one of these is a phrase of everyday speech, not a term.
_EVERYDAY = frozenset(
    {
        "a",
        "an",
        "and",
        "at",
        "for",
        "from",
        "in",
        "my",
        "of",
        "on",
        "or",
        "our",
        "the",
        "this",
        "to",
        "up",
        "with",
        "your",
    }
)


def keyterms_of(tenant: Tenant) -> tuple[str, ...]:
    """Terms to expect, the most telling first; each once, at most MOST."""
    found: dict[str, str] = {}
    for term in _terms(tenant):
        found.setdefault(term.lower(), term)
    return tuple(found.values())[:MOST]


def _terms(tenant: Tenant) -> Iterator[str]:
    yield tenant.name
    for person in tenant.staff:
        yield person.name
        yield from person.aliases
    yield from _STREET.findall(tenant.knowledge.address)
    for service in tenant.services:
        yield service.name
    for service in tenant.services:
        yield from filter(_is_term, service.aliases)


def _is_term(alias: str) -> bool:
    words = alias.lower().split()
    return len(words) <= _MOST_WORDS and not _EVERYDAY.intersection(words)
