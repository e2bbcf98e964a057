"""The caller's barge-in, from their first sound until the agent has stopped, or has been given long enough to."""

from __future__ import annotations

from loadtest.caller.onset import SPURT_GAP_NS, SpeechTracker
from loadtest.caller.record import NO_STOP, BargeIn, Record

_LIMIT_NS = 3_000_000_000


class Interruption:
    """At most one barge-in is open at a time."""

    def __init__(self, tracker: SpeechTracker, record: Record) -> None:
        self._tracker = tracker
        self._record = record
        self._barge: BargeIn | None = None

    @property
    def is_open(self) -> bool:
        """Whether the agent still talks over the caller, as far as is known."""
        return self._barge is not None

    def begin(self, line: str, onset_ns: int) -> None:
        """The caller's first sample left while the agent spoke."""
        self._barge = BargeIn(line, onset_ns)
        self._record.barge_ins.append(self._barge)

    def settle(self, now_ns: int, *, final: bool) -> int | None:
        """Enter the verdict once it is known.

        Args:
            final: the call is over, so it is known now.
        Returns: the end of the agent's last sound, or now if there was no end; None while nothing is settled.
        """
        barge = self._barge
        if barge is None:
            return None
        stop_ns = self._tracker.stop_after(barge.caller_onset_ns, now_ns + (SPURT_GAP_NS if final else 0))
        if stop_ns is None and not final and now_ns - barge.caller_onset_ns < _LIMIT_NS:
            return None
        self._barge = None
        barge.verdict = "stopped" if stop_ns else NO_STOP
        barge.stop_ns = stop_ns or 0
        if not stop_ns:
            self._record.fail(f"the agent went on talking over {barge.line}")
        return stop_ns or now_ns
