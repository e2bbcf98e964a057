"""Whom one call is heard, understood and spoken by, who watches over them, and what they cost: wired together."""

from __future__ import annotations

from dataclasses import dataclass

from agent.bootstrap.embedders import EmbeddingModels
from agent.bootstrap.job_reports import FleetBreakers
from agent.bootstrap.model import SETTLE_S, SHORT_SETTLE_S, open_model, stored_spending
from agent.bootstrap.spending import CallSpending, open_spending
from agent.domain.budgets import Budget
from agent.domain.tenant import Tenant
from agent.providers.recogniser import tells_turns
from agent.providers.registry import CallsExpectation, Providers, chains_of, open_providers
from agent.runtime.job_metrics import BUDGET_SPENT, CALL_COST_CENTS
from agent.runtime.settings import WorkerSettings
from agent.storage.calls import CallKey
from agent.storage.pool import Pool
from agent.understanding.asked_model import AskedModel


@dataclass(slots=True)
class CallProviders:
    """One call's.

    Attributes:
        fleet: knows whom the fleet leaves alone, and is told how everybody does.
        model: None where neither the tenant nor the fleet names one.
    """

    fleet: FleetBreakers
    spending: CallSpending
    speech: Providers
    model: AskedModel | None
    embedding: EmbeddingModels

    async def aclose(self) -> None:
        """Release them; what they were used for has been told by then, and is written last."""
        await self.speech.aclose()
        if self.model is not None:
            await self.model.aclose()
        await self.embedding.aclose()
        await self.spending.aclose()
        await self.fleet.aclose()


async def open_for_call(
    settings: WorkerSettings, pool: Pool, tenant: Tenant, key: CallKey, epoch: int, expectation: CallsExpectation
) -> CallProviders:
    """Open them; connections are warmed while the phone still rings.

    Raises:
        ConfigError: of a chain no provider can be used, or the price file is wrong.
    """
    chains = chains_of(settings, tenant)
    fleet = await FleetBreakers.open(settings.job_socket)
    spending = open_spending(settings, tenant, (chains.stt, chains.tts), pool, key, epoch, fleet, meter=_Meter(fleet))
    speech = open_providers(settings, tenant, chains, expectation, fleet, spending.watch)
    model = open_model(
        settings,
        tenant,
        stored_spending(pool, tenant, key.started_at),
        breakers=fleet,
        reports=spending.watch,
        settle_s=SHORT_SETTLE_S if tells_turns(chains.stt[0]) else SETTLE_S,
    )
    downgrade = spending.downgrade
    downgrade.model, downgrade.recogniser, downgrade.voices = model, speech.stt, speech.tts
    if model is not None:
        model.warm()
    spending.ledger.start()
    embedding = EmbeddingModels(settings, speech.client, spending.watch)
    return CallProviders(fleet, spending, speech, model, embedding)


class _Meter:
    """Money on the worker's metrics."""

    def __init__(self, fleet: FleetBreakers) -> None:
        self._fleet = fleet

    def cost(self, kind: str, provider: str, cents: float) -> None:
        """Count what was spent."""
        self._fleet.record(CALL_COST_CENTS, cents, (kind, provider))

    def budget_spent(self, budget: Budget) -> None:
        """Count a call that is served more cheaply from now on."""
        self._fleet.record(BUDGET_SPENT, 1, (budget.value,))
