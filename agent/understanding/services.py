"""Which of the tenant's services an utterance names."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from agent.domain.tenant import Tenant
from agent.understanding.words import Word, split_words

#: How alike a misheard word must be; lower when a service was asked for.
ALIKE_ASKED = 0.78
ALIKE_UNASKED = 0.88
#: Shorter words are like too many others.
MIN_FUZZY_LETTERS = 6
_NEGATIONS = frozenset({"not", "except", "without"})


@dataclass(frozen=True, slots=True)
class ServiceMention:
    """A service named by words[start:stop]."""

    service_id: str
    start: int
    stop: int


def find_service(words: list[Word], tenant: Tenant, *, is_asked: bool) -> ServiceMention | None:
    """The service named; the last one when several are ("a cleaning, no, a filling").

    Args:
        is_asked: a service was asked for, so that a misheard word may pass for one.
    """
    phrases = _phrases(tuple((s.id, s.name, *s.aliases) for s in tenant.services))
    mentions = []
    index = 0
    while index < len(words):
        mention = _exact(words, index, phrases)
        if mention is not None and not _is_negated(words, index):
            mentions.append(mention)
        index = mention.stop if mention else index + 1
    if mentions:
        return mentions[-1]
    return _alike(words, phrases, ALIKE_ASKED if is_asked else ALIKE_UNASKED)


@lru_cache(maxsize=256)
def _phrases(named: tuple[tuple[str, ...], ...]) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Every name and alias as singular words, longest first, with its service id."""
    found = [
        (tuple(_singular(word.norm) for word in split_words(name)), service_id)
        for service_id, *names in named
        for name in names
    ]
    return tuple(sorted(found, key=lambda item: -len(item[0])))


def _exact(words: list[Word], index: int, phrases: tuple[tuple[tuple[str, ...], str], ...]) -> ServiceMention | None:
    for phrase, service_id in phrases:
        spoken = tuple(_singular(word.norm) for word in words[index : index + len(phrase)])
        if spoken == phrase:
            return ServiceMention(service_id, index, index + len(phrase))
    return None


def _alike(
    words: list[Word], phrases: tuple[tuple[tuple[str, ...], str], ...], threshold: float
) -> ServiceMention | None:
    best: tuple[float, ServiceMention] | None = None
    for index, word in enumerate(words):
        if len(word.norm) < MIN_FUZZY_LETTERS or _is_negated(words, index):
            continue
        for phrase, service_id in phrases:
            target = "".join(phrase)
            if len(target) < MIN_FUZZY_LETTERS or target[0] != word.norm[0]:
                continue
            ratio = SequenceMatcher(None, _singular(word.norm), target).ratio()
            if ratio >= threshold and (best is None or ratio > best[0]):
                best = (ratio, ServiceMention(service_id, index, index + 1))
    return best[1] if best else None


def _is_negated(words: list[Word], index: int) -> bool:
    return any(word.norm in _NEGATIONS for word in words[max(0, index - 2) : index])


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word
