"""Reading trunks and rules from the server and carrying changes out."""

from __future__ import annotations

from dataclasses import dataclass

from livekit import api

from agent.domain.errors import FleetError
from sip.diff import Action, Change, difference
from sip.outbound import OutboundTrunk
from sip.plan import Rule, Trunk, Wanted
from sip.server import NotFound, calling
from sip.wire import outbound_message, rule_message, stored_outbound, stored_rule, stored_trunk, trunk_message


@dataclass(frozen=True)
class Failure:
    """A change the server did not take; the others were carried out all the same."""

    change: Change
    error: FleetError


@dataclass(frozen=True)
class Applied:
    """What became of the changes."""

    done: tuple[Change, ...]
    failed: tuple[Failure, ...]


async def read_difference(server: api.LiveKitAPI, wanted: Wanted) -> tuple[Change, ...]:
    """How the server differs from the plan now.

    Raises: FleetError: the server could not be read.
    """
    async with calling("listing trunks"):
        trunks = (await server.sip.list_inbound_trunk(api.ListSIPInboundTrunkRequest())).items
    async with calling("listing dispatch rules"):
        rules = (await server.sip.list_dispatch_rule(api.ListSIPDispatchRuleRequest())).items
    async with calling("listing outbound trunks"):
        outbound = (await server.sip.list_outbound_trunk(api.ListSIPOutboundTrunkRequest())).items
    # Of two trunks with one name the later is deleted; a rule that leads to it must show as different.
    last_first = sorted(trunks, key=lambda t: t.sip_trunk_id, reverse=True)
    ids = {trunk.name: trunk.sip_trunk_id for trunk in last_first}
    names = {trunk_id: name for name, trunk_id in ids.items()}
    return difference(
        wanted,
        [stored_trunk(trunk) for trunk in trunks],
        [stored_rule(rule, trunk_names=names) for rule in rules],
        [stored_outbound(trunk) for trunk in outbound],
    )


async def apply_changes(server: api.LiveKitAPI, changes: tuple[Change, ...]) -> Applied:
    """Carry changes out one after another.

    A change may be refused only because a later one has not been made (a number still on its old trunk), so
    refused ones are tried again for as long as a round gets any of them through.
    """
    done: list[Change] = []
    waiting = list(changes)
    failed: list[Failure] = []
    while waiting:
        failed = []
        for change in waiting:
            try:
                await _carry_out(server, change)
                done.append(change)
            except FleetError as error:
                failed.append(Failure(change, error))
        if len(failed) == len(waiting):
            break
        waiting = [failure.change for failure in failed]
    return Applied(tuple(done), tuple(failed))


async def _carry_out(server: api.LiveKitAPI, change: Change) -> None:
    what = f"{change.action.name.lower()} {change.kind} {change.name}"
    if change.action is Action.DELETE:
        await _delete(server, change, what)
    elif isinstance(change.wanted, Trunk):
        await _store_trunk(server, change, change.wanted, what)
    elif isinstance(change.wanted, Rule):
        await _store_rule(server, change, change.wanted, what)
    elif isinstance(change.wanted, OutboundTrunk):
        await _store_outbound(server, change, change.wanted, what)


async def _delete(server: api.LiveKitAPI, change: Change, what: str) -> None:
    try:
        async with calling(what):
            if change.kind in ("trunk", "outbound"):
                await server.sip.delete_trunk(api.DeleteSIPTrunkRequest(sip_trunk_id=change.stored_id))
            else:
                await server.sip.delete_dispatch_rule(
                    api.DeleteSIPDispatchRuleRequest(sip_dispatch_rule_id=change.stored_id)
                )
    except NotFound:
        return  # somebody else deleted it; that is what was wanted


async def _store_trunk(server: api.LiveKitAPI, change: Change, trunk: Trunk, what: str) -> None:
    async with calling(what):
        if change.action is Action.CREATE:
            await server.sip.create_inbound_trunk(api.CreateSIPInboundTrunkRequest(trunk=trunk_message(trunk)))
        else:
            await server.sip.update_inbound_trunk(change.stored_id, trunk_message(trunk))


async def _store_outbound(server: api.LiveKitAPI, change: Change, trunk: OutboundTrunk, what: str) -> None:
    message = outbound_message(trunk)
    async with calling(what):
        if change.action is Action.CREATE:
            await server.sip.create_outbound_trunk(api.CreateSIPOutboundTrunkRequest(trunk=message))
        else:
            await server.sip.update_outbound_trunk(change.stored_id, message)


async def _store_rule(server: api.LiveKitAPI, change: Change, rule: Rule, what: str) -> None:
    trunk_id = await _trunk_id(server, rule.trunk)
    message = rule_message(rule, trunk_id=trunk_id)
    async with calling(what):
        if change.action is Action.CREATE:
            await server.sip.create_dispatch_rule(api.CreateSIPDispatchRuleRequest(dispatch_rule=message))
        else:
            await server.sip.update_dispatch_rule(change.stored_id, message)


async def _trunk_id(server: api.LiveKitAPI, name: str) -> str:
    """The id of the trunk of that name, which may have been created a moment ago."""
    async with calling("listing trunks"):
        trunks = (await server.sip.list_inbound_trunk(api.ListSIPInboundTrunkRequest())).items
    for trunk in trunks:
        if trunk.name == name:
            return trunk.sip_trunk_id
    raise NotFound(f"trunk {name} is not on the server", retryable=True)
