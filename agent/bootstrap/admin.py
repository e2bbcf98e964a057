"""The `voicefleet` commands: what is wired where for each."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from agent.bootstrap.tenant_document import document_json, load_document, load_tenant, to_tenant
from agent.domain.errors import ConfigError
from agent.runtime.settings import DatabaseSettings, LiveKitSettings, load, secret
from agent.storage import catalogue, tenants
from agent.storage.migrate import migrate
from agent.storage.pool import Role, fleet_tx, open_pool
from sip.commands import run_apply, run_plan
from sip.firewall import nftables_ruleset
from sip.plan import load_plan
from sip.server import ServerAddress


async def migrate_database(*, write_schema: bool) -> int:
    """Apply pending migrations, naming each; on wish write down what they add up to."""
    settings = load(DatabaseSettings)
    applied = await migrate(settings.database_url.get_secret_value())
    print("\n".join(f"applied {name}" for name in applied) or "the schema is up to date")
    if write_schema:
        await catalogue.write_schema(settings.database_url.get_secret_value())
        print(f"wrote {catalogue.SCHEMA}")
    return 0


def check_tenants(files: Sequence[Path]) -> int:
    """Validate tenant files; every fault of every file is printed."""
    is_valid = True
    for file in files:
        try:
            tenant = load_tenant(file)
        except ConfigError as error:
            is_valid = False
            print(error, file=sys.stderr)
        else:
            print(f"{file}: {tenant.name}, {len(tenant.services)} services, {', '.join(tenant.numbers)}")
    return 0 if is_valid else 1


async def apply_tenants(files: Sequence[Path]) -> int:
    """Validate all files first, then store them; one wrong file stores nothing."""
    if check_tenants(files) != 0:
        return 1
    settings = load(DatabaseSettings)
    pool = await open_pool(settings.database_url.get_secret_value(), role=Role.KEEPER, max_size=1)
    try:
        for file in files:
            document = load_document(file)
            tenant = to_tenant(document)
            async with fleet_tx(pool) as connection:
                applied = await tenants.apply_tenant(
                    connection,
                    tenant.id,
                    slug=tenant.slug,
                    config=document_json(document),
                    numbers=tenant.numbers,
                    staff={person.id: person.name for person in tenant.staff},
                )
            note = "" if applied.changed else ", unchanged"
            print(f"{tenant.slug}: version {applied.config_version}{note}")
    finally:
        await pool.close()
    return 0


async def sip_plan(plan: Path, allow_addresses: tuple[str, ...]) -> int:
    """Show the difference to the server."""
    return await run_plan(plan, _server(), allow_addresses=allow_addresses, secret=secret)


async def sip_apply(plan: Path, allow_addresses: tuple[str, ...]) -> int:
    """Make the server agree with the plan."""
    return await run_apply(plan, _server(), allow_addresses=allow_addresses, secret=secret)


def sip_firewall(plan: Path, ports: Sequence[int], allow_addresses: tuple[str, ...]) -> int:
    """Print the packet filter that goes with the plan; needs no server."""
    print(nftables_ruleset(load_plan(plan), ports, extra_addresses=allow_addresses))
    return 0


def _server() -> ServerAddress:
    settings = load(LiveKitSettings)
    return ServerAddress(
        url=settings.livekit_url,
        api_key=settings.livekit_api_key,
        api_secret=settings.livekit_api_secret.get_secret_value(),
    )
