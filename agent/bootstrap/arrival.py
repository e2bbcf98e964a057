"""Before we answer: who calls whom, and may this call be taken at all?

Everything here happens while the phone still rings; a refusal deletes the room and the carrier gets 486.
"""

from __future__ import annotations

import asyncio

from livekit import rtc
from livekit.agents import JobContext

from agent.bootstrap.tenant_document import tenant_from_json
from agent.domain.errors import ConfigError
from agent.domain.tenant import Tenant
from agent.runtime.logs import mask_numbers
from agent.storage import tenants
from agent.storage.pool import Pool, fleet_tx, tenant_tx

CALLER_ARRIVES_S = 10.0


def has_agent(room: rtc.Room) -> bool:
    """Whether another agent is in the room already: two are sent when the first is slow to come."""
    agent = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
    return any(participant.kind == agent for participant in room.remote_participants.values())


async def caller_in(ctx: JobContext) -> rtc.RemoteParticipant:
    """The caller's SIP leg.

    Raises:
        TimeoutError: nobody came within CALLER_ARRIVES_S.
        RuntimeError: the room went away meanwhile.
    """
    async with asyncio.timeout(CALLER_ARRIVES_S):
        first = await ctx.wait_for_participant(kind=rtc.ParticipantKind.PARTICIPANT_KIND_SIP)
    # a person whom an agent before us dialled came by no dispatch rule
    came_in = [one for one in ctx.room.remote_participants.values() if "sip.ruleID" in one.attributes]
    return came_in[0] if came_in else first


async def tenant_called(pool: Pool, caller: rtc.RemoteParticipant) -> Tenant:
    """The business whose number was dialled.

    Raises:
        ConfigError: nobody owns the number, or its document is wrong.
        FleetError: storage failed.
    """
    called = caller.attributes.get("sip.trunkPhoneNumber", "")
    async with fleet_tx(pool) as connection:
        tenant_id = await tenants.tenant_by_number(connection, called)
    if tenant_id is None:
        raise ConfigError(f"no tenant owns {mask_numbers(called)}")
    async with tenant_tx(pool, tenant_id) as connection:
        stored = await tenants.load_tenant(connection, tenant_id)
    if stored is None:
        raise ConfigError(f"the tenant of {mask_numbers(called)} has no document")
    return tenant_from_json(dict(stored.config))


async def is_up(room: rtc.Room, caller: rtc.RemoteParticipant) -> bool:
    """Wait for the carrier's ACK, before which nothing we say is heard; False when the caller gave up."""
    decided: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def decide(answer: bool) -> None:
        if not decided.done():
            decided.set_result(answer)

    def check(*_: object) -> None:
        if caller.attributes.get("sip.callStatus") == "active":
            decide(True)

    def left(participant: rtc.RemoteParticipant) -> None:
        if participant.identity == caller.identity:
            decide(False)

    def gone(*_: object) -> None:
        decide(False)

    room.on("participant_attributes_changed", check)
    room.on("participant_disconnected", left)
    room.on("disconnected", gone)
    check()
    if caller.identity not in room.remote_participants:
        decide(False)
    try:
        async with asyncio.timeout(CALLER_ARRIVES_S):
            return await decided
    except TimeoutError:
        return False
    finally:
        room.off("participant_attributes_changed", check)
        room.off("participant_disconnected", left)
        room.off("disconnected", gone)
