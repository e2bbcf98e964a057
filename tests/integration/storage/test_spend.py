"""What a tenant's calls have spent on models today."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from agent.bootstrap.model import stored_spending
from agent.domain.errors import Blame
from agent.storage import calls
from agent.storage.call_state import open_call
from agent.storage.calls import CallKey, ClosedCall, NewCall
from agent.storage.pool import Pool, tenant_tx
from tests.integration.shop import stored_shop

NOW = datetime.now(UTC)


async def test_a_tenants_spending_is_what_its_calls_of_today_say(pool: Pool, keeper_pool: Pool) -> None:
    tenant = await stored_shop(keeper_pool)
    for facts in ({"model_tokens": 300}, {"model_tokens": 25}, {"turns": 2}):
        key = CallKey(tenant.id, uuid4(), NOW)
        await open_call(pool, NewCall(key, f"room-{key.id}", tenant.numbers[0], "+12125550100", "sip-1", "worker-1"))
        async with tenant_tx(pool, tenant.id) as connection:
            await calls.close_call(connection, key, ClosedCall(NOW, Blame.SUCCESS, None, "caller", facts))
    assert await stored_spending(pool, tenant, NOW)() == 325
    assert await stored_spending(pool, tenant, NOW + timedelta(days=1))() == 0
