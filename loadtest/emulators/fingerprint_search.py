"""Which recording a stream of vectors is, and where in it: searched for among all, then followed in few.

Searching costs a product with every registered vector; following costs one with those of the recordings that are still
possible, however many are registered. Recordings may begin with the same words in the same voice, or samples: all that
are alike so far are followed, and the likeliest may change while more is heard.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loadtest.emulators.fingerprint import REFERENCE_STEP_S, STEP_S, WINDOW_S, Vector, Vectors
from loadtest.emulators.ground_truth import GroundTruth, Utterance

Numbers = NDArray[np.float32]
Rows = NDArray[np.int64]

ROWS_A_STEP = round(STEP_S / REFERENCE_STEP_S)
#: What a search keeps of the vectors before, with each that comes.
_MEMORY = 0.92
#: The least weight of vectors that is recognised; few of them must be liker.
_FEWEST = 3.0
_DOUBT = 0.5
_LATELY = 0.8
#: Places less like than the likeliest by more than this are given up.
_RIVALRY = 0.15
_MOST_RIVALS = 64
#: A recording that is over explains all that was heard; one that goes on explains no more.
_OVER_BONUS = 0.02
#: Another place nearby must be this much liker before the stream is taken to have slipped.
_SLIP = 0.05
#: Weight of the vectors that were alike before a stream may slip: what is none would slip to wherever it is likest.
_SETTLED = 8.0
_HISTORY = 250
#: Vectors over which a look back averages.
_LOOK = 5
#: Rows by which a stream may slip at once: three packets.
_REACH = 3
_NEIGHBOURS = np.arange(-_REACH, _REACH + 1)


@dataclass(frozen=True, slots=True)
class Bar:
    """How alike is alike.

    Attributes:
        like: weighted mean cosine that is recognised; `unlike`: of the latest vectors, that is no longer.
    """

    like: float
    unlike: float


NOISY, CLEAN = Bar(0.67, 0.46), Bar(0.78, 0.52)


def bar_at(clarity: float) -> Bar:
    """The bar on a line this clear, 0 to 1: noise makes the same recording less alike."""
    return Bar(NOISY.like + clarity * (CLEAN.like - NOISY.like), NOISY.unlike + clarity * (CLEAN.unlike - NOISY.unlike))


@dataclass(frozen=True, slots=True)
class Match:
    """The likeliest recording, in the stream's time.

    Attributes:
        begins_s: where its first sample lies.
        from_s, until_s: how much of the stream is known to be it.
        is_over: the stream is past its last sample.
    """

    utterance: Utterance
    begins_s: float
    from_s: float
    until_s: float
    is_over: bool


class Search:
    """One stream's."""

    def __init__(self, truth: GroundTruth) -> None:
        self._truth = truth
        self._seeker = _Seeker(truth)
        self._followed: _Followed | None = None
        self._history: deque[tuple[Vector, float]] = deque(maxlen=_HISTORY)
        self._step = 0

    @property
    def match(self) -> Match | None:
        """None while nothing is recognised."""
        return self._followed.best(self._step) if self._followed is not None else None

    def push(self, vector: Vector, weight: float, bar: Bar) -> None:
        """The stream's next vector; `weight` is how much it says, 0 in a pause."""
        self._step += 1
        self._history.append((vector, weight))
        if self._followed is not None:
            if self._followed.advance(self._step, vector, weight, bar):
                return
            self._followed = None
            self._seeker.clear()
        places = self._seeker.push(vector, weight, bar)
        if len(places):
            self._followed = _Followed(self._truth, places, list(self._history), self._step, bar)

    def forget(self) -> None:
        """What was heard until now says nothing of what comes."""
        self._followed = None
        self._seeker.clear()
        self._history.clear()


class _Seeker:
    """Adds up, for every place of every recording, how alike the stream was while it led there."""

    def __init__(self, truth: GroundTruth) -> None:
        self._truth = truth
        self._scores: Numbers = np.zeros(0, dtype=np.float32)
        self._weight = 0.0

    def clear(self) -> None:
        self._weight = 0.0

    def push(self, vector: Vector, weight: float, bar: Bar) -> Rows:
        """The rows where the stream may be now; none while it is too early to say."""
        vectors = self._truth.vectors
        none = np.zeros(0, dtype=np.int64)
        if not len(vectors) or not (weight or self._weight):
            return none
        if not self._weight or len(self._scores) != len(vectors):
            self._scores, self._weight = np.zeros(len(vectors), dtype=np.float32), 0.0
        self._move_on()
        if not weight:
            return none
        self._scores += vectors @ (vector * np.float32(weight))
        self._weight += weight
        return self._peaks(bar) if self._weight >= _FEWEST else none

    def _move_on(self) -> None:
        moved = np.empty_like(self._scores)
        np.multiply(self._scores[:-ROWS_A_STEP], np.float32(_MEMORY), out=moved[ROWS_A_STEP:])
        for row in range(ROWS_A_STEP):
            moved[self._truth.starts[:-1] + row] = 0.0
        self._scores = moved
        self._weight *= _MEMORY

    def _peaks(self, bar: Bar) -> Rows:
        scores = self._scores
        best = float(scores.max())
        if best < (bar.like + _DOUBT / self._weight**2) * self._weight:
            return np.zeros(0, dtype=np.int64)
        places = np.flatnonzero(scores >= best - _RIVALRY * self._weight)
        inner = places[(places > 0) & (places < len(scores) - 1)]
        peaks = inner[(scores[inner] >= scores[inner - 1]) & (scores[inner] >= scores[inner + 1])]
        found = peaks if len(peaks) else places
        liker: Rows = found[np.argsort(scores[found])[::-1][:_MOST_RIVALS]]
        return liker


