"""How sure a share is that was counted on a sample, at 95 %."""

from __future__ import annotations

import math

_Z = 1.959964
_CONFIDENCE = 0.95


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The interval of a share, 0 to 1; (0, 1) without a sample. Source: Wilson 1927."""
    if n == 0:
        return 0.0, 1.0
    share, z2 = hits / n, _Z * _Z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def upper_bound(hits: int, n: int) -> float:
    """The one-sided upper bound of a share, 0 to 1; for none in n it is about 3/n. Source: Clopper and Pearson 1934."""
    if hits >= n:
        return 1.0
    low, high = hits / n, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        is_likely = _at_most(hits, n, middle) > 1 - _CONFIDENCE
        low, high = (middle, high) if is_likely else (low, middle)
    return high


def _at_most(hits: int, n: int, share: float) -> float:
    """The probability of `hits` or fewer in n."""
    logs = (
        math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * math.log(share)
        + (n - k) * math.log1p(-share)
        for k in range(hits + 1)
    )  # fmt: skip
    return math.fsum(math.exp(each) for each in logs) if 0 < share < 1 else float(share == 0)
