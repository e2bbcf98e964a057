"""What tests of providers share: who keeps their reports, and calls that expect whatever comes."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.domain.errors import Blame
from agent.domain.providers import Attempt, Used


@dataclass
class Reported:
    """What was reported, in order."""

    attempts: list[Attempt] = field(default_factory=list)
    uses: list[Used] = field(default_factory=list)

    def attempted(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)

    def used(self, used: Used) -> None:
        self.uses.append(used)

    def outcomes(self) -> list[tuple[str, Blame]]:
        return [(each.provider.name, each.blame) for each in self.attempts]

    def failures(self) -> list[tuple[str, str]]:
        return [(each.provider.name, each.reason) for each in self.attempts if each.blame is not Blame.SUCCESS]

    def amounts(self) -> list[tuple[str, str, float]]:
        return [(used.provider.vendor, used.unit.value, used.amount) for used in self.uses]


class Anything:
    """Whatever was said is all of it, unless it ends in "and"."""

    cue = ""

    def is_over(self, text: str) -> bool:
        return True

    def is_unfinished(self, text: str) -> bool:
        return text.endswith("and")

    def is_misheard(self, text: str) -> bool:
        return False


class NeverOver(Anything):
    """Nothing that is said finishes the turn."""

    def is_over(self, text: str) -> bool:
        return False
