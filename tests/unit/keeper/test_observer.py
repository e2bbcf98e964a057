"""What the keeper remembers of a room between two looks, and what it must not do on a memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from agent.domain.errors import DependencyUnavailable
from agent.keeping.decide import Action, CallView, EndRoom, Policy, Reason, Seats, decide
from agent.keeping.observer import Observer
from sip.rooms import Participant, ParticipantKind, Room, Rooms

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
CALLER = Participant("sip_1", ParticipantKind.SIP, is_joined=True)
AGENT = Participant("agent", ParticipantKind.AGENT, is_joined=True)
PERSON = Participant("person_1", ParticipantKind.SIP, is_joined=True)


class Server(Rooms):
    """One room, in which the test moves people; it can be deaf to questions about them."""

    def __init__(self, *people: Participant) -> None:
        self.room = Room("call_1", "RM_1", NOW - timedelta(minutes=5))
        self.people = people
        self.is_deaf = False

    async def list_rooms(self) -> tuple[Room, ...]:
        return (self.room,)

    async def list_participants(self, room: str) -> tuple[Participant, ...]:
        if self.is_deaf:
            raise DependencyUnavailable("the server does not say who is there")
        return self.people

    def bridge(self, *people: Participant) -> None:
        self.room, self.people = replace(self.room, is_bridged=True), people


async def decided(observer: Observer, after_s: float) -> tuple[Action, ...]:
    now = NOW + timedelta(seconds=after_s)
    calls: tuple[CallView, ...] = ()
    return decide(await observer.look(now), calls, Seats(4, 1), now, Policy())


async def test_a_bridge_just_made_lives_though_the_persons_webhooks_were_lost() -> None:
    server = Server(AGENT, CALLER)
    observer = Observer(server)
    assert await decided(observer, 0) == ()
    server.bridge(AGENT, CALLER, PERSON)
    assert await decided(observer, 1) == ()


async def test_a_bridge_just_made_lives_while_the_server_does_not_say_who_is_there() -> None:
    server = Server(AGENT, CALLER)
    observer = Observer(server)
    assert await decided(observer, 0) == ()
    server.bridge(CALLER, PERSON)
    server.is_deaf = True
    assert await decided(observer, 9) == ()


async def test_a_bridge_that_one_has_left_is_ended_at_the_next_look_though_no_webhook_came() -> None:
    server = Server()
    server.bridge(AGENT, CALLER, PERSON)
    observer = Observer(server)
    assert await decided(observer, 0) == ()
    server.bridge(AGENT, CALLER)
    (action,) = await decided(observer, 1)
    assert isinstance(action, EndRoom)
    assert action.reason is Reason.BRIDGE_OVER


async def test_a_room_seen_empty_once_is_not_ended_for_that_while_nobody_can_be_seen() -> None:
    server = Server()
    observer = Observer(server)
    await observer.look(NOW)
    server.people, server.is_deaf = (AGENT, CALLER), True
    assert await decided(observer, 30) == ()
    server.is_deaf = False
    assert await decided(observer, 31) == ()


async def test_no_second_agent_is_sent_while_nobody_can_be_seen() -> None:
    server = Server(CALLER)
    server.room = replace(server.room, created_at=NOW)
    observer = Observer(server)
    assert await decided(observer, 0.1) == ()
    server.people, server.is_deaf = (AGENT, CALLER), True
    assert await decided(observer, 9) == ()
