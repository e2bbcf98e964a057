"""Tenants: the versioned configuration document, the numbers that ring there, the staff to be booked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from agent.domain.errors import ConfigError
from agent.storage import tenant_versions
from agent.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class StoredTenant:
    """A tenant as stored.

    Attributes:
        config: the document as it was applied, still to be parsed.
        config_version: counts applied changes, from 1.
    """

    id: UUID
    slug: str
    config: Mapping[str, Any]
    config_version: int


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying a document did; `changed` is false when everything was so already."""

    config_version: int
    changed: bool


async def apply_tenant(
    connection: Connection,
    tenant_id: UUID,
    *,
    slug: str,
    config: Mapping[str, Any],
    numbers: Sequence[str],
    staff: Mapping[UUID, str],
) -> Applied:
    """Make the database agree with a tenant's document, in the caller's transaction.

    Args:
        connection: the keeper's role; the application may not write these tables.
        tenant_id: the tenant's identity across versions; its slug may change, to one nobody else has.
        config: the document, JSON-compatible; stored under the next version when it differs.
        numbers: E.164 numbers that ring here, all of them: others the tenant had are given up.
        staff: name by id, all of them: others the tenant had become inactive, because bookings still name
            them.
    Raises:
        ConfigError: the slug, a number or a member of staff belongs to another tenant.
    """
    # Two runners take turns; a slug may pass from one tenant to another, so the lock is for all tenants.
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('voicefleet.apply_tenant', 0))")
    if await connection.fetchval("SELECT true FROM tenants WHERE slug = $1 AND id <> $2", slug, tenant_id):
        raise ConfigError(f"the slug {slug} already belongs to another tenant")
    version, changed = await _sync_document(connection, tenant_id, slug, config)
    moved = await _sync_numbers(connection, tenant_id, numbers)
    swapped = await _sync_staff(connection, tenant_id, staff)
    return Applied(version, changed or moved or swapped)


async def tenant_by_number(connection: Connection, called_e164: str) -> UUID | None:
    """Whose number this is, or None; the one question the application may ask before it names a tenant."""
    found: UUID | None = await connection.fetchval("SELECT tenant_by_number($1)", called_e164)
    return found


async def load_tenant(connection: Connection, tenant_id: UUID) -> StoredTenant | None:
    """The tenant's current document; None when there is none or the transaction names another tenant."""
    row = await connection.fetchrow("SELECT id, slug, config, config_version FROM tenants WHERE id = $1", tenant_id)
    return None if row is None else StoredTenant(**row)


async def tenant_by_slug(connection: Connection, slug: str) -> StoredTenant | None:
    """The tenant of this slug, or None; the keeper's role, because the application names a tenant by its id."""
    row = await connection.fetchrow("SELECT id, slug, config, config_version FROM tenants WHERE slug = $1", slug)
    return None if row is None else StoredTenant(**row)


async def tenants_named(connection: Connection, name: str) -> tuple[StoredTenant, ...]:
    """Tenants whose document bears this name, in whatever case, by slug; the keeper's role, as `tenant_by_slug`."""
    rows = await connection.fetch(
        """
        SELECT id, slug, config, config_version FROM tenants WHERE lower(config ->> 'name') = lower($1) ORDER BY slug
        """,
        name,
    )
    return tuple(StoredTenant(**row) for row in rows)


async def _sync_document(
    connection: Connection, tenant_id: UUID, slug: str, config: Mapping[str, Any]
) -> tuple[int, bool]:
    """Store the document when it differs; the version that is live now, and whether it is a new one."""
    row = await connection.fetchrow(
        "SELECT slug = $2 AND config = $3 AS same, config_version FROM tenants WHERE id = $1",
        tenant_id,
        slug,
        config,
    )
    if row is None:
        version, changed = 1, True
        await connection.execute("INSERT INTO tenants (id, slug, config) VALUES ($1, $2, $3)", tenant_id, slug, config)
    else:
        changed = not row["same"]
        version = row["config_version"] + changed
        if changed:
            await connection.execute(
                """
                UPDATE tenants SET slug = $2, config = $3, config_version = $4, updated_at = now()
                WHERE id = $1
                """,
                tenant_id,
                slug,
                config,
                version,
            )
    if changed:
        await tenant_versions.keep(connection, tenant_id, version, slug=slug, config=config)
    return version, changed


async def _sync_numbers(connection: Connection, tenant_id: UUID, numbers: Sequence[str]) -> bool:
    taken = await connection.fetchval(
        "SELECT min(e164) FROM numbers WHERE e164 = ANY($2::text[]) AND tenant_id <> $1",
        tenant_id,
        list(numbers),
    )
    if taken is not None:
        raise ConfigError(f"the number {taken} already belongs to another tenant")
    changes: int = await connection.fetchval(
        """
        WITH gone AS (
            DELETE FROM numbers WHERE tenant_id = $1 AND e164 <> ALL($2::text[]) RETURNING 1
        ), come AS (
            INSERT INTO numbers (e164, tenant_id) SELECT unnest($2::text[]), $1
            ON CONFLICT (e164) DO NOTHING RETURNING 1
        ) SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM come)
        """,
        tenant_id,
        sorted(set(numbers)),
    )
    return changes > 0


async def _sync_staff(connection: Connection, tenant_id: UUID, staff: Mapping[UUID, str]) -> bool:
    ids = list(staff)
    taken = await connection.fetchval(
        "SELECT min(name) FROM staff WHERE id = ANY($2::uuid[]) AND tenant_id <> $1", tenant_id, ids
    )
    if taken is not None:
        raise ConfigError("a member of staff has an id that already belongs to another tenant")
    changes: int = await connection.fetchval(
        """
        WITH gone AS (
            UPDATE staff SET active = false
            WHERE tenant_id = $1 AND active AND id <> ALL($2::uuid[]) RETURNING 1
        ), come AS (
            INSERT INTO staff AS s (id, tenant_id, name)
            SELECT u.id, $1, u.name FROM unnest($2::uuid[], $3::text[]) u(id, name)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, active = true
                WHERE s.tenant_id = excluded.tenant_id
                  AND (s.name, s.active) IS DISTINCT FROM (excluded.name, true)
            RETURNING 1
        ) SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM come)
        """,
        tenant_id,
        ids,
        [staff[staff_id] for staff_id in ids],
    )
    return changes > 0
