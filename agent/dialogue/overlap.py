"""The agent's own figure of how soon it fell silent when the caller spoke over it."""

from __future__ import annotations

from collections import deque

#: Of a turn with more stretches of speech the first ones are forgotten.
_MOST_STRETCHES = 32


class Overlap:
    """Follows one turn of the caller's after the other. All times by time.time()."""

    def __init__(self) -> None:
        self._starts: deque[float] = deque(maxlen=_MOST_STRETCHES)

    def caller_began(self, at: float) -> None:
        """A stretch of the caller's speech began; a turn with pauses in it has several."""
        self._starts.append(at)

    def turn_over(self, *, began_at: float, stopped_at: float) -> float | None:
        """The caller's turn has ended, the next one begins from nothing.

        Args:
            began_at: when our speech last began.
            stopped_at: when our speech was last made to stop.
        Returns: milliseconds from where the caller met our speech to our silence; None when they did not meet.
        """
        met = [start for start in self._starts if start <= stopped_at]
        self._starts.clear()
        return round((stopped_at - max(met[-1], began_at)) * 1000, 1) if met else None
