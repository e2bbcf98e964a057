"""`voicefleet kb list` and `remove`: the sources of a base."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from agent.bootstrap.knowledge.opened import opened, tenant_of
from agent.storage import kb_models, kb_sources, kb_storing
from agent.storage.pool import tenant_tx


async def show(slug: str) -> int:
    """Print the sources by name. Raises: ConfigError: no such tenant."""
    async with opened() as pool:
        tenant = await tenant_of(pool, slug)
        async with tenant_tx(pool, tenant.id) as connection:
            sources = await kb_sources.sources(connection, tenant.id)
            version = await kb_sources.current_version(connection, tenant.id)
            model = await kb_sources.active_model(connection, tenant.id)
            introduced = await kb_models.introduced(connection, tenant.id)
    if not sources:
        print(f"{slug}: nothing yet; add files with: voicefleet kb add --tenant {slug} FILE")
        return 0
    width = max(len(source.name) for source in sources)
    for source in sources:
        print(f"{source.name.ljust(width)}  {source.passages:5} passages  {source.read_at:%Y-%m-%d %H:%M} UTC")
    total = sum(source.passages for source in sources)
    print(f"version {version}: {total} passages of {len(sources)} sources, searched by {model}")
    for other in introduced:
        print(f"{other.model} is being introduced: {other.passages} of {total} passages; searches go on as before")
    return 0


async def remove(slug: str, names: Sequence[str]) -> int:
    """Take sources out. Returns: 1 when one of them is not there. Raises: ConfigError: no such tenant."""
    missing = 0
    async with opened() as pool:
        tenant = await tenant_of(pool, slug)
        for name in names:
            async with tenant_tx(pool, tenant.id, budget_s=kb_storing.CHANGE_S) as connection:
                known = {source.name for source in await kb_sources.sources(connection, tenant.id)}
                changed = await kb_storing.remove_source(connection, tenant.id, name) if name in known else None
            if changed is None:
                print(f"{name}: no such source; `voicefleet kb list --tenant {slug}` names them", file=sys.stderr)
                missing += 1
            else:
                print(f"{name}: {changed.retired} passages taken out, version {changed.version}")
    return 1 if missing else 0
