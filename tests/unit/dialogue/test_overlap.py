"""How soon the agent fell silent, by its own clock."""

from __future__ import annotations

import pytest

from agent.dialogue.overlap import Overlap


@pytest.mark.parametrize(
    ("starts", "began_at", "stopped_at", "expected"),
    [
        ([10.0], 8.0, 10.3, 300.0),
        ([10.0], 10.1, 10.3, 200.0),
        ([10.0, 10.6], 8.0, 10.3, 300.0),
        ([9.0, 10.0, 10.6], 9.5, 10.3, 300.0),
        ([11.0], 8.0, 10.3, None),
        ([10.0], 0.0, 0.0, None),
        ([], 8.0, 10.3, None),
    ],
    ids=[
        "the caller speaks over us",
        "we begin while the caller still speaks",
        "a pause after we fell silent",
        "a stretch before our speech, then one that stops it",
        "the caller begins after our silence",
        "nothing was ever stopped",
        "nobody spoke",
    ],
)
def test_the_figure_counts_from_where_the_voices_met(
    starts: list[float], began_at: float, stopped_at: float, expected: float | None
) -> None:
    overlap = Overlap()
    for start in starts:
        overlap.caller_began(start)
    assert overlap.turn_over(began_at=began_at, stopped_at=stopped_at) == expected


def test_a_stretch_counts_for_its_own_turn_only() -> None:
    overlap = Overlap()
    overlap.caller_began(10.0)
    overlap.turn_over(began_at=8.0, stopped_at=10.3)
    assert overlap.turn_over(began_at=8.0, stopped_at=10.3) is None