class _Followed:
    """The places where a stream may be; `rows` are of all recordings' vectors."""

    def __init__(
        self, truth: GroundTruth, places: Rows, history: list[tuple[Vector, float]], step: int, bar: Bar
    ) -> None:
        owners = np.searchsorted(truth.starts, places, side="right") - 1
        self._vectors = truth.vectors
        self._utterances = [truth.utterances[owner] for owner in owners.tolist()]
        self._rows = places.astype(np.int64)
        self._first: Rows = truth.starts[owners]
        self._end: Rows = truth.starts[owners + 1]
        self._until = np.full(len(places), step, dtype=np.int64)
        past = [
            _look_back(self._vectors[first : row + 1], history, bar.unlike)
            for first, row in zip(self._first, places, strict=True)
        ]
        self._from = np.array([step - length + 1 for length, _, _ in past], dtype=np.int64)
        self._likeness = np.array([likeness for _, likeness, _ in past], dtype=np.float32)
        self._weight = np.array([weight for _, _, weight in past], dtype=np.float32)
        self._near = np.repeat(self._likeness[:, None], len(_NEIGHBOURS), axis=1)

    def best(self, step: int) -> Match:
        index = int(np.argmax(self._likeness + _OVER_BONUS * (self._rows >= self._end)))
        position_s = int(self._rows[index] - self._first[index]) * REFERENCE_STEP_S
        return Match(
            self._utterances[index],
            round((step - 1) * STEP_S - position_s, 3),
            int(self._from[index] - 1) * STEP_S,
            int(self._until[index] - 1) * STEP_S + WINDOW_S,
            bool(self._rows[index] >= self._end[index]),
        )

    def advance(self, step: int, vector: Vector, weight: float, bar: Bar) -> bool:
        """One vector on; False when the stream is none of these any more."""
        self._rows += ROWS_A_STEP
        if not weight:
            return True
        near = np.clip(self._rows[:, None] + _NEIGHBOURS, self._first[:, None], self._end[:, None] - 1)
        cosines = self._vectors[near] @ vector
        cosines[self._rows >= self._end] = 0.0
        self._near += np.float32((1.0 - _LATELY) * weight) * (cosines - self._near)
        self._until[cosines[:, _REACH] >= bar.unlike] = step
        self._weight += np.float32(weight)
        self._likeness += (cosines[:, _REACH] - self._likeness) * (np.float32(weight) / self._weight)
        self._slip()
        return self._prune(bar)

    def _slip(self) -> None:
        """Packets may be lost or doubled: the stream goes on a little earlier or later in the recording."""
        side = np.argmax(self._near, axis=1)
        everyone = np.arange(len(side))
        slipped = (self._near[everyone, side] > self._near[:, _REACH] + _SLIP) & (self._weight >= _SETTLED)
        if slipped.any():
            self._rows[slipped] += side[slipped] - _REACH
            self._near[slipped] = self._near[slipped].max(axis=1, keepdims=True)

    def _prune(self, bar: Bar) -> bool:
        alike = self._near[:, _REACH] >= bar.unlike
        if not alike.any():
            return False
        kept = alike & (self._likeness >= self._likeness[alike].max() - np.float32(_RIVALRY))
        if not kept.all():
            self._utterances = [each for each, is_kept in zip(self._utterances, kept.tolist(), strict=True) if is_kept]
            for name in ("_rows", "_first", "_end", "_until", "_from", "_likeness", "_weight", "_near"):
                setattr(self, name, getattr(self, name)[kept])
        return True


def _look_back(recording: Vectors, history: list[tuple[Vector, float]], unlike: float) -> tuple[int, float, float]:
    """How many of the latest vectors are the end of this part of a recording, how alike, and their weight."""
    latest = recording[::-1][::ROWS_A_STEP]
    count = min(len(latest), len(history))
    vectors = np.array([vector for vector, _ in history[-count:]])[::-1]
    weights = np.array([weight for _, weight in history[-count:]], dtype=np.float32)[::-1]
    products = weights * np.einsum("ij,ij->i", latest[:count], vectors)
    spread = np.ones(_LOOK, dtype=np.float32)
    nearby = np.convolve(weights, spread)[_LOOK - 1 :]
    like = np.convolve(products, spread)[_LOOK - 1 :] >= unlike * nearby
    length = count if like.all() else max(1, int(np.argmin(like)))
    length = int(np.flatnonzero(weights[:length]).max(initial=0)) + 1
    weight = float(weights[:length].sum()) + 1e-6
    return length, float(products[:length].sum()) / weight, weight
