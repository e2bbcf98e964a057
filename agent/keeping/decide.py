"""The keeper's rules: which rooms to end, where to send an agent again, which call records to close.

Pure. It may be run at any moment, any number of times; what it cannot see now it decides next time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum


class RoomKind(Enum):
    """Why a room exists."""

    CALL = "call"
    REFUSED = "refused"
    OTHER = "other"


class Leg(Enum):
    """The caller's side of a room; JOINED is a leg that has published its track.

    While it is JOINING a deleted room goes mostly unnoticed by livekit-sip and the caller rings on to the
    timeout, so nothing is refused before it has JOINED.
    """

    ABSENT = "absent"
    JOINING = "joining"
    JOINED = "joined"


class Reason(Enum):
    """Why a room is ended; a label of metrics."""

    UNKNOWN_NUMBER = "unknown_number"
    FULL = "full"
    NO_WORKERS = "no_workers"
    NO_AGENT = "no_agent"
    ORPHAN = "orphan"
    BRIDGE_OVER = "bridge_over"


@dataclass(frozen=True, slots=True)
class RoomView:
    """A room as last seen.

    Attributes:
        had_agent: somebody has been serving this caller, who must not be refused any more.
        agent_changed_at: when the agent was first seen, or, without one, since when there is none: creation,
            the last sight of an agent, or the last dispatch of ours, whichever is latest.
        legless_since: since when there is no caller's leg; None while there is one.
        dispatches: how often we have asked for an agent since one was last there.
        is_bridged: the caller was put through to a person: no agent is missing, and the first to leave ends it.
        legs: telephones in the room.
        is_current: it was looked into just now; what is only remembered of it is no ground to do anything to it.
    """

    name: str
    sid: str
    kind: RoomKind
    created_at: datetime
    leg: Leg
    has_agent: bool
    had_agent: bool
    agent_changed_at: datetime
    legless_since: datetime | None
    dispatches: int = 0
    is_bridged: bool = False
    legs: int = 0
    is_current: bool = True


@dataclass(frozen=True, slots=True)
class CallView:
    """A call record that is open; `is_leased` while its agent says that it lives."""

    room: str
    started_at: datetime
    is_leased: bool


@dataclass(frozen=True, slots=True)
class Seats:
    """Seats of the workers alive, and how many of those hold a call by the workers' own count."""

    total: int
    busy: int


@dataclass(frozen=True, slots=True)
class Policy:
    """The keeper's patience.

    Attributes:
        leg_appears_within_s: from a room's creation until its caller's leg is listed.
        leg_joins_within_s: after that a leg that never joined keeps nobody from ending its room.
        agent_joins_within_s: from creation or dispatch until we dispatch again.
        accepted_joins_within_s: the same while a worker seems to have taken the call and is only slow to join; a
            second agent would talk over the first.
        max_dispatches: attempts of ours before the caller is refused.
        renewal_lag_s: a worker's count may not yet hold an agent that joined less long ago.
        orphan_after_s: without a caller's leg, or a record without a room.
    """

    leg_appears_within_s: float = 1.0
    leg_joins_within_s: float = 5.0
    agent_joins_within_s: float = 3.0
    accepted_joins_within_s: float = 6.0
    max_dispatches: int = 2
    renewal_lag_s: float = 1.5
    orphan_after_s: float = 10.0


@dataclass(frozen=True, slots=True)
class EndRoom:
    """Delete the room: 486 for a ringing caller, BYE for a connected one."""

    room: RoomView
    reason: Reason


@dataclass(frozen=True, slots=True)
class DispatchAgent:
    """Ask the fleet once more for an agent."""

    room: RoomView


@dataclass(frozen=True, slots=True)
class CloseRecord:
    """Close the record of a call whose room is gone and whose agent does not."""

    room_name: str


Action = EndRoom | DispatchAgent | CloseRecord


def decide(
    rooms: Iterable[RoomView], calls: Iterable[CallView], seats: Seats, now: datetime, policy: Policy
) -> tuple[Action, ...]:
    """What to do now.

    Args:
        rooms: every room on the server.
        calls: every open call record.
        seats: of workers that renewed in time.
        now: aware UTC, by the clock that the rooms' times come from.
    """
    views = tuple(rooms)
    ends = {view.sid: end for view in views if (end := _end(view, now, policy)) is not None}
    waiting = [v for v in views if _is_waiting(v, now, policy) and v.sid not in ends]
    served = [v for v in views if v.has_agent]
    admitted, refused = _admission(waiting, served, seats, now, policy)
    reason = Reason.FULL if seats.total else Reason.NO_WORKERS
    on_rooms = (
        *ends.values(),
        *(EndRoom(view, reason) for view in refused if _may_refuse(view, now, policy)),
        *_dispatches(admitted, seats.busy - len(served), now, policy),
    )
    current = (action for action in on_rooms if action.room.is_current)
    return (*current, *_forgotten_records(views, calls, now, policy))


