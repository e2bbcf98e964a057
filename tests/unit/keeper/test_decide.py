from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.keeping.decide import (
    Action,
    CallView,
    CloseRecord,
    DispatchAgent,
    EndRoom,
    Leg,
    Policy,
    Reason,
    RoomKind,
    RoomView,
    Seats,
    decide,
    free_seats,
)

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
POLICY = Policy()


def _ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def _room(
    sid: str = "a",
    *,
    kind: RoomKind = RoomKind.CALL,
    age_s: float = 0.2,
    leg: Leg = Leg.JOINED,
    agent: bool = False,
    had_agent: bool | None = None,
    agent_changed_s: float | None = None,
    legless_s: float | None = None,
    dispatches: int = 0,
) -> RoomView:
    return RoomView(
        name=f"{kind.value}_{sid}",
        sid=sid,
        kind=kind,
        created_at=_ago(age_s),
        leg=leg,
        has_agent=agent,
        had_agent=agent if had_agent is None else had_agent,
        agent_changed_at=_ago(age_s if agent_changed_s is None else agent_changed_s),
        legless_since=None if legless_s is None else _ago(legless_s),
        dispatches=dispatches,
    )


def _served(sid: str, age_s: float = 60) -> RoomView:
    return _room(sid, age_s=age_s, agent=True)


def _said(rooms: list[RoomView], seats: Seats, calls: list[CallView] | None = None) -> list[str]:
    return [_words(action) for action in decide(rooms, calls or [], seats, NOW, POLICY)]


def _words(action: Action) -> str:
    match action:
        case EndRoom(room, reason):
            return f"end {room.sid}: {reason.value}"
        case DispatchAgent(room):
            return f"dispatch {room.sid}"
        case CloseRecord(name):
            return f"close {name}"


CASES: dict[str, tuple[list[RoomView], Seats, list[str]]] = {
    "a call on an idle fleet is left alone": ([_room()], Seats(2, 0), []),
    "a number nobody owns is refused": (
        [_room(kind=RoomKind.REFUSED)],
        Seats(2, 0),
        ["end a: unknown_number"],
    ),
    "it is not refused while the caller's leg is joining, which would go unnoticed": (
        [_room(kind=RoomKind.REFUSED, leg=Leg.JOINING)],
        Seats(2, 0),
        [],
    ),
    "nor while no leg is listed yet": (
        [_room(kind=RoomKind.REFUSED, leg=Leg.ABSENT, legless_s=0.2)],
        Seats(2, 0),
        [],
    ),
    "a leg that never joins does not keep the room": (
        [_room(kind=RoomKind.REFUSED, leg=Leg.JOINING, age_s=5)],
        Seats(2, 0),
        ["end a: unknown_number"],
    ),
    "a full fleet refuses": ([_served("x"), _served("y"), _room()], Seats(2, 2), ["end a: full"]),
    "a fleet without workers refuses": ([_room()], Seats(0, 0), ["end a: no_workers"]),
    "a call is not refused while its leg is joining": (
        [_served("x"), _room(leg=Leg.JOINING)],
        Seats(1, 1),
        [],
    ),
    "a seat that this very call has taken is not counted against it": (
        [_served("x"), _room()],
        Seats(2, 2),
        [],
    ),
    "two waiting calls do not share the last seat; the older has it": (
        [_served("x"), _room("young", age_s=0.1), _room("old", age_s=0.3)],
        Seats(2, 1),
        ["end young: full"],
    ),
    "nor when the older one's job is accepted already": (
        [_served("x"), _room("young", age_s=0.1), _room("old", age_s=0.3)],
        Seats(2, 2),
        ["end young: full"],
    ),
    "an agent that joined since its worker last renewed counts": (
        [_served("x"), _room("y", agent=True, age_s=1, agent_changed_s=0.5), _room()],
        Seats(2, 1),
        ["end a: full"],
    ),
    "agents of a killed worker hold no seat of the others": (
        [_served("dead1"), _served("dead2"), _served("x"), _room()],
        Seats(2, 1),
        [],
    ),
    "an agent in a room that is no call holds a seat": (
        [_room("o", kind=RoomKind.OTHER, agent=True, age_s=60), _room()],
        Seats(1, 1),
        ["end a: full"],
    ),
    "a caller who hung up while ringing keeps no seat from the next": (
        [_room("gone", leg=Leg.ABSENT, age_s=4, legless_s=1.5), _room()],
        Seats(1, 0),
        [],
    ),
    "no agent for three seconds: one is asked for again": ([_room(age_s=3)], Seats(2, 0), ["dispatch a"]),
    "a worker that took the call and is slow to join is given more time": ([_room(age_s=5.9)], Seats(2, 1), []),
    "but not for ever": ([_room(age_s=6)], Seats(2, 1), ["dispatch a"]),
    "one job taken is not two": (
        [_served("x"), _room("old", age_s=5), _room("young", age_s=4)],
        Seats(4, 2),
        ["dispatch young"],
    ),
    "not before": ([_room(age_s=2.9)], Seats(2, 0), []),
    "nor three seconds after the last time": (
        [_room(age_s=5, agent_changed_s=2.9, dispatches=1)],
        Seats(2, 0),
        [],
    ),
    "after two attempts the caller is refused": (
        [_room(age_s=9, agent_changed_s=3, dispatches=2)],
        Seats(2, 0),
        ["end a: no_agent"],
    ),
    "a caller who lost the agent goes before a new one": (
        [_room("new", age_s=3), _room("lost", age_s=90, had_agent=True, agent_changed_s=3)],
        Seats(1, 0),
        ["end new: full", "dispatch lost"],
    ),
    "a caller who lost the agent is not refused by a full fleet": (
        [_served("x"), _room("lost", age_s=90, had_agent=True, agent_changed_s=3)],
        Seats(1, 1),
        ["dispatch lost"],
    ),
    "nobody is asked for before the caller's leg has joined": (
        [_room(age_s=4, leg=Leg.JOINING)],
        Seats(2, 0),
        [],
    ),
    "a room without a caller is ended": (
        [_room(leg=Leg.ABSENT, age_s=60, agent=True, legless_s=10)],
        Seats(2, 1),
        ["end a: orphan"],
    ),
    "not at once, for its agent may be closing the record": (
        [_room(leg=Leg.ABSENT, age_s=60, agent=True, legless_s=9.9)],
        Seats(2, 1),
        [],
    ),
    "rooms that are no calls are not ours to end": (
        [_room(kind=RoomKind.OTHER, leg=Leg.ABSENT, age_s=600, legless_s=600)],
        Seats(0, 0),
        [],
    ),
}


