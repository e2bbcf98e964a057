"""How many calls a run makes, when some cannot be judged."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from loadtest.soak.draw import Wish
from loadtest.soak.opening_hours import ZONE
from loadtest.soak.run import Callers, Outcome


class Scripted(Callers):
    """Calls that end as they are told to: right, wrong, or wrong on a busy machine."""

    def __init__(self, endings: list[str]) -> None:
        super().__init__("sip:nobody", "postgresql://nowhere", Path("nowhere"))
        self._endings = endings

    async def dial(self, wish: Wish) -> Outcome:
        ending = self._endings.pop(0)
        report: dict[str, Any] = {"void": ["ticks were late"] if "busy" in ending else []}
        return Outcome(wish, report, ("0 confirmed bookings instead of 1",) if "wrong" in ending else ())


def _wishes(count: int) -> list[Wish]:
    at = datetime(2026, 12, 3, 15, 30, tzinfo=ZONE)
    return [Wish(n, "cleaning", at, "James Wilson", "5550123456", "+15550100001", "hibari") for n in range(count)]


@pytest.mark.parametrize(
    ("endings", "made", "unjudged"),
    [
        (["right", "wrong", "right", "right"], 3, 0),
        (["right", "wrong busy", "right", "right", "right"], 4, 1),
        (["right", "busy", "right", "right"], 3, 0),
        (["wrong busy", "wrong busy", "right", "right", "right"], 4, 2),
    ],
    ids=["wrong counts", "wrong and void is made up for", "right on a busy machine counts", "no more than are spare"],
)
async def test_a_call_that_cannot_be_judged_is_made_up_for(endings: list[str], made: int, unjudged: int) -> None:
    told: list[Outcome] = []
    outcomes = await Scripted(endings).one_after_another(_wishes(4), 3, told.append)
    assert outcomes == told
    assert len(outcomes) == made
    assert sum(outcome.is_unjudged for outcome in outcomes) == unjudged