def free_seats(rooms: Iterable[RoomView], seats: Seats, now: datetime, policy: Policy) -> int:
    """Seats that neither a served nor a waiting call needs."""
    views = tuple(rooms)
    waiting = sum(1 for v in views if _is_waiting(v, now, policy))
    return max(0, seats.total - _taken([v for v in views if v.has_agent], seats, now, policy) - waiting)


def _end(view: RoomView, now: datetime, policy: Policy) -> EndRoom | None:
    if view.kind is RoomKind.REFUSED:
        return EndRoom(view, Reason.UNKNOWN_NUMBER) if _may_refuse(view, now, policy) else None
    if view.kind is RoomKind.CALL and _is_legless(view, now, policy.orphan_after_s):
        return EndRoom(view, Reason.ORPHAN)
    if view.is_bridged and view.legs < 2:
        return EndRoom(view, Reason.BRIDGE_OVER)
    return None


def _admission(
    waiting: list[RoomView], served: list[RoomView], seats: Seats, now: datetime, policy: Policy
) -> tuple[list[RoomView], list[RoomView]]:
    """Share the seats that no served call holds: first callers who lost their agent, then by age.

    The job of a waiting room may be accepted already and is then in `busy`; subtracting both counts it twice.
    """
    left = seats.total - _taken(served, seats, now, policy)
    queue = sorted(waiting, key=lambda v: (not v.had_agent, v.created_at, v.sid))
    admitted = [view for rank, view in enumerate(queue) if rank < left or view.had_agent]
    refused = [view for rank, view in enumerate(queue) if rank >= left and not view.had_agent]
    return admitted, refused


def _taken(served: list[RoomView], seats: Seats, now: datetime, policy: Policy) -> int:
    """Seats that agents in rooms hold.

    Bounded by the workers' own count, because a killed worker's agents stay listed for up to 20 s; agents
    that joined since the last renewal are added to it.
    """
    fresh = sum(1 for v in served if not _older(v.agent_changed_at, now, policy.renewal_lag_s))
    return min(len(served), seats.busy + fresh)


def _dispatches(
    admitted: list[RoomView], accepted: int, now: datetime, policy: Policy
) -> Iterable[DispatchAgent | EndRoom]:
    """Ask again for those who have waited too long.

    Args:
        accepted: how many calls workers count beyond those whose agent is there; the first in the queue, as far
            as one can tell.
    """
    for rank, view in enumerate(admitted):
        patience_s = policy.accepted_joins_within_s if rank < accepted else policy.agent_joins_within_s
        if view.leg is not Leg.JOINED or not _older(view.agent_changed_at, now, patience_s):
            continue
        if view.dispatches < policy.max_dispatches:
            yield DispatchAgent(view)
        else:
            yield EndRoom(view, Reason.NO_AGENT)


def _forgotten_records(
    rooms: tuple[RoomView, ...], calls: Iterable[CallView], now: datetime, policy: Policy
) -> Iterable[CloseRecord]:
    names = {view.name for view in rooms}
    for call in calls:
        is_old = _older(call.started_at, now, policy.orphan_after_s)
        if is_old and not call.is_leased and call.room not in names:
            yield CloseRecord(call.room)


def _is_waiting(view: RoomView, now: datetime, policy: Policy) -> bool:
    """Whether a caller is there, or about to be, and nobody serves them; one who hung up needs no seat."""
    is_unserved = view.kind is RoomKind.CALL and not view.has_agent and not view.is_bridged
    return is_unserved and not _is_legless(view, now, policy.leg_appears_within_s)


def _is_legless(view: RoomView, now: datetime, seconds: float) -> bool:
    return view.legless_since is not None and _older(view.legless_since, now, seconds)


def _may_refuse(view: RoomView, now: datetime, policy: Policy) -> bool:
    return view.leg is Leg.JOINED or _older(view.created_at, now, policy.leg_joins_within_s)


def _older(at: datetime, now: datetime, seconds: float) -> bool:
    return now - at >= timedelta(seconds=seconds)
