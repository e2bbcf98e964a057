"""One keeper acts at a time: whoever holds an advisory lock on a database session of its own.

PostgreSQL gives the lock up when the session ends: at once for a killed process, after the keepalives below
for a lost machine. A leader stops acting as soon as its session ends or fails to answer, which is earlier.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from enum import Enum
from typing import TYPE_CHECKING, Any

from agent.domain.errors import FleetError
from agent.runtime.logs import get_logger
from agent.storage.failures import server_address, translated
from agent.storage.pool import Role, connect

if TYPE_CHECKING:
    import asyncpg

    _Session = asyncpg.Connection[asyncpg.Record]

_log = get_logger("agent.keeping.leader")

_LOCK = 0x6B6565706572  # the word "keeper"; any number no other program takes
RETRY_S = 1.0
HEARTBEAT_S = 1.0
HEARTBEAT_DEADLINE_S = 2.0
#: The server notices a leader whose machine vanished after idle + interval x count seconds.
_KEEPALIVES = {"tcp_keepalives_idle": 3, "tcp_keepalives_interval": 1, "tcp_keepalives_count": 2}


#: What a leader does; returns never.
Act = Callable[[], Coroutine[Any, Any, None]]


class Standing(Enum):
    """What this keeper knows about itself."""

    UNKNOWN = "unknown"
    LEADER = "leader"
    STANDBY = "standby"


class Leadership:
    """Competes for the lock for as long as `run` runs."""

    def __init__(self, database_url: str, *, name: str) -> None:
        self._url = database_url
        self._name = name
        self.standing = Standing.UNKNOWN

    async def run(self, act: Act) -> None:
        """Call `act` whenever this keeper becomes the leader; cancel it the moment it no longer is.

        Returns: never; to be cancelled.
        """
        while True:
            try:
                await self._compete(act)
            except FleetError as error:
                _log.warning("leader.database_lost", blame=error.blame.value, error=str(error))
            self.standing = Standing.UNKNOWN
            await asyncio.sleep(RETRY_S)

    async def _compete(self, act: Act) -> None:
        session = await connect(self._url, role=Role.KEEPER, name=f"voicefleet-{self._name}-leader")
        lost = asyncio.Event()
        session.add_termination_listener(lambda _: lost.set())
        try:
            with translated(server_address(self._url)):
                for setting, value in _KEEPALIVES.items():
                    await session.execute(f"SET {setting} = {value}")
                while not await session.fetchval(
                    "SELECT pg_try_advisory_lock($1)", _LOCK, timeout=HEARTBEAT_DEADLINE_S
                ):
                    self.standing = Standing.STANDBY
                    await asyncio.sleep(RETRY_S)
                self.standing = Standing.LEADER
                _log.info("leader.elected", keeper=self._name)
                await self._lead(session, lost, act)
        finally:
            session.terminate()

    async def _lead(self, session: _Session, lost: asyncio.Event, act: Act) -> None:
        acting = asyncio.create_task(act(), name="keeper.leader.act")
        watching = asyncio.create_task(_watch(session, lost), name="keeper.leader.watch")
        try:
            await asyncio.wait((acting, watching), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.standing = Standing.UNKNOWN
            _log.warning("leader.stopped", keeper=self._name)
            for task in (acting, watching):
                task.cancel()
            results = await asyncio.gather(acting, watching, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result


async def _watch(session: _Session, lost: asyncio.Event) -> None:
    """Returns when the session has ended; raises when it no longer answers."""
    while True:
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                await lost.wait()
            return
        except TimeoutError:
            await session.fetchval("SELECT 1", timeout=HEARTBEAT_DEADLINE_S)
