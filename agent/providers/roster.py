"""Which recogniser of a chain is asked next: the order, who has failed in this call, and who is left alone by all."""

from __future__ import annotations

from agent.domain.errors import Blame
from agent.domain.providers import LOCAL, Breakers, Provider, in_order
from agent.providers.stt_member import Failure, Member

#: One that has failed is not gone back to sooner.
RETURN_AFTER_S = 30.0


class Roster:
    """One call's; times are seconds of any one clock.

    Args:
        members: at least one, in the order of configuration.

    Attributes:
        use_hosted: False leaves those that cost nothing, as long as there is one.
    """

    def __init__(self, members: tuple[Member, ...], breakers: Breakers) -> None:
        self._members = {member.provider: member for member in members}
        self._breakers = breakers
        self._failed_s: dict[Provider, float] = {}
        self._refused: set[Provider] = set()
        self.use_hosted = True

    def failed(self, member: Member, failure: Failure, at_s: float) -> None:
        """It failed now; one whose request we got wrong is not asked again in this call."""
        self._failed_s[member.provider] = at_s
        if failure.blame is Blame.CLIENT:
            self._refused.add(member.provider)

    def next(self, at_s: float, *, but: Member | None = None) -> Member | None:
        """Whom to ask; None when all have failed of late."""
        able = (member for member in self._in_order() if member is not but and self._is_able(member, at_s))
        return next(able, None)

    def again(self) -> Member | None:
        """Whom to ask when all have failed: whose failure is the oldest. None when none will ever do."""
        return min(self._in_order(), key=lambda member: self._failed_s.get(member.provider, 0.0), default=None)

    def better_than(self, member: Member, at_s: float) -> Member | None:
        """Whom to go back to: one before this one that has had time to recover."""
        first = self.next(at_s)
        return None if first is member or first is None or self.is_left_alone(first) else first

    def is_left_alone(self, member: Member) -> bool:
        """The fleet does not use it for now."""
        return self._breakers.is_open(member.provider)

    def _in_order(self) -> list[Member]:
        order = in_order(tuple(self._members), self._breakers)
        able = [self._members[provider] for provider in order if provider not in self._refused]
        free = [member for member in able if member.provider.vendor == LOCAL]
        return able if self.use_hosted else free or able

    def _is_able(self, member: Member, at_s: float) -> bool:
        failed_s = self._failed_s.get(member.provider)
        return failed_s is None or at_s - failed_s >= RETURN_AFTER_S
