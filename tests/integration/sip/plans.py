"""Plan files for tests, and the trunks and rules that a server holds."""

from __future__ import annotations

from pathlib import Path

import yaml
from livekit import api

from sip.server import ServerAddress, connected

OWNED = "+15550100100"
UNKNOWN = "+15550199999"
CARRIER_ADDRESS = "127.0.0.1"
STRANGER_ADDRESS = "127.0.0.77"


def carrier(**changes: object) -> dict[str, object]:
    """A carrier that calls from `CARRIER_ADDRESS` alone."""
    return {
        "name": "loopback",
        "local": True,
        "allowed_addresses": [f"{CARRIER_ADDRESS}/32"],
        "numbers": [OWNED],
        "agent": "receptionist",
    } | changes


def write_plan(folder: Path, *carriers: dict[str, object]) -> Path:
    """A plan file with these carriers."""
    path = folder / "plan.yaml"
    path.write_text(yaml.safe_dump({"carriers": list(carriers)}))
    return path


async def names_on(address: ServerAddress) -> dict[str, str]:
    """Trunks and rules on the server: "kind name" → id."""
    async with connected(address) as server:
        trunks = await server.sip.list_inbound_trunk(api.ListSIPInboundTrunkRequest())
        rules = await server.sip.list_dispatch_rule(api.ListSIPDispatchRuleRequest())
    found = {f"trunk {trunk.name}": trunk.sip_trunk_id for trunk in trunks.items}
    return found | {f"rule {rule.name}": rule.sip_dispatch_rule_id for rule in rules.items}


async def clear(address: ServerAddress) -> None:
    """Delete every trunk and rule."""
    async with connected(address) as server:
        for rule in (await server.sip.list_dispatch_rule(api.ListSIPDispatchRuleRequest())).items:
            await server.sip.delete_dispatch_rule(
                api.DeleteSIPDispatchRuleRequest(sip_dispatch_rule_id=rule.sip_dispatch_rule_id)
            )
        for trunk in (await server.sip.list_inbound_trunk(api.ListSIPInboundTrunkRequest())).items:
            await server.sip.delete_trunk(api.DeleteSIPTrunkRequest(sip_trunk_id=trunk.sip_trunk_id))
