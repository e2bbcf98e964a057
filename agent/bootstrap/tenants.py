"""The `voicefleet tenant` commands: begin a document, check it, bring it into use, see what is in use."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from agent.bootstrap.tenant_document import document_json, document_of, load_document, parse_document
from agent.bootstrap.tenant_view import as_yaml, shown_tenant
from agent.domain.errors import ConfigError
from agent.domain.tenant import Tenant
from agent.runtime.settings import DatabaseSettings, load
from agent.storage import tenant_versions, tenants
from agent.storage.pool import BUDGET_S, Connection, Pool, Role, fleet_tx, open_pool, tenant_tx
from agent.tenants.conversion import to_tenant
from agent.tenants.document import TenantDocument
from agent.tenants.templates import STAND_IN_NUMBER, Blanks, fill_in


def new_tenant(template: str, blanks: Blanks) -> int:
    """Print a filled-in template; what stands in for something unknown is named on standard error.

    Raises: ConfigError: there is no such template, or a blank was filled with something that cannot stand there.
    """
    text = fill_in(template, blanks)
    document_of(text, "tenant new")
    print(text, end="")
    if blanks.number is None:
        print(f"numbers: {STAND_IN_NUMBER} stands in; put the number callers dial", file=sys.stderr)
    if not blanks.state:
        print("state: unknown, so the strictest law holds; put your state's two letters", file=sys.stderr)
    return 0


def check_tenants(files: Sequence[Path]) -> int:
    """Validate tenant files; every fault of every file is printed."""
    return 0 if len(_checked(files)) == len(files) else 1


async def apply_tenants(files: Sequence[Path]) -> int:
    """Validate all files first, then store them together; one wrong file stores nothing.

    Raises: ConfigError: a slug, a number or a member of staff belongs to another tenant.
    """
    checked = _checked(files)
    if len(checked) < len(files):
        return 1
    async with _keeper() as pool, fleet_tx(pool, budget_s=BUDGET_S * len(checked)) as connection:
        applied = [await _applied(connection, document, tenant) for document, tenant in checked]
    for (_, tenant), now in zip(checked, applied, strict=True):
        print(f"{tenant.slug}: version {now.config_version}{'' if now.changed else ', unchanged'}")
    return 0


async def _applied(connection: Connection, document: TenantDocument, tenant: Tenant) -> tenants.Applied:
    return await tenants.apply_tenant(
        connection,
        tenant.id,
        slug=tenant.slug,
        config=document_json(document),
        numbers=tenant.numbers,
        staff={person.id: person.name for person in tenant.staff},
    )


async def show_tenant(name: str | None, number: str | None, *, version: int | None, is_yaml: bool) -> int:
    """Print what is live for a tenant, or what an earlier version said.

    Args:
        name: a slug, or the name in the document; None when a `number` is given.
        is_yaml: the document itself, fit for `tenant apply`; otherwise tables.
    Raises: ConfigError: there is no such tenant, number or version, or a name is borne by several.
    """
    async with _keeper() as pool:
        async with fleet_tx(pool) as connection:
            found = await _found(connection, name, number)
        async with tenant_tx(pool, found.id) as connection:
            wanted = await tenant_versions.load_version(connection, found.id, version or found.config_version)
            versions = await tenant_versions.versions_of(connection, found.id)
    if wanted is None:
        known = ", ".join(str(each.version) for each in versions)
        raise ConfigError(f"{found.slug} has no version {version}; the latest are: {known}")
    document = parse_document(dict(wanted.config), f"{found.slug}, version {wanted.version}")
    if is_yaml:
        print(as_yaml(document), end="")
    else:
        print(shown_tenant(document, to_tenant(document), versions, wanted.version, datetime.now(UTC)))
    return 0


def _checked(files: Sequence[Path]) -> list[tuple[TenantDocument, Tenant]]:
    """The valid ones, each with a line on standard output; the faults of the others go to standard error."""
    checked = []
    for file in files:
        try:
            document = load_document(file)
        except ConfigError as error:
            print(error, file=sys.stderr)
        else:
            tenant = to_tenant(document)
            print(f"{file}: {tenant.name}, {len(tenant.services)} services, {', '.join(tenant.numbers)}")
            checked.append((document, tenant))
    return checked


async def _found(connection: Connection, name: str | None, number: str | None) -> tenants.StoredTenant:
    if number is not None:
        owner = await tenants.tenant_by_number(connection, number)
        stored = await tenants.load_tenant(connection, owner) if owner is not None else None
        if stored is None:
            raise ConfigError(f"no tenant owns the number {number}")
        return stored
    assert name is not None
    by_id = await tenants.load_tenant(connection, UUID(name)) if _is_uuid(name) else None
    stored = by_id or await tenants.tenant_by_slug(connection, name)
    if stored is not None:
        return stored
    named = await tenants.tenants_named(connection, name)
    if len(named) > 1:
        raise ConfigError(f"several tenants are called {name!r}: {', '.join(each.slug for each in named)}")
    if not named:
        raise ConfigError(f"no tenant is called {name!r}, by slug or by name")
    return named[0]


def _is_uuid(name: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", name) is not None


@asynccontextmanager
async def _keeper() -> AsyncIterator[Pool]:
    settings = load(DatabaseSettings)
    async with await open_pool(settings.database_url.get_secret_value(), role=Role.KEEPER, max_size=1) as pool:
        yield pool
