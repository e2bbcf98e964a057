"""Handing a caller over: REFER, dialling a person into a room, who hears whom there, and what it came to.

What livekit-sip 1.8.0 makes of a person who does not come is written down in docs/adr/0026.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence

from google.protobuf.duration_pb2 import Duration
from livekit import api

from agent.domain.errors import Blame, FleetError
from agent.domain.transfers import TransferRefusal
from sip.addresses import NAME_PREFIX
from sip.outbound import may_dial
from sip.rooms import BRIDGED
from sip.server import NotFound, calling
from sip.wire import allowed_by

#: The server ends a dialling request when the ringing has; a silent server is given this much more.
_MARGIN_S = 4.0

#: By the SIP status a person's side answered with (RFC 3261 §21).
REFUSALS: dict[int, TransferRefusal] = {
    403: TransferRefusal.REFUSED,
    408: TransferRefusal.NO_ANSWER,
    480: TransferRefusal.NO_ANSWER,
    486: TransferRefusal.BUSY,
    487: TransferRefusal.NO_ANSWER,
    600: TransferRefusal.BUSY,
    603: TransferRefusal.REFUSED,
    607: TransferRefusal.REFUSED,
    608: TransferRefusal.REFUSED,
}
#: By the server's own code, where no SIP status came with it: the ringing timed out.
_TIMED_OUT = frozenset({"canceled", "deadline_exceeded"})


class Transfers:
    """What we ask of the server to put a caller through.

    Args:
        server: closed with this.
        trunk: name of the plan's outbound carrier over which people are dialled.
    """

    def __init__(self, server: api.LiveKitAPI, trunk: str) -> None:
        self._server = server
        self._trunk = trunk

    async def refer(self, room: str, identity: str, to: str, *, ring_timeout_s: int) -> TransferRefusal | None:
        """Ask the carrier to take the caller elsewhere (REFER); the caller hears a ringing tone meanwhile.

        Returns: None once the carrier says that the call was taken, or the caller's leg has ended after the
            carrier agreed to try: livekit-sip reports both alike.
        Raises: FleetError: the server could not be asked, or gave no answer; whether it was done is unknown.
        """
        request = api.TransferSIPParticipantRequest(
            room_name=room,
            participant_identity=identity,
            transfer_to=f"tel:{to}",
            play_dialtone=True,
            ringing_timeout=Duration(seconds=ring_timeout_s),
        )
        return await self._reached(
            "transferring a caller", self._server.sip.transfer_sip_participant(request), ring_timeout_s
        )

    async def dial(self, room: str, identity: str, to: str, *, ring_timeout_s: int) -> TransferRefusal | None:
        """Dial a person into a room and wait until they answer.

        Returns: None once they have answered.
        Raises:
            NotFound: there is no such trunk.
            FleetError: the trunk may not dial this number, or the server could not be asked.
        """
        request = api.CreateSIPParticipantRequest(
            sip_trunk_id=await self._trunk_for(to),
            sip_call_to=to,
            room_name=room,
            participant_identity=identity,
            ringing_timeout=Duration(seconds=ring_timeout_s),
            wait_until_answered=True,
        )
        return await self._reached(
            "dialling a person", self._server.sip.create_sip_participant(request), ring_timeout_s
        )

    async def aclose(self) -> None:
        """Close the client."""
        await self._server.aclose()

    async def hang_up(self, room: str, identity: str) -> None:
        """End a person's leg, ringing or up; not to find it is as good."""
        try:
            async with calling("hanging up on a person"):
                await self._server.room.remove_participant(api.RoomParticipantIdentity(room=room, identity=identity))
        except NotFound:
            return

    async def let_hear(self, room: str, listener: str, tracks: Sequence[str], *, is_heard: bool) -> None:
        """Have somebody in a room hear these tracks, or not."""
        request = api.UpdateSubscriptionsRequest(room=room, identity=listener, track_sids=tracks, subscribe=is_heard)
        async with calling("changing who hears whom"):
            await self._server.room.update_subscriptions(request)

    async def mark_bridged(self, room: str, *, is_bridged: bool = True) -> None:
        """Say for every keeper to see that this room needs no agent and ends with the first who leaves it, or does."""
        request = api.UpdateRoomMetadataRequest(room=room, metadata=BRIDGED if is_bridged else "")
        async with calling("marking a room"):
            await self._server.room.update_room_metadata(request)

    async def _trunk_for(self, number: str) -> str:
        name = f"{NAME_PREFIX}{self._trunk}"
        async with calling("listing outbound trunks"):
            trunks = (await self._server.sip.list_outbound_trunk(api.ListSIPOutboundTrunkRequest())).items
        for trunk in trunks:
            if trunk.name == name:
                if not may_dial(number, allowed_by(trunk)):
                    raise FleetError(f"outbound trunk {name} may not dial this number", blame=Blame.CLIENT)
                return trunk.sip_trunk_id
        raise NotFound(f"outbound trunk {name} is not on the server")

    async def _reached(self, what: str, asking: Awaitable[object], ring_timeout_s: int) -> TransferRefusal | None:
        async with calling(what, deadline_s=ring_timeout_s + _MARGIN_S):
            try:
                await asking
            except api.ServerError as error:
                refusal = refusal_of(error)
                if refusal is None:
                    raise
                return refusal
        return None


def refusal_of(error: api.ServerError) -> TransferRefusal | None:
    """What a failed dialling means; None when the server itself failed."""
    status = error.sip_status_code if isinstance(error, api.SipCallError) else None
    if status is not None:
        return REFUSALS.get(status, TransferRefusal.UNAVAILABLE)
    return TransferRefusal.NO_ANSWER if error.code in _TIMED_OUT else None
