"""Which of a business's free facts a question asks for.

By words here: an example question matches when all of its telling words are said, so a short example ("parking")
is a wide one. A matcher by meaning has the same Protocol.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from agent.domain.knowledge import FreeFact
from agent.understanding.words import split_words, word_set


@dataclass(frozen=True, slots=True)
class FactMatch:
    """A fact that answers a question.

    Attributes:
        confidence: 0 to 1.
    """

    fact_id: str
    confidence: float


class FactMatcher(Protocol):
    """Finds the fact a question asks for."""

    def match(self, question: str, facts: tuple[FreeFact, ...]) -> FactMatch | None:
        """The best fact for one question as it was recognised, or None when none is meant."""
        ...


#: Words that tell nothing of what is asked.
_EMPTY = word_set(
    "a about all am an and any anything are at be but by can could d did do does doing for from get give go going "
    "guys have has hey hi how i id if im in is it its just know like ll m may me my need of offer on or our please "
    "s so some take tell than that thats the their them there these they theres this to up us want was we were "
    "what whats when where which who will with wondering would you your youre yours accept got provide"
)
#: What is said of a thing without its word; the word's stem is added to those that were said.
_SAID_OTHERWISE = (
    (
        re.compile(
            r"\b(?:leave|put|place|spot|space|room|somewhere)(?: for)?(?: \w+){1,2} (?:car|truck|van)\b",
            re.IGNORECASE,
        ),
        "park",
    ),
)
_ENDINGS = ("ations", "ation", "ings", "ing", "ies", "es", "ed", "s")
_LEAST_STEM = 3


class WordMatcher:
    """The telling words of an example, compared by their stems."""

    def match(self, question: str, facts: tuple[FreeFact, ...]) -> FactMatch | None:
        """The fact whose longest example is in the question; the first one of equals."""
        said = telling_stems(question) | {stem for form, stem in _SAID_OTHERWISE if form.search(question)}
        best: tuple[int, FactMatch] | None = None
        for fact in facts:
            for example in fact.questions:
                wanted = telling_stems(example)
                if wanted and wanted <= said and (best is None or len(wanted) > best[0]):
                    best = len(wanted), FactMatch(fact.id, 0.5 + 0.5 * len(wanted) / len(said))
        return best[1] if best else None


#: What is used until something better is given.
BY_WORDS = WordMatcher()


@lru_cache(maxsize=2048)
def telling_stems(text: str) -> frozenset[str]:
    """The stems of the words that tell what a text is about."""
    return frozenset(_stem(word.norm) for word in split_words(text) if word.norm not in _EMPTY)


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e")
