"""The outbox: what is to be sent, written with what it follows from, drained by the keeper.

A letter is claimed before it is sent and marked afterwards, each in a transaction of its own: a keeper that dies in
between leaves it to be sent again once the claim has run out. A sender therefore sees a letter at least once, and
knows it again by its key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID, uuid4

from agent.storage.pool import Connection

Kind = Literal["sms_confirmation", "sms_link", "message_notice"]
#: Longer than any sender may take; then the letter is anybody's again.
CLAIM_S = 10.0


@dataclass(frozen=True, slots=True)
class Letter:
    """One row, claimed.

    Attributes:
        key: unique in its tenant; the same whenever it is tried.
        payload: what to send and to whom, JSON-compatible; holds personal data.
        attempts: how often it has been claimed, this time included.
    """

    id: UUID
    tenant_id: UUID
    kind: Kind
    key: str
    payload: Mapping[str, Any]
    attempts: int


async def enqueue(connection: Connection, tenant_id: UUID, kind: Kind, key: str, payload: Mapping[str, Any]) -> bool:
    """Put a letter in, due now, in the caller's transaction; False when one with this key is there already."""
    status = await connection.execute(
        """
        INSERT INTO outbox (id, tenant_id, kind, key, payload) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant_id, key) DO NOTHING
        """,
        uuid4(),
        tenant_id,
        kind,
        key,
        dict(payload),
    )
    return status == "INSERT 0 1"


async def claim_due(connection: Connection, *, limit: int = 20) -> Sequence[Letter]:
    """Letters that are due and nobody is sending, oldest first; theirs to send for CLAIM_S seconds.

    Args:
        connection: the keeper's role.
    """
    rows = await connection.fetch(
        """
        WITH due AS (
            SELECT id FROM outbox
            WHERE sent_at IS NULL AND parked_at IS NULL AND due_at <= clock_timestamp()
              AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
            ORDER BY due_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
        )
        UPDATE outbox o SET attempts = o.attempts + 1, claimed_until = clock_timestamp() + make_interval(secs => $2)
        FROM due WHERE o.id = due.id
        RETURNING o.id, o.tenant_id, o.kind, o.key, o.payload, o.attempts
        """,
        limit,
        CLAIM_S,
    )
    return [Letter(**row) for row in rows]


async def mark_sent(connection: Connection, letter: Letter) -> None:
    """It is out."""
    await connection.execute(
        """
        UPDATE outbox SET sent_at = clock_timestamp(), claimed_until = NULL, error = NULL
        WHERE tenant_id = $1 AND id = $2 AND parked_at IS NULL
        """,
        letter.tenant_id,
        letter.id,
    )


async def mark_failed(connection: Connection, letter: Letter, error: str, *, again_in_s: float | None) -> None:
    """It could not be sent; None parks it until somebody has seen to it."""
    await connection.execute(
        """
        UPDATE outbox
        SET error = $3, claimed_until = NULL,
            due_at = clock_timestamp() + make_interval(secs => coalesce($4, 0)),
            parked_at = CASE WHEN $4::double precision IS NULL THEN clock_timestamp() END
        WHERE tenant_id = $1 AND id = $2 AND sent_at IS NULL
        """,
        letter.tenant_id,
        letter.id,
        error,
        again_in_s,
    )
