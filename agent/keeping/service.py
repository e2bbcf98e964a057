"""The keeper at work: one pass a second, and one at once whenever a webhook says that something changed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from agent.domain.errors import FleetError
from agent.keeping.actions import Executor
from agent.keeping.decide import CallView, Policy, RoomKind, RoomView, Seats, decide, free_seats
from agent.keeping.evaluations import NightlyEvaluations
from agent.keeping.metrics import KeeperMetrics
from agent.keeping.observer import Observer
from agent.keeping.outbox import OutboxDrain, Sender
from agent.keeping.reembedding import Reembedding
from agent.runtime.logs import get_logger
from agent.storage.call_state import active_calls
from agent.storage.cut_off import forget_expired
from agent.storage.holds import expire_stale
from agent.storage.partitions import ensure_partitions
from agent.storage.pool import Pool, fleet_tx
from agent.storage.workers import fleet_seats, forget_silent
from kb.embedders import Embedders
from sip.rooms import Rooms

_log = get_logger("agent.keeping.service")

PASS_INTERVAL_S = 1.0
#: Webhooks come in bursts; one pass serves all that arrive meanwhile.
MIN_PASS_INTERVAL_S = 0.02
HOUSEKEEPING_INTERVAL_S = 3600.0
HOUSEKEEPING_RETRY_S = 60.0
#: What a cut-off caller told lies around for so long after nobody reads it any more.
FORGETTING_INTERVAL_S = 300.0
HOUSEKEEPING_BUDGET_S = 30.0
_MAX_CHANGED = 1000


class Changes:
    """Rooms that webhooks spoke of since the last pass; past a bound only that there are some is kept."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._some = asyncio.Event()

    def add(self, room_name: str) -> None:
        """Have the next pass look into a room, and have it now."""
        if len(self._names) < _MAX_CHANGED:
            self._names.add(room_name)
        self._some.set()

    async def wait(self, timeout_s: float) -> None:
        """Wait until there are some, or for `timeout_s` seconds."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._some.wait()
        except TimeoutError:
            return

    def take(self) -> frozenset[str]:
        """The names, forgotten afterwards."""
        names, self._names = frozenset(self._names), set()
        self._some.clear()
        return names


@dataclass(frozen=True)
class Status:
    """The fleet in three numbers."""

    calls: int
    seats_total: int
    seats_free: int


class Keeper:
    """What the leader does."""

    def __init__(
        self,
        rooms: Rooms,
        pool: Pool,
        metrics: KeeperMetrics,
        *,
        agent_name: str,
        policy: Policy | None = None,
        sender: Sender | None = None,
        evaluations: NightlyEvaluations | None = None,
        embedders: Embedders | None = None,
    ) -> None:
        """
        Args:
            sender: takes what is in the outbox to where it goes; None leaves it there.
            evaluations: of knowledge bases at night; None leaves them to whoever asks for one.
            embedders: by which knowledge bases are embedded anew; None leaves them as they are.
        """
        self._rooms = rooms
        self._pool = pool
        self._metrics = metrics
        self._agent_name = agent_name
        self._policy = policy or Policy()
        self._outbox = None if sender is None else OutboxDrain(pool, sender, metrics)
        self._evaluations = evaluations
        self._reembedding = None if embedders is None else Reembedding(pool, embedders, metrics)
        self.changes = Changes()

    async def act(self) -> None:
        """Keep the fleet until cancelled; nothing goes on afterwards."""
        observer = Observer(self._rooms)
        executor = Executor(self._rooms, self._pool, observer, self._metrics, agent_name=self._agent_name)
        self._metrics.leader.set(1)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._passes(observer, executor), name="keeper.passes")
                group.create_task(self._housekeeping(), name="keeper.housekeeping")
                group.create_task(self._forgetting(), name="keeper.forgetting")
                if self._outbox is not None:
                    group.create_task(self._drain(self._outbox), name="keeper.outbox")
                if self._evaluations is not None:
                    group.create_task(self._evaluate(self._evaluations), name="keeper.evaluations")
                if self._reembedding is not None:
                    group.create_task(self._reembed(self._reembedding), name="keeper.reembedding")
        finally:
            self._metrics.leader.set(0)
            await executor.aclose()

    async def status(self) -> Status:
        """The fleet now, as a standby sees it too.

        Raises: FleetError: the database or LiveKit does not answer.
        """
        seats, calls = await self._stored()
        rooms = await Observer(self._rooms).look(datetime.now(UTC))
        free = free_seats(rooms, seats, datetime.now(UTC), self._policy)
        names = {room.name for room in rooms if room.kind is RoomKind.CALL} | {call.room for call in calls}
        return Status(calls=len(names), seats_total=seats.total, seats_free=free)

    async def _passes(self, observer: Observer, executor: Executor) -> None:
        while True:
            await self._attempt("pass", lambda: self._pass(observer, executor))
            await asyncio.sleep(MIN_PASS_INTERVAL_S)
            await self.changes.wait(PASS_INTERVAL_S)

    async def _pass(self, observer: Observer, executor: Executor) -> None:
        changed = self.changes.take()
        rooms = await observer.look(datetime.now(UTC), changed)
        seats, calls = await self._stored()
        now = datetime.now(UTC)
        self._report(rooms, seats, now)
        executor.start(decide(rooms, calls, seats, now, self._policy))

    async def _stored(self) -> tuple[Seats, tuple[CallView, ...]]:
        async with fleet_tx(self._pool) as connection:
            seats = await fleet_seats(connection)
            calls = await active_calls(connection)
        views = tuple(CallView(call.room, call.key.started_at, call.is_leased) for call in calls)
        return Seats(total=seats.total, busy=seats.busy), views

    async def _drain(self, outbox: OutboxDrain) -> None:
        pause_s = PASS_INTERVAL_S

        async def drain() -> None:
            nonlocal pause_s
            pause_s = await outbox.drain()

        while True:
            if not await self._attempt("outbox", drain):
                pause_s = PASS_INTERVAL_S
            await asyncio.sleep(pause_s)

    async def _evaluate(self, evaluations: NightlyEvaluations) -> None:
        while True:
            pause_s = await evaluations.see_to_next()
            await asyncio.sleep(pause_s)

    async def _reembed(self, reembedding: Reembedding) -> None:
        while True:
            pause_s = await reembedding.see_to_all()
            await asyncio.sleep(pause_s)

    async def _housekeeping(self) -> None:
        while True:
            done = await self._attempt("housekeeping", self._sweep)
            await asyncio.sleep(HOUSEKEEPING_INTERVAL_S if done else HOUSEKEEPING_RETRY_S)

    async def _forgetting(self) -> None:
        async def forget() -> None:
            async with fleet_tx(self._pool) as connection:
                await forget_expired(connection)

        while True:
            await self._attempt("forgetting", forget)
            await asyncio.sleep(FORGETTING_INTERVAL_S)

    async def _sweep(self) -> None:
        async with fleet_tx(self._pool, budget_s=HOUSEKEEPING_BUDGET_S) as connection:
            made = await ensure_partitions(connection, datetime.now(UTC))
        async with fleet_tx(self._pool, budget_s=HOUSEKEEPING_BUDGET_S) as connection:
            expired = await expire_stale(connection)
            forgotten = await forget_silent(connection)
        facts = {"partitions_made": len(made), "holds_expired": expired, "workers_forgotten": forgotten}
        _log.info("housekeeping.done", **facts)

    async def _attempt(self, what: str, work: Callable[[], Awaitable[None]]) -> bool:
        try:
            await work()
        except FleetError as error:
            self._metrics.failures.labels(what, error.blame.value).inc()
            _log.warning("keeper.failed", action=what, blame=error.blame.value, error=str(error))
            return False
        return True

    def _report(self, rooms: tuple[RoomView, ...], seats: Seats, now: datetime) -> None:
        self._metrics.calls.set(sum(1 for room in rooms if room.kind is RoomKind.CALL))
        self._metrics.seats.labels("total").set(seats.total)
        self._metrics.seats.labels("busy").set(seats.busy)
        self._metrics.seats.labels("free").set(free_seats(rooms, seats, now, self._policy))
