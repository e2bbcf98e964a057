"""What a call may cost, wired together: its account, its budgets, and what a spent one switches off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from agent.costs.ledger import SpendLedger
from agent.costs.prices import list_prices
from agent.costs.watch import BudgetWatch, CostMeter
from agent.domain.budgets import Budget, Budgets
from agent.domain.cost import CallCost, PriceList
from agent.domain.premium import premium_voice
from agent.domain.providers import LOCAL, Provider, Reports
from agent.domain.state import CallState
from agent.domain.tenant import Tenant
from agent.runtime.spending import SpendingSettings
from agent.storage.calls import CallKey
from agent.storage.pool import Pool
from agent.understanding.asked_model import AskedModel


class Hosted(Protocol):
    """Providers of one kind, some of which cost money.

    Attributes:
        use_hosted: False leaves those on this machine, and what is cached, as long as there is one.
    """

    use_hosted: bool


class Voices(Hosted, Protocol):
    """A chain of voices."""

    def prefer(self, provider: Provider | None) -> None:
        """Let this one speak from now on; None is the chain's own order."""
        ...


@dataclass(slots=True)
class Downgrade:
    """What a spent budget switches off. The parts are put in as the call is built, before any is used.

    Callers are heard and answered all the same: who has nothing local is served by what costs least.

    Attributes:
        stt_chain, tts_chain: what the call may use, as configured.
        prices: to find the cheapest voice where none is local.
    """

    stt_chain: tuple[Provider, ...]
    tts_chain: tuple[Provider, ...]
    prices: PriceList
    model: AskedModel | None = None
    recogniser: Hosted | None = None
    voices: Voices | None = None

    def __call__(self, budget: Budget) -> None:
        """Serve this call more cheaply from now on."""
        if self.model is not None:
            self.model.allowance.is_closed = True
        if self.recogniser is not None and _has_local(self.stt_chain):
            self.recogniser.use_hosted = False
        if self.voices is None:
            return
        self.voices.use_hosted = False
        if not _has_local(self.tts_chain):
            cheapest = self.prices.cheapest(self.tts_chain, datetime.now(UTC).date())
            self.voices.prefer(cheapest)


@dataclass(slots=True)
class CallSpending:
    """One call's account.

    Attributes:
        watch: what providers report to.
    """

    tenant: Tenant
    watch: BudgetWatch
    ledger: SpendLedger
    downgrade: Downgrade

    def choose_voice(self, state: CallState) -> None:
        """After a committed turn: let the voice speak that this caller has earned, as long as there is money."""
        if self.downgrade.voices is not None and self.watch.spent is None:
            earned = premium_voice(state, self.tenant)
            self.downgrade.voices.prefer(earned)

    async def aclose(self) -> None:
        """Write the last of it; providers have told what they were used for before."""
        await self.ledger.aclose()


def open_spending(
    settings: SpendingSettings,
    tenant: Tenant,
    chains: tuple[tuple[Provider, ...], tuple[Provider, ...]],
    pool: Pool,
    key: CallKey,
    epoch: int,
    reports: Reports,
    *,
    meter: CostMeter | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> CallSpending:
    """One call's account; nothing is written before `ledger.start()`.

    Args:
        chains: recognisers and voices of the call.
        reports: told what the account was told.
    Raises:
        ConfigError: the price file is wrong.
    """
    prices = list_prices(settings.prices_file)
    downgrade = Downgrade(*chains, prices)
    cost = CallCost(prices, key.started_at.astimezone(UTC).date())
    watch = BudgetWatch(reports, cost, tenant.budgets.or_else(default_budgets(settings)), downgrade, meter)
    ledger = SpendLedger(pool, key, epoch, watch, carrier=settings.carrier, zone=tenant.zone, now=now)
    return CallSpending(tenant, watch, ledger, downgrade)


def default_budgets(settings: SpendingSettings) -> Budgets:
    """The fleet's, for tenants whose documents say nothing."""
    return Budgets(
        settings.budget_call_cents,
        settings.budget_day_cents,
        settings.budget_month_cents,
        settings.budget_fleet_day_cents,
    )


def _has_local(chain: tuple[Provider, ...]) -> bool:
    return any(provider.vendor == LOCAL for provider in chain)
