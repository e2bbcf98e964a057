"""A recogniser's API as it is ordered about: its streams' faults, latencies and counts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from loadtest.emulators.deepgram_listen import Kind
from loadtest.emulators.deepgram_stream import Counts
from loadtest.emulators.planned_faults import PlannedFaults
from loadtest.emulators.profiles import Profile


@dataclass(slots=True)
class RecogniserControl:
    """One API's."""

    kind: Kind

    @property
    def planned(self) -> PlannedFaults:
        """Faults of the next streams."""
        return self.kind.faults

    @property
    def profile(self) -> Profile:
        """Of the streams that open from now on."""
        return self.kind.profile

    @profile.setter
    def profile(self, profile: Profile) -> None:
        self.kind.profile = profile

    def counts(self) -> dict[str, Any]:
        """What happened since the start or the last reset; `unknown` is speech that is no registered recording."""
        return {**asdict(self.kind.counts), "refused": len(self.kind.refused), "planned": len(self.planned)}

    def reset(self) -> None:
        """Plan nothing, and count from nought."""
        self.planned.clear()
        self.kind.refused.clear()
        self.kind.counts = Counts()
