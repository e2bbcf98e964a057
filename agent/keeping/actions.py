"""Carries the keeper's decisions out: side by side, bounded, each once at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime

from agent.domain.errors import Blame, FleetError
from agent.keeping.decide import Action, CloseRecord, DispatchAgent, EndRoom, Reason
from agent.keeping.left_behind import left_by
from agent.keeping.metrics import KeeperMetrics
from agent.keeping.observer import Observer
from agent.runtime.logs import get_logger
from agent.runtime.tasks import TaskSet
from agent.storage.call_state import active_calls
from agent.storage.calls import ClosedCall, close_call
from agent.storage.cut_off import keep
from agent.storage.pool import Pool, fleet_tx
from sip.rooms import Rooms

_log = get_logger("agent.keeping.actions")

_AT_ONCE = 16
#: The server lists a deleted room a moment longer; what was done is not done again before this.
_REST_S = 3.0
_RETRY_S = 0.5


class Executor:
    """Runs actions in the background, so that a slow server call does not hold up the next refusal."""

    def __init__(
        self, rooms: Rooms, pool: Pool, observer: Observer, metrics: KeeperMetrics, *, agent_name: str
    ) -> None:
        self._rooms = rooms
        self._pool = pool
        self._observer = observer
        self._metrics = metrics
        self._agent_name = agent_name
        self._tasks = TaskSet("keeper")
        self._not_before: dict[str, float] = {}
        self._running: set[str] = set()

    def start(self, actions: Iterable[Action]) -> None:
        """Begin what is not under way yet; what finds no place now will be decided again."""
        now_s = asyncio.get_running_loop().time()
        self._not_before = {key: at for key, at in self._not_before.items() if at > now_s}
        for action in actions:
            key = _key(action)
            if key in self._running or key in self._not_before or len(self._running) >= _AT_ONCE:
                continue
            self._running.add(key)
            self._tasks.start(self._carry_out(action, key), name=f"action.{type(action).__name__}")

    async def aclose(self) -> None:
        """Cancel what runs."""
        await self._tasks.aclose()

    async def _carry_out(self, action: Action, key: str) -> None:
        rest_s = _RETRY_S
        try:
            match action:
                case EndRoom():
                    await self._end_room(action)
                case DispatchAgent():
                    await self._dispatch(action)
                case CloseRecord():
                    await self._close_record(action.room_name, "the room is gone and the agent silent")
                    self._metrics.orphans_ended.inc()
            rest_s = 0.0 if isinstance(action, DispatchAgent) else _REST_S
        except FleetError as error:
            name = type(action).__name__
            self._metrics.failures.labels(name, error.blame.value).inc()
            _log.warning("keeper.action_failed", action=name, blame=error.blame.value, error=str(error))
        finally:
            self._running.discard(key)
            self._not_before[key] = asyncio.get_running_loop().time() + rest_s

    async def _end_room(self, action: EndRoom) -> None:
        view, reason = action.room, action.reason
        was_there = await self._rooms.delete_room(view.name)
        _log.info("room.ended", room_sid=view.sid, reason=reason.value, was_there=was_there)
        if was_there and reason is Reason.ORPHAN:
            self._metrics.orphans_ended.inc()
        elif was_there and reason is not Reason.BRIDGE_OVER:
            self._metrics.rooms_refused.labels(reason.value).inc()
        if view.had_agent:
            await self._close_record(view.name, reason.value)

    async def _dispatch(self, action: DispatchAgent) -> None:
        self._observer.dispatched(action.room.sid, datetime.now(UTC))
        await self._rooms.create_dispatch(action.room.name, self._agent_name)
        self._metrics.redispatched.inc()
        _log.warning("agent.redispatched", room_sid=action.room.sid, attempt=action.room.dispatches + 1)

    async def _close_record(self, room_name: str, why: str) -> None:
        """Close the record of the call in a room if one is open; the first to close it is believed."""
        async with fleet_tx(self._pool) as connection:
            for call in await active_calls(connection):
                if call.room != room_name:
                    continue
                facts = {"closed_by": "keeper", "why": why}
                end = ClosedCall(datetime.now(UTC), Blame.SERVER, None, "fleet", facts)
                left = await left_by(connection, call.key)
                if await close_call(connection, call.key, end):
                    if left is not None:
                        await keep(connection, call.key.tenant_id, left)
                    _log.warning("call.closed_by_keeper", call_id=str(call.key.id), why=why)


def _key(action: Action) -> str:
    if isinstance(action, CloseRecord):
        return f"record:{action.room_name}"
    return action.room.sid
