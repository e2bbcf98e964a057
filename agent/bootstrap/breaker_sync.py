"""Keeps a worker's board and the fleet's breakers alike: one connection that listens, one short transaction a batch.

At a hundred calls this costs each worker one connection and a query every five seconds, and no call anything.
"""

from __future__ import annotations

import asyncio
import contextlib

from agent.bootstrap.breaker_board import Board, is_machines_own
from agent.domain.breaker import Key
from agent.domain.errors import FleetError
from agent.runtime.logs import get_logger
from agent.storage import breakers
from agent.storage.failures import server_address, translated
from agent.storage.pool import Pool, Role, connect, fleet_tx

_log = get_logger("agent.breakers")

#: Successes wait so long to be counted; failures do not.
FLUSH_S = 2.0
#: Told in one transaction: their rule takes a few milliseconds of the event loop.
_BATCH = 200
#: A change whose announcement was lost is known after so long; a connection that died silently is found out.
_READ_S = 5.0
_RETRY_S = 1.0


class BreakerSync:
    """The board's way to PostgreSQL.

    Args:
        pool: of the worker's parent, under either role.
        url: where it leads, for the connection that listens.
        name: of that connection, shown in pg_stat_activity.
    """

    def __init__(self, board: Board, pool: Pool, url: str, name: str) -> None:
        self._board = board
        self._pool = pool
        self._url = url
        self._name = name
        self._urgent = asyncio.Event()
        #: Set while every change anywhere in the fleet reaches the board at once.
        self.is_listening = asyncio.Event()

    def hurry(self) -> None:
        """Store what is pending now."""
        self._urgent.set()

    async def run(self) -> None:
        """Store and listen. Returns: never; to be cancelled, upon which the rest is stored if that goes quickly."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._store_on(), name="breakers.store")
                group.create_task(self._listen_on(), name="breakers.listen")
        finally:
            await self.store(budget_s=0.5)

    async def claim(self, key: Key, idle_s: float | None) -> bool:
        """Take a probe for this worker, if it is due and no other worker has it."""
        if is_machines_own(key):
            return self._board.claim(key, idle_s)
        try:
            async with fleet_tx(self._pool) as connection:
                claimed = await breakers.claim(connection, key, idle_s=idle_s)
        except FleetError as error:
            _log.warning("breakers.claimed_alone", error=str(error), blame=error.blame.value)
            return self._board.claim(key, idle_s)
        if claimed is not None:
            self._board.adopt({key: claimed})
        return claimed is not None

    async def store(self, *, budget_s: float = 2.0) -> None:
        """Store what is pending; what may succeed later stays so. A commit whose answer was lost counts twice."""
        batch = self._board.untold(_BATCH)
        if not batch:
            return
        try:
            async with fleet_tx(self._pool, budget_s=budget_s) as connection:
                now = await breakers.report(connection, batch)
        except FleetError as error:
            if not error.retryable:
                self._board.give_up(len(batch))
            _log.warning("breakers.not_stored", pending=len(self._board.pending), lost=self._board.lost,
                         error=str(error), blame=error.blame.value)  # fmt: skip
        else:
            self._board.stored(len(batch), now)

    async def _store_on(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_S):
                    await self._urgent.wait()
            self._urgent.clear()
            await self.store()

    async def _listen_on(self) -> None:
        while True:
            try:
                await self._listen()
            except FleetError as error:
                _log.warning("breakers.not_heard", error=str(error), blame=error.blame.value)
            await asyncio.sleep(_RETRY_S)

    async def _listen(self) -> None:
        session = await connect(self._url, role=Role.APP, name=self._name)
        heard = asyncio.Event()
        session.add_termination_listener(lambda _: heard.set())
        try:
            with translated(server_address(self._url)):
                await session.add_listener(breakers.CHANNEL, lambda *_: heard.set())
                while True:
                    heard.clear()
                    self._board.read(await breakers.read_all(session))
                    self.is_listening.set()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(_READ_S):
                            await heard.wait()
        finally:
            self.is_listening.clear()
            session.terminate()
