"""What one person is occupied for, merged, so that many times can be checked against it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime

#: Half-open, aware UTC: one may begin the moment another ends.
Interval = tuple[datetime, datetime]


class BusyTimes:
    """Busy intervals of one person, in any order, overlaps allowed."""

    def __init__(self, intervals: Sequence[Interval]) -> None:
        merged: list[Interval] = []
        for start, end in sorted(i for i in intervals if i[0] < i[1]):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], end))
            else:
                merged.append((start, end))
        self._intervals = merged
        self._ends = [end for _, end in merged]

    def is_free(self, start: datetime, end: datetime) -> bool:
        """Whether nothing overlaps the half-open interval."""
        index = bisect_left(self._ends, start)
        while index < len(self._intervals) and self._intervals[index][0] < end:
            if self._intervals[index][1] > start:
                return False
            index += 1
        return True
