"""Rooms, participants and dispatches on the LiveKit server, as plain facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from livekit import api

from sip.server import NotFound, calling

#: A room's metadata once caller and person are joined and the agent has left.
BRIDGED = "bridged"


class ParticipantKind(Enum):
    """Who sits in a room, as far as we care."""

    AGENT = "agent"
    SIP = "sip"
    OTHER = "other"


@dataclass(frozen=True)
class Participant:
    """Somebody in a room.

    Attributes:
        identity: for a SIP leg it holds the caller's number: mask it in logs.
        is_joined: connected and, for a SIP leg, with its track published. Between the two livekit-sip waits
            ten seconds for the track before it looks whether the room still exists.
        sip_call_status: ringing, active or hangup for a SIP leg; otherwise empty.
    """

    identity: str
    kind: ParticipantKind
    is_joined: bool
    sip_call_status: str = ""


@dataclass(frozen=True)
class Room:
    """A room as the server lists it.

    Attributes:
        sid: unique; names may be used again.
        is_bridged: a caller was put through to a person here; they need no agent.
    """

    name: str
    sid: str
    created_at: datetime
    is_bridged: bool = False


_KINDS = {
    api.ParticipantInfo.Kind.AGENT: ParticipantKind.AGENT,
    api.ParticipantInfo.Kind.SIP: ParticipantKind.SIP,
}


class Rooms:
    """What we ask of the server about rooms; every call under a deadline.

    All methods raise what `sip.server.calling` raises.
    """

    def __init__(self, server: api.LiveKitAPI) -> None:
        self._server = server

    async def list_rooms(self) -> tuple[Room, ...]:
        """All rooms, in no particular order."""
        async with calling("listing rooms"):
            listed = await self._server.room.list_rooms(api.ListRoomsRequest())
        return tuple(room_of(room) for room in listed.rooms)

    async def list_participants(self, room: str) -> tuple[Participant, ...]:
        """Who is in a room; nobody when the room is gone."""
        try:
            async with calling("listing participants"):
                listed = await self._server.room.list_participants(api.ListParticipantsRequest(room=room))
        except NotFound:
            return ()
        return tuple(participant_of(participant) for participant in listed.participants)

    async def delete_room(self, room: str) -> bool:
        """Close a room: a ringing caller gets 486, a connected one BYE.

        Wait until the caller's leg has joined: livekit-sip 1.8.0 mostly misses the end of a room that it is
        still joining, and the caller then rings on until the ringing timeout.

        Returns: whether it was still there.
        """
        try:
            async with calling("deleting a room"):
                await self._server.room.delete_room(api.DeleteRoomRequest(room=room))
        except NotFound:
            return False
        return True

    async def create_dispatch(self, room: str, agent: str) -> None:
        """Ask the fleet once more for an agent in a room.

        Creates the room when it is gone, so list it shortly before. Success means only that the server took
        the request: with no worker free it drops it without a word.
        """
        async with calling("dispatching an agent"):
            await self._server.agent_dispatch.create_dispatch(
                api.CreateAgentDispatchRequest(agent_name=agent, room=room)
            )


def room_of(message: api.Room) -> Room:
    """A room from LiveKit's message; servers without milliseconds give whole seconds."""
    created_s = message.creation_time_ms / 1000 if message.creation_time_ms else float(message.creation_time)
    return Room(message.name, message.sid, datetime.fromtimestamp(created_s, UTC), message.metadata == BRIDGED)


def participant_of(message: api.ParticipantInfo) -> Participant:
    """A participant from LiveKit's message."""
    kind = _KINDS.get(message.kind, ParticipantKind.OTHER)
    is_connected = message.state == api.ParticipantInfo.State.ACTIVE
    is_joined = is_connected and (kind is not ParticipantKind.SIP or bool(message.tracks))
    return Participant(message.identity, kind, is_joined, message.attributes.get("sip.callStatus", ""))
