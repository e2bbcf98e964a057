"""Connections to PostgreSQL: under which role, for which tenant, for how long.

A connection never works as the user it logged in with: it takes one of two roles that the migrations create.
As `voicefleet_app` it sees the one tenant its transaction names, as `voicefleet_keeper` all of them. That
holds for a superuser's login as well, which row-level security would otherwise not bind.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from agent.storage.failures import server_address, translated

# Quoted because the driver's classes take parameters for the type checker only.
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
RawPool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

BUDGET_S = 2.0
CONNECT_TIMEOUT_S = 3.0
#: A connection that a burst opened is closed after this long unused: PostgreSQL's slots are for the whole fleet.
_IDLE_S = 60.0
#: Between us and a server elsewhere, silent connections are forgotten after a few minutes. A PgBouncer between
#: needs `ignore_startup_parameters = tcp_keepalives_idle`.
_KEEPALIVE_S = 60


class Role(Enum):
    """As whom a connection works."""

    APP = "voicefleet_app"
    KEEPER = "voicefleet_keeper"


@dataclass(frozen=True, slots=True)
class Pool:
    """Open connections of one role to one server.

    Attributes:
        raw: the driver's pool; use `tenant_tx` or `fleet_tx` instead.
        role: what every connection in it may see.
        address: host:port or socket folder, for messages; never a password.
    """

    raw: RawPool
    role: Role
    address: str

    async def close(self, *, budget_s: float = 5.0) -> None:
        """Wait for connections in use, then drop whatever is still open after `budget_s` seconds."""
        try:
            async with asyncio.timeout(budget_s):
                await self.raw.close()
        except TimeoutError:
            self.raw.terminate()

    async def __aenter__(self) -> Pool:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def connect(
    url: str, *, role: Role | None, name: str = "voicefleet", timeout_s: float = CONNECT_TIMEOUT_S
) -> asyncpg.Connection[asyncpg.Record]:
    """Open one connection outside any pool: for a session's advisory lock, for LISTEN, for migrations.

    Args:
        url: `postgresql://…`, or a socket by `?host=`.
        role: None stays the login user, as migrations must.
        name: shown in pg_stat_activity.
        timeout_s: seconds to connect; also the longest any later statement may be waited for, unless it says
            otherwise.
    Raises:
        DependencyUnavailable: nobody answers there.
        ConfigError: the server refuses this user, password or database, or has not been migrated.
    """
    address = server_address(url)
    with translated(address):
        async with asyncio.timeout(timeout_s):
            connection = await asyncpg.connect(
                url, timeout=timeout_s, command_timeout=timeout_s, server_settings={"application_name": name}
            )
            await _prepare(connection, role)
    return connection


async def open_pool(
    url: str,
    *,
    role: Role = Role.APP,
    name: str = "voicefleet",
    min_size: int = 1,
    max_size: int = 10,
    connect_timeout_s: float = CONNECT_TIMEOUT_S,
    command_timeout_s: float = 5.0,
) -> Pool:
    """Open a pool, and with it at least one connection, so that a wrong address shows at boot.

    Args:
        url: `postgresql://…`, or a socket by `?host=`.
        role: what the pool's connections may see.
        name: shown in pg_stat_activity.
        min_size: connections opened now; max_size: connections at most, further callers wait for one. When the
            two are equal none is closed for being idle: nobody waits for one to be made.
        connect_timeout_s: seconds for one connection to be made.
        command_timeout_s: seconds for any one statement, ROLLBACK included: the last resort when a server
            hangs.
    Raises:
        DependencyUnavailable: nobody answers there.
        ConfigError: the server refuses this user, password or database, or has not been migrated.
    """

    async def prepare(connection: Connection) -> None:
        await _prepare(connection, role)

    address = server_address(url)
    with translated(address):
        async with asyncio.timeout(connect_timeout_s):
            raw = await asyncpg.create_pool(
                url,
                min_size=min_size,
                max_size=max_size,
                timeout=connect_timeout_s,
                max_inactive_connection_lifetime=0 if min_size == max_size else _IDLE_S,
                command_timeout=command_timeout_s,
                server_settings={"application_name": name, "tcp_keepalives_idle": str(_KEEPALIVE_S)},
                init=prepare,
            )
    return Pool(raw=raw, role=role, address=address)


@asynccontextmanager
async def tenant_tx(pool: Pool, tenant_id: UUID, *, budget_s: float = BUDGET_S) -> AsyncIterator[Connection]:
    """A transaction that sees one tenant: committed when the block ends, rolled back when it raises.

    Args:
        pool: either role; under `Role.APP` row-level security admits only this tenant's rows.
        tenant_id: whose.
        budget_s: seconds for the whole block, the wait for a connection and the commit included. A timeout
            while committing leaves open whether it happened, so whatever is written must bear repeating.
    Raises:
        DeadlineExceeded: `budget_s` spent.
        DependencyUnavailable: the server is gone.
        FleetError: the server refused a statement.
    """
    async with _transaction(pool, str(tenant_id), budget_s) as connection:
        yield connection


@asynccontextmanager
async def fleet_tx(pool: Pool, *, budget_s: float = BUDGET_S) -> AsyncIterator[Connection]:
    """A transaction that names no tenant: the keeper's, or over fleet tables. Raises as `tenant_tx`."""
    async with _transaction(pool, "", budget_s) as connection:
        yield connection


@asynccontextmanager
async def _transaction(pool: Pool, tenant: str, budget_s: float) -> AsyncIterator[Connection]:
    with translated(pool.address):
        async with asyncio.timeout(budget_s), pool.raw.acquire() as connection, connection.transaction():
            await connection.execute(
                "SELECT set_config('app.tenant_id', $1, true), set_config('statement_timeout', $2, true)",
                tenant,
                f"{max(1, round(budget_s * 1000))}ms",
            )
            yield connection


async def _prepare(connection: Connection, role: Role | None) -> None:
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=_encode_json, decoder=json.loads)
    if role is not None:
        # Outlives the RESET ALL by which a pool cleans a returned connection.
        await connection.execute(f"SET ROLE {role.value}")


def _encode_json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
