"""Where a reply's delay went: of stages that overlap, how long each kept it waiting.

A mark says when something was there. A stage that was done before the one it follows kept nobody waiting: a reply
whose audio is ready when the turn is committed has waited for the commit, not for the voice. So the stages' waits
are not how long they took, and they sum to the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

#: Stage and the mark that ends it, in the order in which they need one another.
_ENDS = (
    ("words", "words_ms"),
    ("understanding", "understood_ms"),
    ("commit", "committed_ms"),
    ("text", "text_ms"),
    ("voice", "audio_ms"),
    ("capture", "captured_ms"),
    ("lead_in", "sounded_ms"),
)
STAGES = tuple(stage for stage, _ in _ENDS)
WHOLE = "sounded_ms"


def waits(marks: Mapping[str, float]) -> dict[str, float]:
    """What each stage kept the first sound waiting, in milliseconds; together they are `sounded_ms`.

    Args:
        marks: milliseconds from the caller's last sound. A missing one's wait falls to the next that is there; what
            came after the first sound kept nobody waiting for it.
    Returns: every stage, zeros included; empty when nothing sounded, or sounded before the caller had ended.
    """
    if marks.get(WHOLE, -1.0) < 0.0:
        return {}
    whole = marks[WHOLE]
    reached = [0.0]
    for _, name in _ENDS:
        reached.append(max(reached[-1], min(marks.get(name, reached[-1]), whole)))
    return {stage: after - before for stage, (before, after) in zip(STAGES, pairwise(reached), strict=True)}