@pytest.mark.parametrize(("rooms", "seats", "expected"), CASES.values(), ids=CASES.keys())
def test_rooms(rooms: list[RoomView], seats: Seats, expected: list[str]) -> None:
    assert sorted(_said(rooms, seats)) == sorted(expected)


@pytest.mark.parametrize(
    ("age_s", "is_leased", "room", "expected"),
    [
        (10, False, "call_gone", ["close call_gone"]),
        (9.9, False, "call_gone", []),
        (10, True, "call_gone", []),
        (10, False, "call_x", []),
    ],
    ids=["closed", "too young", "its agent lives", "its room is there"],
)
def test_a_record_whose_room_is_gone_and_whose_agent_is_silent_is_closed(
    age_s: float, is_leased: bool, room: str, expected: list[str]
) -> None:
    assert _said([_served("x")], Seats(1, 1), [CallView(room, _ago(age_s), is_leased)]) == expected


def test_free_seats_leave_room_for_calls_that_still_wait() -> None:
    rooms = [_served("x"), _room()]
    assert free_seats(rooms, Seats(4, 1), NOW, POLICY) == 2
    assert free_seats(rooms, Seats(4, 2), NOW, POLICY) == 2
    assert free_seats(rooms, Seats(1, 1), NOW, POLICY) == 0


_VIEWS = st.builds(
    _room,
    kind=st.sampled_from(RoomKind),
    age_s=st.floats(0, 30),
    leg=st.sampled_from(Leg),
    agent=st.booleans(),
    agent_changed_s=st.floats(0, 30),
    legless_s=st.none() | st.floats(0, 30),
    dispatches=st.integers(0, 3),
)


@settings(deadline=None)
@given(st.lists(_VIEWS, max_size=8), st.integers(0, 6), st.integers(0, 6))
def test_no_room_gets_two_actions_and_a_served_caller_is_never_refused(
    views: list[RoomView], total: int, busy: int
) -> None:
    rooms = [
        RoomView(**{name: getattr(view, name) for name in RoomView.__slots__} | {"sid": str(at), "name": str(at)})
        for at, view in enumerate(views)
    ]
    actions = decide(rooms, [], Seats(total, busy), NOW, POLICY)
    touched = [action.room.sid for action in actions if not isinstance(action, CloseRecord)]
    assert len(touched) == len(set(touched))
    for action in actions:
        if isinstance(action, EndRoom) and action.room.has_agent and action.room.kind is RoomKind.CALL:
            assert action.reason is Reason.ORPHAN
        if isinstance(action, EndRoom | DispatchAgent):
            assert action.room.kind is not RoomKind.OTHER
