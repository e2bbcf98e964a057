"""PostgreSQL as whoever judges a call asks it: plain SQL over every tenant, with none of the fleet's code."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

_DEADLINE_S = 10.0


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
