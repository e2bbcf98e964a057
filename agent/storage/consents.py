"""Consents: to what a caller agreed, when, asked how and in which words."""

from __future__ import annotations

from uuid import UUID, uuid4

from agent.storage.pool import Connection


async def agrees_to_texts(connection: Connection, tenant_id: UUID, phone: str) -> bool:
    """Whether this number may be texted by this tenant. `phone` is E.164."""
    agrees: bool = await connection.fetchval(
        """
        SELECT EXISTS (SELECT FROM consents
            WHERE tenant_id = $1 AND purpose = 'sms' AND phone = $2 AND withdrawn_at IS NULL)
        """,
        tenant_id,
        phone,
    )
    return agrees


async def agree_to_texts(
    connection: Connection, tenant_id: UUID, call_id: UUID, phone: str, *, asked: str, words: str
) -> None:
    """Keep a consent; one that stands already is left as it was given.

    Args:
        asked: key of the prompt that was answered; `words`: the answer.
    """
    await connection.execute(
        """
        INSERT INTO consents (id, tenant_id, purpose, phone, asked, words, call_id)
        VALUES ($1, $2, 'sms', $3, $4, $5, $6)
        ON CONFLICT (tenant_id, purpose, phone) WHERE withdrawn_at IS NULL DO NOTHING
        """,
        uuid4(),
        tenant_id,
        phone,
        asked,
        words,
        call_id,
    )
