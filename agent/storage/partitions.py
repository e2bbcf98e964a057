"""Month partitions of `calls` and `turns`, made ahead of time."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from agent.storage.pool import Connection


async def ensure_partitions(connection: Connection, now: datetime, *, months_ahead: int = 3) -> tuple[str, ...]:
    """Make the partitions that are missing; harmless to repeat and to run in several places at once.

    Args:
        connection: of either role, inside a transaction.
        now: aware; the first month is the one (in UTC) it lies in.
        months_ahead: further months, at most 24.
    Returns: names of the tables made.
    """
    made = await connection.fetchval("SELECT ensure_month_partitions($1, $2)", now, months_ahead)
    return tuple(made)


def is_missing_partition(error: asyncpg.PostgresError) -> bool:
    """Whether an INSERT failed for want of its month; a broken CHECK has the same code, and a name."""
    return isinstance(error, asyncpg.CheckViolationError) and error.constraint_name is None
