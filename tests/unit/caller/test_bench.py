"""When the bench passes, fails and is void."""

from __future__ import annotations

import pytest

from loadtest.caller.bench import Outcome


def _outcome(errors_ms: list[float], *, missing: int = 0, void: list[str] | None = None) -> Outcome:
    return Outcome(errors_ms, missing, void or [], {})


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (_outcome([-1.0, 1.0, 0.5] * 100), 0),
        (_outcome([2.1] * 300), 1),
        (_outcome([-2.1] * 300), 1),
        (_outcome([13.0, -13.0] * 3 + [0.0] * 294), 1),
        (_outcome([0.0] * 299, missing=1), 1),
        (_outcome([]), 1),
        (_outcome([50.0] * 300, void=["the host stole the CPU"]), 3),
    ],
)
def test_bias_spread_and_missing_turns_fail_and_noise_makes_void(outcome: Outcome, code: int) -> None:
    assert outcome.exit_code == code
