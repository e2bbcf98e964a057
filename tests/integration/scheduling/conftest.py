"""A shop with its desk, and a desk with a crowd before it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from agent.domain.tenant import Tenant
from agent.scheduling.desk import Desk
from agent.storage.pool import Pool, Role, open_pool
from tests.integration.shop import stored_shop


@pytest.fixture
async def tenant(keeper_pool: Pool) -> Tenant:
    return await stored_shop(keeper_pool)


@pytest.fixture
def desk(pool: Pool) -> Desk:
    return Desk(pool)


@pytest.fixture
async def crowd(database: str) -> AsyncIterator[Desk]:
    """A desk at which fifty calls stand at once, a connection each."""
    async with await open_pool(
        database, role=Role.APP, name="crowd", min_size=50, max_size=50, connect_timeout_s=20
    ) as opened:
        yield Desk(opened, budget_s=20)
