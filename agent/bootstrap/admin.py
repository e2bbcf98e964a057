"""The `voicefleet` commands: what is wired where for each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agent.runtime.settings import DatabaseSettings, LiveKitSettings, load
from agent.storage import catalogue
from agent.storage.migrate import migrate
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


async def sip_plan(plan: Path, allow_addresses: tuple[str, ...]) -> int:
    """Show the difference to the server."""
    return await run_plan(plan, _server(), allow_addresses=allow_addresses)


async def sip_apply(plan: Path, allow_addresses: tuple[str, ...]) -> int:
    """Make the server agree with the plan."""
    return await run_apply(plan, _server(), allow_addresses=allow_addresses)


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
