"""PostgreSQL as whoever judges a call asks it: plain SQL over every tenant, with none of the fleet's code."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg

_DEADLINE_S = 10.0
#: A call's record is closed, and what it held given back, within seconds of its end.
_PATIENCE_S = 20.0
_LOOK_EVERY_S = 0.5


async def fetch(database_url: str, statement: str, *arguments: object) -> list[dict[str, Any]]:
    """Rows of one statement.

    Raises:
        OSError, TimeoutError, asyncpg.PostgresError: it cannot be asked.
    """
    async with asyncio.timeout(_DEADLINE_S):
        connection = await asyncpg.connect(database_url)
        try:
            # A login of the user's own sees no tenant's rows; this role, which the migrations make, sees all.
            await connection.execute("SET ROLE voicefleet_keeper")
            return [dict(row) for row in await connection.fetch(statement, *arguments)]
        finally:
            await connection.close()


async def settled(
    database_url: str, statement: str, *arguments: object, is_settled: Callable[[dict[str, Any]], bool]
) -> dict[str, Any] | None:
    """The first row of a statement once it is settled, or as it is when patience is at an end; None without one.

    Raises: as `fetch`.
    """
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + _PATIENCE_S
    while True:
        rows = await fetch(database_url, statement, *arguments)
        if (rows and is_settled(rows[0])) or loop.time() > give_up_at:
            return rows[0] if rows else None
        await asyncio.sleep(_LOOK_EVERY_S)
