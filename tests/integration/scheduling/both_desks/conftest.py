"""The practice with each of the two desks in turn."""

from __future__ import annotations

import pytest

from agent.domain.tenant import Tenant
from agent.scheduling.desk import Desk as StoredDesk
from agent.scheduling.memory_desk import MemoryDesk
from agent.storage.pool import Pool
from tests.integration.scheduling.both_desks.practice import NOW, as_stored


@pytest.fixture
async def tenant(keeper_pool: Pool) -> Tenant:
    return await as_stored(keeper_pool)


@pytest.fixture(params=["stored", "memory"])
async def desk(request: pytest.FixtureRequest, pool: Pool) -> StoredDesk | MemoryDesk:
    return StoredDesk(pool) if request.param == "stored" else MemoryDesk(lambda: NOW)
