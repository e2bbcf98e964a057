"""A call's language model, as the settings name it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, time

from agent.domain.tenant import Tenant
from agent.runtime.settings import ModelSettings
from agent.storage import spend
from agent.storage.pool import Pool, tenant_tx
from agent.understanding.allowance import Allowance
from agent.understanding.asked_model import AskedModel, Manner
from agent.understanding.shortener import Shortener
from kb.retrieval import Library

#: A breath between two halves of a sentence; a caller who was not understood is waited for four times as long.
SETTLE_S = 0.3
_LOOKUP_S = 0.5


def open_model(
    settings: ModelSettings, spent_today: Callable[[], Awaitable[int]], *, settle_s: float = SETTLE_S
) -> AskedModel | None:
    """One call's model, which the call closes; None when the settings name none."""
    if settings.model_url is None or settings.model_name is None:
        return None
    from agent.providers.chat_completions import ChatCompletions  # a third of a second, for those who have a model

    key = settings.model_key.get_secret_value() if settings.model_key is not None else None
    manner = Manner(
        settings.model_name,
        settings.model_large_name or settings.model_name,
        deadline_s=settings.model_deadline_s,
        settle_s=settle_s,
    )
    allowance = Allowance(settings.model_call_tokens, settings.model_tenant_tokens)
    return AskedModel(ChatCompletions(settings.model_url, key), manner, allowance, spent_today)


def shortener_of(tenant: Tenant, model: AskedModel | None, library: Library) -> Shortener | None:
    """Who makes a call's answers shorter; None without a model or the tenant's leave."""
    return Shortener(tenant, model, library) if model is not None and tenant.knowledge.may_shorten else None


def stored_spending(pool: Pool, tenant: Tenant, now: datetime) -> Callable[[], Awaitable[int]]:
    """Asks what the tenant's calls have spent since its midnight; calls that still run are not in it."""
    today = now.astimezone(tenant.zone).date()
    since = datetime.combine(today, time.min, tenant.zone)

    async def spent() -> int:
        async with tenant_tx(pool, tenant.id, budget_s=_LOOKUP_S) as connection:
            return await spend.model_tokens(connection, tenant.id, since=since)

    return spent


async def nothing_spent() -> int:
    """For calls of which no record is kept."""
    return 0
