"""Passages as they were written, of which only the beginning may be spoken."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from agent.storage.pool import Connection


async def texts_of(connection: Connection, tenant_id: UUID, passage_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Whole texts by passage, retired ones too; an id of nobody's is left out."""
    rows = await connection.fetch(
        "SELECT id, text FROM kb_passages WHERE tenant_id = $1 AND id = ANY ($2::uuid[])", tenant_id, list(passage_ids)
    )
    return {row["id"]: row["text"] for row in rows}
