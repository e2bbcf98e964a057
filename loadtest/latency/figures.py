"""Means, percentiles, and how sure they are when the turns of one call are alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = Sequence[float] | NDArray[np.float64]
_DRAWS = 1000
_OUTER = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Spread:
    """What a figure was over n turns, in the unit of the figure."""

    n: int
    mean: float
    p50: float
    p95: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread | None:
        """None of nothing."""
        if not values:
            return None
        p50, p95 = np.percentile(values, (50, 95))
        return cls(len(values), float(np.mean(values)), float(p50), float(p95))


def by_call(values: Mapping[int, Sequence[float]], figure: Callable[[Values], float], seed: int) -> tuple[float, float]:
    """The 95 % interval of a figure, by drawing whole calls anew: turns within one are not independent.

    Args:
        values: of each call. With fewer than two calls nothing can be said: the interval is the figure itself.
    """
    calls = [np.asarray(each, dtype=np.float64) for each in values.values() if each]
    if len(calls) < 2:
        alone = figure(calls[0]) if calls else 0.0
        return alone, alone
    rng = np.random.default_rng(seed)
    chosen = rng.integers(len(calls), size=(_DRAWS, len(calls)))
    drawn = [figure(np.concatenate([calls[index] for index in row])) for row in chosen.tolist()]
    low, high = np.percentile(drawn, _OUTER)
    return float(low), float(high)


def mean(values: Values) -> float:
    """The arithmetic mean; the values must not be none."""
    return float(np.mean(values))


def p95(values: Values) -> float:
    """The 95th percentile; the values must not be none."""
    return float(np.percentile(values, 95))
