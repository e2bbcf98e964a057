"""What text calls have of DATABASE_URL: a tenant's diary, and its knowledge base asked as a worker asks it."""

from __future__ import annotations

from agent.bootstrap.text_understanding import TextUnderstanding
from agent.domain.errors import ConfigError
from agent.domain.tenant import Tenant
from agent.runtime.settings import DatabaseSettings, load
from agent.storage import kb_sources, tenants
from agent.storage.pool import Pool, Role, open_pool, tenant_tx
from kb.deciding import thresholds_of
from kb.retrieval import Library

#: What a tool shows must not depend on how busy the machine is; a call on the telephone waits for less.
_SEARCH_S = 10.0


async def open_pool_of(tenant: Tenant, written_in: str, *, needs_knowledge: bool = False) -> Pool:
    """The database as the application sees it, if it knows this tenant.

    Args:
        written_in: the tenant's file or slug, for the sentence that says how to store it.
    Raises: FleetError: no such tenant there, nothing in a base that is needed, or nobody answers.
    """
    pool = await open_pool(load(DatabaseSettings).database_url.get_secret_value(), role=Role.APP, max_size=1)
    try:
        async with tenant_tx(pool, tenant.id) as connection:
            stored = await tenants.load_tenant(connection, tenant.id)
            model = await kb_sources.active_model(connection, tenant.id)
        if stored is None:
            raise ConfigError(
                f"{tenant.slug}: not in the database; store it with: voicefleet tenant apply {written_in}"
            )
        if needs_knowledge and model is None:
            raise ConfigError(
                f"{tenant.slug}: nothing in its knowledge base; add files with: "
                f"voicefleet kb add --tenant {tenant.slug} DIR"
            )
    except BaseException:
        await pool.close()
        raise
    return pool


def library_of(pool: Pool, tenant: Tenant, understanding: TextUnderstanding) -> Library:
    """One call's knowledge base; where the sentence model is left out it is asked by words alone."""
    embedders, thresholds = understanding.embedders(tenant), thresholds_of(tenant)
    return Library(pool, tenant.id, embedders, thresholds, search_s=_SEARCH_S, remote_s=_SEARCH_S)
