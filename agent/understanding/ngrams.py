"""Words and their pieces as numbers: what an averaged meaning loses ("new", "more", "cancel") is in here."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
#: Words, apostrophes dropped as recognisers drop them; every digit counts as the same one.
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_DIGIT = re.compile(r"\d")
#: Lengths of pieces of words: shorter ones are in every word, longer ones are words.
_PIECES = (3, 4, 5)
#: A feature of one sentence alone tells nothing about another.
_LEAST_SENTENCES = 2
#: Words of one utterance that are looked at; bounds the cost.
_MOST_WORDS = 60


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The features of a set of sentences and how much each tells.

    Attributes:
        index: feature to column.
        weight: by column, the inverse of how many sentences have it.
    """

    index: dict[str, int]
    weight: FloatArray

    @classmethod
    def of(cls, texts: Sequence[str]) -> Vocabulary:
        """What these sentences have in common."""
        counts = Counter(feature for text in texts for feature in set(_features(text)))
        kept = sorted(feature for feature, count in counts.items() if count >= _LEAST_SENTENCES)
        weight = [math.log((1 + len(texts)) / (1 + counts[feature])) + 1 for feature in kept]
        return cls({feature: column for column, feature in enumerate(kept)}, np.array(weight, np.float32))

    def columns(self, text: str) -> tuple[npt.NDArray[np.intp], FloatArray]:
        """The features a text has: columns, and values that make a vector of length 1 (or none at all)."""
        counts = Counter(self.index[feature] for feature in _features(text) if feature in self.index)
        columns = np.fromiter(counts.keys(), np.intp, len(counts))
        values = (1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))) * self.weight[columns]
        length = float(np.linalg.norm(values))
        return columns, np.asarray(values / length if length else values, dtype=np.float32)

    def matrix(self, texts: Sequence[str]) -> FloatArray:
        """One row a text, one column a feature."""
        rows = np.zeros((len(texts), len(self.index)), np.float32)
        for row, text in enumerate(texts):
            columns, values = self.columns(text)
            rows[row, columns] = values
        return rows


def _features(text: str) -> list[str]:
    words = [_DIGIT.sub("0", word.replace("'", "")) for word in _WORD.findall(text.lower().replace("’", "'"))]
    words = words[:_MOST_WORDS]
    bounded = ["^", *words, "$"]
    found = words + [f"{one} {other}" for one, other in pairwise(bounded)]
    for word in words:
        edged = f"<{word}>"
        found += [f"#{edged[at : at + size]}" for size in _PIECES for at in range(len(edged) - size + 1)]
    return found
