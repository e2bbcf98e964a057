"""Gathers what the rules judge by: the server's rooms, who is in them, and what was seen before."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.domain.errors import FleetError
from agent.keeping.decide import Leg, RoomKind, RoomView
from agent.runtime.logs import get_logger
from sip.plan import is_call_room, is_refused_room
from sip.rooms import Participant, ParticipantKind, Room, Rooms

_log = get_logger("agent.keeping.observer")

#: A room with a caller and an agent is looked into only this often unless a webhook names it or it was bridged.
SETTLED_REFRESH_S = 5.0
_MAX_LOOKUPS = 8


@dataclass(slots=True)
class _Seen:
    """What is remembered of a room between two looks."""

    room: Room
    leg: Leg = Leg.ABSENT
    legs: int = 0
    has_agent: bool = False
    had_agent: bool = False
    agent_changed_at: datetime | None = None
    legless_since: datetime | None = None
    dispatches: int = 0
    looked_at: datetime | None = None

    def is_settled(self, now: datetime) -> bool:
        fresh = self.looked_at is not None and now - self.looked_at < timedelta(seconds=SETTLED_REFRESH_S)
        return fresh and self.leg is Leg.JOINED and self.has_agent and not self.room.is_bridged

    def look(self, participants: tuple[Participant, ...], now: datetime) -> None:
        legs = [p for p in participants if p.kind is ParticipantKind.SIP]
        self.legs = len(legs)
        agents = any(p.kind is ParticipantKind.AGENT for p in participants)
        self.leg = Leg.JOINED if any(p.is_joined for p in legs) else Leg.JOINING if legs else Leg.ABSENT
        if legs:
            self.legless_since = None
        elif self.legless_since is None:
            self.legless_since = now if self.looked_at else self.room.created_at
        if agents != self.has_agent:
            self.has_agent, self.agent_changed_at = agents, now
            self.had_agent = self.had_agent or agents
            self.dispatches = 0
        self.looked_at = now

    def view(self, now: datetime) -> RoomView:
        return RoomView(
            name=self.room.name,
            sid=self.room.sid,
            kind=_kind(self.room.name),
            created_at=self.room.created_at,
            leg=self.leg,
            has_agent=self.has_agent,
            had_agent=self.had_agent,
            agent_changed_at=self.agent_changed_at or self.room.created_at,
            legless_since=self.legless_since,
            dispatches=self.dispatches,
            is_bridged=self.room.is_bridged,
            legs=self.legs,
            is_current=self.looked_at == now,
        )


class Observer:
    """Remembers rooms from one look to the next; a fresh leader starts with what the server says."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._seen: dict[str, _Seen] = {}

    async def look(self, now: datetime, changed: frozenset[str] = frozenset()) -> tuple[RoomView, ...]:
        """See every room; look into those that are not settled.

        Args:
            now: aware UTC.
            changed: names of rooms that a webhook spoke of.
        Raises: FleetError: the server could not be asked; nothing is forgotten.
        """
        listed = {room.sid: room for room in await self._rooms.list_rooms()}
        self._seen = {sid: self._seen.get(sid) or _Seen(room) for sid, room in listed.items()}
        for sid, seen in self._seen.items():
            seen.room = listed[sid]
        unsettled = [s for s in self._seen.values() if s.room.name in changed or not s.is_settled(now)]
        limit = asyncio.Semaphore(_MAX_LOOKUPS)
        await asyncio.gather(*(self._look_into(seen, now, limit) for seen in unsettled))
        return tuple(seen.view(now) for seen in self._seen.values() if seen.looked_at is not None)

    def dispatched(self, sid: str, now: datetime) -> None:
        """Remember that an agent was asked for."""
        if (seen := self._seen.get(sid)) is not None:
            seen.dispatches += 1
            seen.agent_changed_at = now

    async def _look_into(self, seen: _Seen, now: datetime, limit: asyncio.Semaphore) -> None:
        try:
            async with limit:
                participants = await self._rooms.list_participants(seen.room.name)
        except FleetError as error:
            _log.warning("room.unreadable", room_sid=seen.room.sid, blame=error.blame.value, error=str(error))
            return
        seen.look(participants, now)


def _kind(name: str) -> RoomKind:
    if is_call_room(name):
        return RoomKind.CALL
    return RoomKind.REFUSED if is_refused_room(name) else RoomKind.OTHER
