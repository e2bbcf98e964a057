"""Budgets: how much a call, a tenant's day or month, and the fleet's day may cost before calls are served more cheaply.

A spent budget ends no call. What it switches off is decided where the call is put together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import Enum
from zoneinfo import ZoneInfo

from agent.domain.cost import NANO_PER_CENT


class Budget(Enum):
    """Whose money."""

    CALL = "call"
    DAY = "day"
    MONTH = "month"
    FLEET = "fleet"


@dataclass(frozen=True, slots=True)
class Budgets:
    """Limits in cents; None is not said, 0 is none.

    Attributes:
        day_cents, month_cents: of all the tenant's calls, by its calendar.
        fleet_day_cents: of all calls of the fleet, by UTC.
    """

    call_cents: int | None = None
    day_cents: int | None = None
    month_cents: int | None = None
    fleet_day_cents: int | None = None

    def or_else(self, defaults: Budgets) -> Budgets:
        """These, and the defaults where they say nothing. The fleet's is not a tenant's to set."""

        def chosen(own: int | None, default: int | None) -> int | None:
            return default if own is None else own

        return Budgets(
            chosen(self.call_cents, defaults.call_cents),
            chosen(self.day_cents, defaults.day_cents),
            chosen(self.month_cents, defaults.month_cents),
            defaults.fleet_day_cents,
        )

    @property
    def look_beyond_the_call(self) -> bool:
        """Whether what other calls spend matters."""
        return bool(self.day_cents or self.month_cents or self.fleet_day_cents)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Nano-dollars spent by others than the agent at hand.

    Attributes:
        call: by agents that had this call before.
        day, month: by the tenant's calls, agents before included.
        fleet_day: by everybody's.
    """

    call: int = 0
    day: int = 0
    month: int = 0
    fleet_day: int = 0


#: In the order in which a spent one is named.
_RULES: tuple[tuple[Budget, Callable[[Budgets], int | None], Callable[[Elsewhere], int]], ...] = (
    (Budget.CALL, lambda budgets: budgets.call_cents, lambda elsewhere: elsewhere.call),
    (Budget.DAY, lambda budgets: budgets.day_cents, lambda elsewhere: elsewhere.day),
    (Budget.MONTH, lambda budgets: budgets.month_cents, lambda elsewhere: elsewhere.month),
    (Budget.FLEET, lambda budgets: budgets.fleet_day_cents, lambda elsewhere: elsewhere.fleet_day),
)


def spent_budget(budgets: Budgets, here_nano: int, elsewhere: Elsewhere) -> Budget | None:
    """The first budget that is spent by what this agent spent in this call and what was spent elsewhere."""
    for budget, limit_of, spent_of in _RULES:
        limit_cents = limit_of(budgets)
        if limit_cents and here_nano + spent_of(elsewhere) >= limit_cents * NANO_PER_CENT:
            return budget
    return None


def day_began(now: datetime, zone: ZoneInfo) -> datetime:
    """The last midnight there; aware UTC."""
    return datetime.combine(now.astimezone(zone).date(), time.min, zone).astimezone(UTC)


def month_began(now: datetime, zone: ZoneInfo) -> datetime:
    """The midnight there with which the month began; aware UTC."""
    first = now.astimezone(zone).date().replace(day=1)
    return datetime.combine(first, time.min, zone).astimezone(UTC)
