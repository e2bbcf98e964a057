"""Which of the tenant's services an utterance names."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from agent.domain.tenant import Tenant
from agent.understanding.sounds import LEAST_CONSONANTS, consonants
from agent.understanding.words import Word, split_words

#: How alike a misheard word must be; lower when a service was asked for.
ALIKE_ASKED = 0.78
ALIKE_UNASKED = 0.88
#: Shorter words are like too many others.
MIN_FUZZY_LETTERS = 6
#: What stands before the name of a service at the end of a sentence: "no, it should be a fill in".
_INTRODUCES = frozenset({"need", "want", "be", "get", "book", "schedule", "meant", "said"})
_ARTICLES = frozenset({"a", "an", "the", "my", "some", "to", "for", "find"})
_REFUSES = frozenset({"dont", "not", "no", "never", "cant", "wouldnt"})
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
    return _alike(words, phrases, ALIKE_ASKED if is_asked else ALIKE_UNASKED) or _by_sound(words, phrases)


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


def _by_sound(words: list[Word], phrases: tuple[tuple[tuple[str, ...], str], ...]) -> ServiceMention | None:
    """The service that the last one or two words sound like, where a sentence names what is needed."""
    for count in (2, 1):
        start = len(words) - count
        said = consonants("".join(word.norm for word in words[start:])) if start > 0 else ""
        if len(said) < LEAST_CONSONANTS or not _is_introduced(words[:start]) or _is_negated(words, start):
            continue
        for phrase, service_id in phrases:
            if said == consonants("".join(phrase)):
                return ServiceMention(service_id, start, len(words))
    return None


def _is_introduced(before: list[Word]) -> bool:
    """Whether "I need a", "it should be the" or the like stands right before."""
    while before and before[-1].norm in _ARTICLES:
        before = before[:-1]
    is_refused = len(before) > 1 and before[-2].norm in _REFUSES
    return bool(before) and before[-1].norm in _INTRODUCES and not is_refused


def _is_negated(words: list[Word], index: int) -> bool:
    return any(word.norm in _NEGATIONS for word in words[max(0, index - 2) : index])


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word
