"""Mistakes of a recogniser, drawn by seed: some words are heard as others, some not at all, and some twice over.

A word's fate depends on the seed, the recording and the word's place in it, not on when it is asked for: what an
interim result has misheard stays misheard, and a suite that runs again gets the same mistakes.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from loadtest.emulators.ground_truth import Utterance

_SURE, _SPREAD, _MISHEARD = 0.995, 0.06, 0.61
_FATES, _SHARES = ("substituted", "lost", "doubled"), (0.6, 0.2, 0.2)
#: What is heard in place of a word: short words a recogniser's language model likes.
_OTHERS = (
    "a", "and", "are", "at", "do", "for", "four", "hour", "in", "it", "know", "nine", "of", "on", "right", "some",
    "that", "the", "then", "they", "time", "to", "two", "want", "week", "were", "what", "when", "with", "you",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a word: what is written for it, and how sure the recogniser is, 0 to 1."""

    texts: tuple[str, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class WordErrors:
    """A channel that spoils words.

    Args:
        rate: of words that are spoiled, 0 to 1.
        keyterms: words of these are never spoiled; that is what a client sends them for.
    """

    rate: float = 0.0
    seed: int = 0
    keyterms: frozenset[str] = frozenset()

    def with_keyterms(self, terms: Iterable[str]) -> WordErrors:
        """The same mistakes, except in these terms."""
        words = frozenset(plain(word) for term in terms for word in term.split())
        return WordErrors(self.rate, self.seed, words)

    def heard(self, utterance: Utterance, index: int) -> Heard:
        """What becomes of one word of a recording."""
        text = utterance.words[index].text
        dice = random.Random(f"{self.seed} {utterance.key} {index}")
        confidence = round(_SURE - _SPREAD * dice.random(), 4)
        if dice.random() >= self.rate or plain(text) in self.keyterms:
            return Heard((text,), confidence)
        fate = dice.choices(_FATES, _SHARES)[0]
        if fate == "lost":
            return Heard((), _MISHEARD)
        other = dice.choice([word for word in _OTHERS if word != plain(text)])
        return Heard((other,) if fate == "substituted" else (text, other), _MISHEARD)


def plain(word: str) -> str:
    """Lower case, without the punctuation around it."""
    return word.strip('.,;:!?"()…-').lower()
