"""What a tenant's document said before: every version that was ever applied, with its date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from agent.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class TenantVersion:
    """One version; `config` is the document as it was applied."""

    version: int
    slug: str
    config: Mapping[str, Any]
    applied_at: datetime


async def keep(connection: Connection, tenant_id: UUID, version: int, *, slug: str, config: Mapping[str, Any]) -> None:
    """Write a version down, in the transaction that makes it the live one; the keeper's role."""
    await connection.execute(
        "INSERT INTO tenant_versions (tenant_id, version, slug, config) VALUES ($1, $2, $3, $4)",
        tenant_id,
        version,
        slug,
        config,
    )


async def versions_of(connection: Connection, tenant_id: UUID, *, limit: int = 20) -> tuple[TenantVersion, ...]:
    """The newest versions first, at most `limit`."""
    rows = await connection.fetch(
        """
        SELECT version, slug, config, applied_at FROM tenant_versions
        WHERE tenant_id = $1 ORDER BY version DESC LIMIT $2
        """,
        tenant_id,
        limit,
    )
    return tuple(TenantVersion(**row) for row in rows)


async def load_version(connection: Connection, tenant_id: UUID, version: int) -> TenantVersion | None:
    """One version; None when there never was such a one."""
    row = await connection.fetchrow(
        "SELECT version, slug, config, applied_at FROM tenant_versions WHERE tenant_id = $1 AND version = $2",
        tenant_id,
        version,
    )
    return None if row is None else TenantVersion(**row)
