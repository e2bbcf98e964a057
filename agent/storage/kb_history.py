"""Since when each live passage stands so, and which source each version of a knowledge base changed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from agent.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class LivePassage:
    """A passage that is searched; it stands as it is since this version of the base."""

    source_name: str
    key: str
    since_version: int


@dataclass(frozen=True, slots=True)
class BaseChange:
    """A version of the base, and the source that made it: passages added to it and retired from it."""

    version: int
    source_name: str
    added: int
    retired: int


async def live_passages(connection: Connection, tenant_id: UUID) -> tuple[LivePassage, ...]:
    """Every passage that is searched, by source and key."""
    rows = await connection.fetch(
        """
        SELECT s.name AS source_name, p.key, p.since_version FROM kb_passages p
        JOIN kb_sources s ON s.tenant_id = p.tenant_id AND s.id = p.source_id
        WHERE p.tenant_id = $1 AND p.until_version IS NULL ORDER BY s.name, p.key
        """,
        tenant_id,
    )
    return tuple(LivePassage(**row) for row in rows)


async def changes_since(connection: Connection, tenant_id: UUID, version: int) -> tuple[BaseChange, ...]:
    """The versions that followed one, in order."""
    rows = await connection.fetch(
        """
        SELECT version, source_name, added, retired FROM kb_versions
        WHERE tenant_id = $1 AND version > $2 ORDER BY version
        """,
        tenant_id,
        version,
    )
    return tuple(BaseChange(**row) for row in rows)
