"""A call's language model, as the settings name it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Set
from datetime import datetime, time
from typing import TYPE_CHECKING

from agent.domain.providers import AllClosed, Breakers, Provider, Reports, Unreported
from agent.domain.tenant import Tenant
from agent.providers.configured import usable
from agent.runtime.settings import ModelSettings
from agent.storage import spend
from agent.storage.pool import Pool, tenant_tx
from agent.understanding.allowance import Allowance
from agent.understanding.asked_model import AskedModel, Manner
from agent.understanding.shortener import Shortener
from kb.retrieval import Library

if TYPE_CHECKING:
    from agent.providers.asked_once import Member

#: A breath between two halves of a sentence; a caller who was not understood is waited for four times as long.
SETTLE_S = 0.3
#: The same where the recogniser tells words only when their meaning, too, says that they may be all.
SHORT_SETTLE_S = 0.1
_LOOKUP_S = 0.5


def prepare(settings: ModelSettings) -> None:
    """Once a process, before it has a call: what takes longer than a call's event loop may stand still."""
    if settings.model_chain or settings.has_model_accounts:
        from agent.providers import model_clients

        model_clients.load()


def open_model(
    settings: ModelSettings,
    tenant: Tenant,
    spent_today: Callable[[], Awaitable[int]],
    *,
    breakers: Breakers | None = None,
    reports: Reports | None = None,
    settle_s: float = SETTLE_S,
) -> AskedModel | None:
    """One call's model, which the call closes; None when neither the tenant nor the settings name one.

    Args:
        breakers: who knows which models the fleet leaves alone; None leaves none.
        reports: who is told how they do and what they cost.
    """
    small = large = tenant.providers.models
    members = _members({*small}, settings)
    if not members:
        small, large = settings.model_chain, settings.large_model_chain
        members = _members({*small, *large}, settings)
    if not members:
        return None
    from agent.providers.model_chain import ModelChain

    chain = ModelChain(
        [members[provider] for provider in small if provider in members],
        [members[provider] for provider in large if provider in members],
        breakers or AllClosed(),
        reports or Unreported(),
        settings.model_first_token_s,
    )
    allowance = Allowance(settings.model_call_tokens, settings.model_tenant_tokens)
    return AskedModel(chain, Manner(settings.model_deadline_s, settle_s), allowance, spent_today)


def _members(providers: Set[Provider], settings: ModelSettings) -> dict[Provider, Member]:
    """A client of each; one that the fleet has no account with is left out."""
    if not providers:
        return {}
    from agent.providers.model_clients import model

    members, _ = usable(providers, lambda provider: model(provider, settings))
    return members


def shortener_of(tenant: Tenant, model: AskedModel | None, library: Library) -> Shortener | None:
    """Who makes a call's answers shorter; None without a model or the tenant's leave."""
    return Shortener(tenant, model, library) if model is not None and tenant.knowledge.may_shorten else None


def stored_spending(pool: Pool, tenant: Tenant, now: datetime) -> Callable[[], Awaitable[int]]:
    """Asks what the tenant's calls have spent since its midnight, calls that still run included."""
    today = now.astimezone(tenant.zone).date()
    since = datetime.combine(today, time.min, tenant.zone)

    async def spent() -> int:
        async with tenant_tx(pool, tenant.id, budget_s=_LOOKUP_S) as connection:
            return await spend.model_tokens(connection, tenant.id, since=since)

    return spent


async def nothing_spent() -> int:
    """For calls of which no record is kept."""
    return 0
