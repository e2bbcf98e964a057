"""Shares with the interval they are sure to, and percentiles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: Of the normal distribution, two-sided at 95 %.
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    hits: int
    n: int

    @property
    def share(self) -> float | None:
        """0 to 1; None without a sample."""
        return self.hits / self.n if self.n else None

    @property
    def interval_95(self) -> tuple[float, float]:
        """Within which the share lies at 95 %; (0, 1) without a sample. Source: Wilson 1927."""
        if self.n == 0:
            return 0.0, 1.0
        share, z2 = self.hits / self.n, _Z * _Z
        middle = (share + z2 / (2 * self.n)) / (1 + z2 / self.n)
        half = _Z / (1 + z2 / self.n) * math.sqrt(share * (1 - share) / self.n + z2 / (4 * self.n * self.n))
        return max(0.0, middle - half), min(1.0, middle + half)


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile of at least one value; percent in (0, 100]."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]
