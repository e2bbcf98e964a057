"""What every `voicefleet kb` command begins with: the database and whose base it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agent.bootstrap.embedders import EmbeddingModels, open_models
from agent.bootstrap.tenant_document import tenant_from_json
from agent.domain.errors import ConfigError
from agent.domain.tenant import Tenant
from agent.inference.in_process import InProcessEmbedder
from agent.runtime.settings import DatabaseSettings, EmbeddingSettings, load
from agent.storage import tenants
from agent.storage.pool import Pool, Role, fleet_tx, open_pool


@asynccontextmanager
async def opened() -> AsyncIterator[Pool]:
    """The database as the keeper sees it: the application may not change a base."""
    url = load(DatabaseSettings).database_url.get_secret_value()
    async with await open_pool(url, role=Role.KEEPER, name="voicefleet-kb", max_size=2) as pool:
        yield pool


async def tenant_of(pool: Pool, slug: str) -> Tenant:
    """Raises: ConfigError: no tenant of this slug."""
    async with fleet_tx(pool) as connection:
        stored = await tenants.tenant_by_slug(connection, slug)
    if stored is None:
        raise ConfigError(f"{slug}: no tenant of this slug in the database")
    return tenant_from_json(dict(stored.config), slug)


@asynccontextmanager
async def embedding_models() -> AsyncIterator[EmbeddingModels]:
    """The models at hand; loading the local one takes half a second."""
    async with open_models(load(EmbeddingSettings), InProcessEmbedder()) as models:
        yield models
