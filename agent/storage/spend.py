"""What calls have cost, as their records tell once they are closed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from agent.storage.pool import Connection


async def model_tokens(connection: Connection, tenant_id: UUID, *, since: datetime) -> int:
    """Tokens that models were paid for in calls which began then or later and are over.

    Args:
        since: aware.
    """
    spent = await connection.fetchval(
        """
        SELECT coalesce(sum((facts ->> 'model_tokens')::bigint), 0) FROM calls
        WHERE tenant_id = $1 AND started_at >= $2 AND facts ? 'model_tokens'
        """,
        tenant_id,
        since,
    )
    return int(spent)
