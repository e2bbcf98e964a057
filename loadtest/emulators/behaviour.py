"""How one kind of request is treated: how long it takes, what goes wrong with it, and what was counted of it."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol

from loadtest.emulators.planned_faults import PlannedFaults
from loadtest.emulators.profiles import Fault, Profile

#: Statuses of refused requests that are remembered, the oldest forgotten first.
_MOST_REFUSED = 1000

_OF_HANDSHAKES = frozenset({Fault.LIMITED, Fault.FAILING, Fault.HANGING})


class Running(Protocol):
    """Something under way that can fail in the middle."""

    def suffer(self, fault: Fault) -> None: ...


@dataclass(slots=True)
class Behaviour:
    """One kind's.

    Args:
        seed: of the latencies.

    Attributes:
        planned: faults of the next requests, ahead of the profile's.
        refused: statuses of the requests that were, in order.
        running: streams that are open.
        usage: what a bill would be made of, and `requests`; units are in the names (`characters`, `audio_ms`).
    """

    profile: Profile = field(default_factory=Profile)
    seed: int = 0
    planned: PlannedFaults = field(default_factory=PlannedFaults)
    refused: list[int] = field(default_factory=list)
    running: set[Running] = field(default_factory=set)
    usage: Counter[str] = field(default_factory=Counter)
    _faults: Counter[str] = field(default_factory=Counter)
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    def take(self) -> Fault:
        """The fault of the request that begins now."""
        fault = self.planned.take(self.profile.fault)
        self.usage["requests"] += 1
        if fault is not Fault.NONE:
            self._faults[fault.value] += 1
        return fault

    def take_at_handshake(self) -> Fault:
        """The fault of a handshake; one that only speech can have is left to what is said on the socket."""
        fault = self.planned.peek(self.profile.fault)
        return self.take() if fault in _OF_HANDSHAKES else Fault.NONE

    def strike(self, fault: Fault) -> int:
        """Have every running stream suffer this from now on; returns how many there are."""
        for each in self.running:
            each.suffer(fault)
        self._faults[fault.value] += len(self.running)
        return len(self.running)

    def latency_s(self) -> float:
        """Until the first of an answer, drawn."""
        return self.profile.latency_s(self._dice)

    def refuse(self, status: int) -> None:
        """Remember that a request was refused."""
        self.usage["refused"] += 1
        self.refused.append(status)
        del self.refused[:-_MOST_REFUSED]

    def counts(self) -> dict[str, Any]:
        """What happened since the start or the last reset; `planned` is how many faults still wait."""
        return {**self.usage, "faults": dict(self._faults), "planned": len(self.planned)}

    def reset(self) -> None:
        """Plan nothing, count from nought, and draw the same latencies again."""
        self.planned.clear()
        self.refused.clear()
        self.usage.clear()
        self._faults.clear()
        self._dice = random.Random(self.seed)
