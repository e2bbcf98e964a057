"""Adds up what a call uses, and tells once when a budget is spent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from agent.domain.budgets import Budget, Budgets, Elsewhere, spent_budget
from agent.domain.cost import NANO_PER_CENT, CallCost, Item, cents
from agent.domain.providers import Attempt, Reports, Used
from agent.runtime.logs import get_logger

_log = get_logger("agent.costs.watch")


class CostMeter(Protocol):
    """Counts money for whoever watches the fleet. Returns at once and never raises."""

    def cost(self, kind: str, provider: str, cents: float) -> None:
        """So much more was spent; `agent_call_cost_cents_total`."""
        ...

    def budget_spent(self, budget: Budget) -> None:
        """A call is served more cheaply from now on; `agent_budget_spent_total`."""
        ...


class Unmetered:
    """For calls that nobody watches."""

    def cost(self, kind: str, provider: str, cents: float) -> None:
        """Nothing is counted."""

    def budget_spent(self, budget: Budget) -> None:
        """Nothing is counted."""


class BudgetWatch:
    """One call's: hears what providers are used for, as `Reports`, and passes it on.

    Args:
        reports: told everything after it was counted.
        on_spent: called once, with the first budget that is spent; must return at once and not raise.

    Attributes:
        spent: that budget; None while there is money left. Once spent it stays so to the call's end.
    """

    def __init__(
        self,
        reports: Reports,
        cost: CallCost,
        budgets: Budgets,
        on_spent: Callable[[Budget], None],
        meter: CostMeter | None = None,
    ) -> None:
        self._reports = reports
        self.cost = cost
        self.budgets = budgets
        self._on_spent = on_spent
        self._meter = meter or Unmetered()
        self._elsewhere = Elsewhere()
        self._metered: dict[tuple[str, str], int] = {}
        self._warned: set[Item] = set()
        self.spent: Budget | None = None

    def attempted(self, attempt: Attempt) -> None:
        """Passed on."""
        self._reports.attempted(attempt)

    def used(self, used: Used) -> None:
        """Count it."""
        self.cost.use(used)
        self._judge()
        self._reports.used(used)

    def line_held(self, carrier: str, seconds: float) -> None:
        """The call has been up for so long in all."""
        self.cost.hold_line(carrier, seconds)
        self._judge()

    def spent_elsewhere(self, elsewhere: Elsewhere) -> None:
        """What others than this agent in this call have spent."""
        self._elsewhere = elsewhere
        self._judge()

    def meter(self) -> None:
        """Count what has been spent since it was counted last."""
        for key, nano_usd in self.cost.by_provider().items():
            more = nano_usd - self._metered.get(key, 0)
            if more > 0:
                self._metered[key] = nano_usd
                self._meter.cost(*key, more / NANO_PER_CENT)

    def figures(self) -> dict[str, object]:
        """For the call's record: cents to a thousandth."""
        by_provider = {f"{kind} {name}": cents(nano) for (kind, name), nano in self.cost.by_provider().items()}
        return {
            "cost_cents": cents(self.cost.nano_usd),
            "cost_by_provider": by_provider,
            "budget_spent": self.spent.value if self.spent else None,
        }

    def _judge(self) -> None:
        for item in self.cost.unpriced - self._warned:
            self._warned.add(item)
            _log.warning("cost.price_unknown", kind=item.kind, provider=item.provider, unit=item.unit)
        if self.spent is not None:
            return
        here_nano = self.cost.nano_usd
        self.spent = spent_budget(self.budgets, here_nano, self._elsewhere)
        if self.spent is not None:
            _log.warning("budget.spent", budget=self.spent.value, call_cents=cents(here_nano))
            self._meter.budget_spent(self.spent)
            self._on_spent(self.spent)
