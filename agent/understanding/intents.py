"""Which of an inventory's intents a sentence has, any number of them, each with a stated confidence.

Each intent is a kernel ridge regression on two likenesses of sentences: of their meanings as vectors, and of their
words and pieces of words. Ridge regression because its solution is exact and quick (a fraction of a second for a
thousand sentences), the same every time, and tells for nothing what it would have said of each example without having
seen it. Those left-out scores are what confidences are calibrated on and the threshold is chosen by, so an inventory
needs no second set of sentences.

Source: leave-one-out residuals of ridge regression, Hastie, Tibshirani and Friedman, "The Elements of Statistical
Learning", section 7.10; probabilities by Platt (1999), with one slope for all intents and an offset for each, which
a prior holds near the common one where examples are few.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from agent.understanding.inventory import Inventory
from agent.understanding.ngrams import Vocabulary

FloatArray = npt.NDArray[np.float32]
DoubleArray = npt.NDArray[np.float64]

#: How much of the likeness of two sentences is meaning; the rest is words. Chosen on NLU++ folds 0 to 7.
MEANING_SHARE = 0.6
#: How fast likeness fades as meanings differ; the ridge. Chosen there too.
SHARPNESS = 2.0
RIDGE = 0.1
#: Strength of the prior on an intent's own offset, in the units of a Gaussian's precision.
_OFFSET_PRIOR = 1.0
_NEWTON_STEPS = 25
#: What a rule that matches is worth.
RULE_CONFIDENCE = 0.95
_THRESHOLDS = np.linspace(0.2, 0.7, 51)


@dataclass(frozen=True, slots=True)
class IntentModel:
    """A fitted inventory; `fit` makes one.

    Attributes:
        threshold: the confidence from which on an intent is said to be there, best by F1 on the left-out scores.
        vectors: the examples' embeddings, (examples, dimensions).
        duals: what being like each example's meaning says for each intent, (examples, intents).
        words: what each word says for each intent, (columns of the vocabulary, intents).
        slope, offsets: of the calibration.
    """

    inventory: Inventory
    threshold: float
    vocabulary: Vocabulary
    vectors: FloatArray
    duals: FloatArray
    words: FloatArray
    bias: FloatArray
    slope: float
    offsets: FloatArray

    @classmethod
    def fit(cls, inventory: Inventory, vectors: FloatArray) -> IntentModel:
        """Learn an inventory.

        Args:
            vectors: the examples' embeddings, in their order, each of length 1.
        """
        vocabulary = Vocabulary.of(inventory.texts)
        words = vocabulary.matrix(inventory.texts)
        likeness = MEANING_SHARE * _alike(vectors, vectors) + (1 - MEANING_SHARE) * (words @ words.T)
        wanted = np.array(
            [[name in example.intents for name in inventory.names] for example in inventory.examples], np.float64
        )
        bias = wanted.mean(axis=0)
        duals, left_out = _ridge(likeness.astype(np.float64), wanted - bias)
        left_out += bias
        slope, offsets = _calibrate(left_out, wanted)
        threshold = _best_threshold(_probabilities(left_out, slope, offsets), wanted)
        return cls(
            inventory,
            threshold,
            vocabulary,
            vectors,
            (MEANING_SHARE * duals).astype(np.float32),
            ((1 - MEANING_SHARE) * (words.T @ duals)).astype(np.float32),
            bias.astype(np.float32),
            slope,
            offsets.astype(np.float32),
        )

    def confidences(self, text: str, vector: FloatArray) -> dict[str, float]:
        """Each intent's probability of being meant, 0 to 1.

        Args:
            vector: the text's embedding, of length 1.
        """
        columns, values = self.vocabulary.columns(text)
        scores = _alike(vector, self.vectors) @ self.duals + values @ self.words[columns] + self.bias
        found = _probabilities(scores.astype(np.float64), self.slope, self.offsets.astype(np.float64))
        known = dict(zip(self.inventory.names, (float(value) for value in found), strict=True))
        return known | {
            name: max(known[name], RULE_CONFIDENCE)
            for name, pattern in self.inventory.rules.items()
            if pattern.search(text)
        }

    def intents(self, confidences: Mapping[str, float]) -> frozenset[str]:
        """Those that are there."""
        return frozenset(name for name, confidence in confidences.items() if confidence >= self.threshold)


def _alike(ones: FloatArray, others: FloatArray) -> FloatArray:
    """How alike meanings are, 0 to 1: a Gaussian of their distance, so that the nearest examples count most."""
    return np.asarray(np.exp(SHARPNESS * (ones @ others.T - 1)), dtype=np.float32)


def _ridge(likeness: DoubleArray, wanted: DoubleArray) -> tuple[DoubleArray, DoubleArray]:
    """Dual weights, and each example's scores by the model that has not seen it."""
    inverse = np.linalg.inv(likeness + RIDGE * np.eye(len(likeness)))
    duals = inverse @ wanted
    return duals, wanted - duals / np.diag(inverse)[:, None]


def _probabilities(scores: DoubleArray, slope: float, offsets: DoubleArray) -> DoubleArray:
    return np.asarray(1 / (1 + np.exp(-np.clip(slope * scores + offsets, -30, 30))))


def _calibrate(scores: DoubleArray, wanted: DoubleArray) -> tuple[float, DoubleArray]:
    """Slope and offsets of the logistic curve through all left-out scores, by Newton's method."""
    count = scores.shape[1]
    common, slope = -4.0, 8.0
    own = np.zeros(count)
    for _ in range(_NEWTON_STEPS):
        found = _probabilities(scores, slope, common + own)
        error, spread = found - wanted, found * (1 - found) + 1e-9
        gradient = np.concatenate([[np.sum(error * scores), np.sum(error)], error.sum(axis=0) + _OFFSET_PRIOR * own])
        curvature = np.zeros((count + 2, count + 2))
        tilt = (spread * scores).sum(axis=0)
        curvature[0, 0], curvature[0, 1] = np.sum(spread * scores * scores), tilt.sum()
        curvature[1, 1], curvature[0, 2:], curvature[1, 2:] = spread.sum(), tilt, spread.sum(axis=0)
        curvature += np.triu(curvature, 1).T
        own_place = np.arange(2, count + 2)
        curvature[own_place, own_place] = spread.sum(axis=0) + _OFFSET_PRIOR
        step = np.linalg.solve(curvature + 1e-6 * np.eye(count + 2), gradient)
        step = np.clip(step, -4, 4)
        slope, common, own = slope - step[0], common - step[1], own - step[2:]
    return float(slope), common + own


def _best_threshold(found: DoubleArray, wanted: DoubleArray) -> float:
    """The threshold of the highest micro-F1."""

    def f1(threshold: float) -> float:
        said = found >= threshold
        hits = float((said * wanted).sum())
        return 2 * hits / max(1.0, float(said.sum() + wanted.sum()))

    return float(max(_THRESHOLDS, key=f1))
