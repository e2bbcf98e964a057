"""A worker's seats: which calls it takes, and what it tells the fleet about them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field

from livekit.agents import AgentServer, JobRequest
from prometheus_client import Counter

from agent.domain.errors import FleetError
from agent.runtime import logs
from agent.storage import workers
from agent.storage.pool import Pool, fleet_tx

_log = logs.get_logger("agent.worker")
_RENEW_S = 1.0
#: The fleet counts no seats that were renewed longer ago.
_COUNTED_FOR_S = 3.0


@dataclass(slots=True)
class Seats:
    """How many calls this worker may carry, and how many it carries.

    The count is taken before a job is accepted, so two requests in the same instant cannot both get
    the last seat.
    """

    server: AgentServer
    total: int
    refusals: Counter
    accepting: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    registered: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.server.on("worker_registered", lambda *_: self.registered.set())

    @property
    def busy(self) -> int:
        return len(self.server.active_jobs) + self.accepting

    @property
    def offered(self) -> int:
        """Seats the fleet may count on: none but the busy ones while no new call can reach us."""
        return self.total if self.is_connected and not self.server.draining else self.busy

    @property
    def is_connected(self) -> bool:
        """Whether livekit-server can offer us calls now.

        LiveKit reports a registration and never its loss. Its private flag is cleared by a registration
        and set at once when the connection has broken; a peer that vanished without a word breaks it
        after LiveKit's heartbeat of 30 s has gone unanswered.
        """
        return self.registered.is_set() and not self.server._connecting

    async def on_request(self, request: JobRequest) -> None:
        """Accept the call if a seat is free, else leave it to another worker."""
        if self.server.draining or self.busy >= self.total:
            self.refusals.inc()
            _log.info("seat.refused", room=request.room.name, busy=self.busy, seats=self.total)
            # the default, terminate=True, would stop the server from asking anybody else
            await request.reject(terminate=False)
            return
        self.accepting += 1
        self.changed.set()
        try:
            await request.accept(name="receptionist", identity=f"agent-{request.id}")
        finally:
            self.accepting -= 1


class SeatRenewal:
    """Keeps the worker's row in PostgreSQL true."""

    def __init__(self, pool: Pool, worker_id: str, seats: Seats) -> None:
        self._pool = pool
        self._worker_id = worker_id
        self._seats = seats
        self._renewed_at: float | None = None
        self._fault: str | None = None

    def fault(self) -> str | None:
        """Why the fleet may not know of our seats; None when it does."""
        if self._fault is not None or self._renewed_at is None:
            return self._fault or "seats not yet renewed in PostgreSQL"
        age_s = time.monotonic() - self._renewed_at
        return f"seats last renewed {age_s:.0f} s ago" if age_s > _COUNTED_FOR_S else None

    async def run(self) -> None:
        """Renew every second, and at once when a seat is taken, beginning with the registration."""
        await self._seats.registered.wait()
        while True:
            await self._renew()
            self._seats.changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_RENEW_S):
                    await self._seats.changed.wait()

    async def leave(self) -> None:
        """Give the seats up at once instead of letting them lapse; `run` must have ended."""
        try:
            async with fleet_tx(self._pool) as connection:
                await workers.leave(connection, self._worker_id)
        except FleetError as error:
            _log.warning("seats.not_left", error=str(error), blame=error.blame.value)

    async def _renew(self) -> None:
        seats = self._seats
        try:
            async with fleet_tx(self._pool) as connection:
                await workers.renew(connection, self._worker_id, seats=seats.offered, busy=seats.busy)
        except FleetError as error:
            self._fault = str(error)
            _log.warning("seats.not_renewed", error=str(error), blame=error.blame.value)
        else:
            self._fault = None
            self._renewed_at = time.monotonic()
