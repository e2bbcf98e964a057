"""What a caller heard after a line of theirs: how soon, and with which pauses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from loadtest.caller.onset import Spurt


def first_sound_ms(report: Mapping[str, Any], line: int) -> float | None:
    """From a line's last sample to the agent's first sound, at the ear; 0 where it cut in, None for nothing."""
    turns = report["turns"]
    if line >= len(turns) or turns[line]["response_ear_ms"] is None:
        return None
    return max(0.0, float(turns[line]["response_ear_ms"]))


def longest_pause_ms(spurts: Sequence[Spurt], from_ns: int, to_ns: int) -> float:
    """The longest pause within what the agent said between two lines of the caller's; 0 for none."""
    said = [spurt for spurt in spurts if from_ns <= spurt.onset_ns < to_ns]
    return max((1e-6 * (after.onset_ns - before.offset_ns) for before, after in pairwise(said)), default=0.0)
