"""A person beside the caller: whatever goes wrong before they are joined, the caller's room is as it was before."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import rtc

from agent.dialogue import consult
from agent.dialogue.consult import Consult
from agent.domain.errors import DeadlineExceeded, DependencyUnavailable, FleetError
from agent.domain.transfers import Transfer, TransferKind, TransferRefusal

WARM = Transfer("transfer-1", TransferKind.WARM, "+15550109400", 20)
MOMENT_S = 0.01


class Server:
    """Keeps what it was asked for, and refuses one request.

    Attributes:
        is_marked: whether a keeper reads that caller and person are joined.
        refuses: the listener whose joining fails; `leaves`: the person does while they are joined.
        left_marked: whether the room was marked when the person was hung up on.
    """

    def __init__(self) -> None:
        self.is_marked = False
        self.loses_answer = False
        self.refuses = ""
        self.left_marked: bool | None = None
        self.on_join: list[Any] = []

    async def dial(self, *_: Any, **__: Any) -> TransferRefusal | None:
        return None

    async def let_hear(self, room: str, listener: str, tracks: Sequence[str], *, is_heard: bool) -> None:
        for happens in self.on_join if is_heard else ():
            happens()
        if is_heard and listener == self.refuses:
            raise DependencyUnavailable("LiveKit does not answer")

    async def mark_bridged(self, room: str, *, is_bridged: bool = True) -> None:
        self.is_marked = is_bridged
        if is_bridged and self.loses_answer:
            raise DeadlineExceeded("LiveKit gave no answer")

    async def hang_up(self, room: str, identity: str) -> None:
        self.left_marked = self.is_marked


class Us:
    """Our side of the room, whose media server may not answer.

    Attributes:
        heard_by_all: whether our line is everybody's.
    """

    def __init__(self) -> None:
        self.track_publications: dict[str, object] = {}
        self.publishes = self.unpublishes = True
        self.heard_by_all = True

    async def publish_track(self, *_: Any) -> Any:
        if not self.publishes:
            await asyncio.Event().wait()
        return SimpleNamespace(sid="briefing")

    async def unpublish_track(self, sid: str) -> None:
        if not self.unpublishes:
            await asyncio.Event().wait()

    def set_track_subscription_permissions(self, *, allow_all_participants: bool, **_: Any) -> None:
        self.heard_by_all = allow_all_participants


class Room(rtc.EventEmitter[str]):
    """A caller, a person and us."""

    name = "call_1"

    def __init__(self) -> None:
        super().__init__()
        self.local_participant = Us()
        self.remote_participants = {
            who: SimpleNamespace(identity=who, track_publications={f"track of {who}": None})
            for who in ("sip_1", "person")
        }

    def isconnected(self) -> bool:
        return True


class Attempt:
    """One attempt to put a caller through."""

    def __init__(self) -> None:
        self.server, self.room = Server(), Room()

    def person_leaves(self) -> None:
        self.room.emit("participant_disconnected", self.room.remote_participants["person"])

    async def held(self) -> TransferRefusal | None:
        nothing = cast(Any, None)
        return await Consult(cast(Any, self.server), cast(Any, self.room), "sip_1", "person", nothing).hold(WARM, "")


async def test_whoever_is_joined_is_left_alone_in_a_marked_room() -> None:
    attempt = Attempt()
    assert await attempt.held() is None
    assert attempt.server.is_marked
    assert attempt.server.left_marked is None


@pytest.mark.parametrize("listener", ["sip_1", "person"])
async def test_a_joining_that_fails_takes_the_mark_back_before_the_person_goes(listener: str) -> None:
    attempt = Attempt()
    attempt.server.refuses = listener
    with pytest.raises(FleetError):
        await attempt.held()
    assert attempt.server.left_marked is False, "a keeper would end the room under the caller"
    assert attempt.room.local_participant.heard_by_all


async def test_a_mark_that_may_have_been_set_is_taken_back_too() -> None:
    attempt = Attempt()
    attempt.server.loses_answer = True
    with pytest.raises(FleetError):
        await attempt.held()
    assert attempt.server.left_marked is False


async def test_a_person_who_leaves_while_they_are_joined_has_not_taken_the_call() -> None:
    attempt = Attempt()
    attempt.server.on_join.append(attempt.person_leaves)
    assert await attempt.held() is TransferRefusal.REFUSED
    assert not attempt.server.is_marked


async def test_a_briefing_that_is_never_published_fails_the_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consult, "_LONGEST_PUBLISH_S", MOMENT_S)
    attempt = Attempt()
    attempt.room.local_participant.publishes = False
    async with asyncio.timeout(5):
        with pytest.raises(DeadlineExceeded):
            await attempt.held()
    assert attempt.room.local_participant.heard_by_all


async def test_a_briefing_that_cannot_be_taken_back_does_not_keep_the_news_from_the_caller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consult, "_LONGEST_PUBLISH_S", MOMENT_S)
    attempt = Attempt()
    attempt.room.local_participant.unpublishes = False
    attempt.server.on_join.append(attempt.person_leaves)
    async with asyncio.timeout(5):
        assert await attempt.held() is TransferRefusal.REFUSED
    assert attempt.room.local_participant.heard_by_all
