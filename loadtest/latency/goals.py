"""What the benchmark promises, and whether it was kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: The profile whose delay is promised; of the others it is printed.
FAST = "flux+gpt-oss-groq+flash-v2.5"
LEAST_TURNS, LEAST_BARGE_INS = 200, 50
_EAR_MS, _PLAIN_MS, _STOP_MS, _RESIDUAL_MS = 600.0, 400.0, 300.0, 20.0
_LOST_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Goal:
    """One promise.

    Attributes:
        value: None when there was nothing to measure it on.
        is_met: within `limit`; a value that is missing is not.
    """

    name: str
    value: float | None
    limit: float
    n: int
    is_strict: bool = False

    @property
    def is_met(self) -> bool:
        """A limit may be reached, unless it is strict."""
        if self.value is None:
            return False
        return self.value < self.limit if self.is_strict else self.value <= self.limit


def goals(conditions: Sequence[Mapping[str, Any]]) -> list[Goal]:
    """Every promise of a run, of conditions as `budget.summary` has them."""
    found = [goal for condition in conditions for goal in _of(condition)]
    lost, met = (sum(c["noises_all"][key] for c in conditions) for key in ("lost", "n"))
    return [*found, Goal("false barge-in, all conditions", lost / met if met else None, _LOST_SHARE, met)]


def _of(condition: Mapping[str, Any]) -> list[Goal]:
    where = f"{condition['profile']} at {condition['at_once']}"
    stop, residual = condition["barge_ins"]["stop"], condition["residual"]
    found = [
        Goal(f"{where}: barge-in stop, median", stop and stop["p50"], _STOP_MS, condition["barge_ins"]["n"]),
        Goal(
            f"{where}: ear less sum and transport, median",
            abs(residual["median"]) if residual else None, _RESIDUAL_MS, residual["n"] if residual else 0,
        ),
    ]  # fmt: skip
    if condition["profile"] != FAST:
        return found
    everything, plain = condition["ear"]["all"], condition["ear"]["plainly complete"]
    return [
        Goal(f"{where}: ear, mean", everything and everything["mean"], _EAR_MS, condition["turns"], is_strict=True),
        Goal(f"{where}: ear, mean of plainly complete", plain and plain["mean"], _PLAIN_MS, plain["n"] if plain else 0),
        *found,
    ]


def too_few(conditions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Why a run says nothing although nothing went wrong, in sentences; empty when it says something."""
    sentences = []
    for condition in conditions:
        where = f"{condition['profile']} at {condition['at_once']}"
        void = f", {len(condition['void'])} calls void" if condition["void"] else ""
        if condition["turns"] < LEAST_TURNS:
            sentences.append(f"{where}: {condition['turns']} turns of at least {LEAST_TURNS}{void}")
        if condition["barge_ins"]["n"] < LEAST_BARGE_INS:
            sentences.append(f"{where}: {condition['barge_ins']['n']} barge-ins of at least {LEAST_BARGE_INS}{void}")
    return sentences
