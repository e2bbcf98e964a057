"""By which model's vectors a tenant's knowledge base is searched, and how another takes its place.

The vectors of the new model are added beside those of the old one, passage by passage, while every search goes on with
the old. Once no live passage lacks them the base is switched over, in one transaction that nobody who changes the base
can come between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from agent.storage.kb_storing import take_turns
from agent.storage.pool import Connection

#: Instead of the pool's bound on a statement: some hundred thousand vectors may go at once.
_FORGET_S = 25.0


@dataclass(frozen=True, slots=True)
class Base:
    """A tenant's knowledge base and its model; `is_private` as the tenant's document says."""

    tenant_id: UUID
    model: str
    is_private: bool


@dataclass(frozen=True, slots=True)
class LivePassage:
    """What of a passage is embedded."""

    id: UUID
    title: str
    questions: Sequence[str]
    text: str


@dataclass(frozen=True, slots=True)
class Introduced:
    """How many live passages have vectors of a model."""

    model: str
    passages: int


async def bases(connection: Connection) -> tuple[Base, ...]:
    """Every tenant's base that is not empty."""
    rows = await connection.fetch(
        """
        SELECT m.tenant_id, m.model, coalesce(t.config -> 'is_private' = 'true', false) AS is_private
        FROM kb_models m JOIN tenants t ON t.id = m.tenant_id ORDER BY m.tenant_id
        """
    )
    return tuple(Base(**row) for row in rows)


async def lacking(connection: Connection, tenant_id: UUID, model: str, *, limit: int) -> tuple[LivePassage, ...]:
    """Live passages without vectors of a model, at most `limit`."""
    rows = await connection.fetch(
        """
        SELECT p.id, p.title, p.questions, p.text FROM kb_passages p
        WHERE p.tenant_id = $1 AND p.until_version IS NULL AND NOT EXISTS (
            SELECT FROM kb_vectors v WHERE v.tenant_id = $1 AND v.model = $2 AND v.passage_id = p.id)
        LIMIT $3
        """,
        tenant_id,
        model,
        limit,
    )
    return tuple(LivePassage(**row) for row in rows)


async def add_vectors(
    connection: Connection, tenant_id: UUID, model: str, vectors: Mapping[UUID, Sequence[str]]
) -> None:
    """Store a model's vectors, as pgvector reads them, by passage; of one that was retired meanwhile none is kept.

    Args:
        connection: the keeper's role.
    """
    await take_turns(connection, tenant_id)
    await connection.executemany(
        """
        INSERT INTO kb_vectors (tenant_id, model, passage_id, part, embedding)
        SELECT $1, $2, p.id, $4, $5::text::halfvec FROM kb_passages p
        WHERE p.tenant_id = $1 AND p.id = $3 AND p.until_version IS NULL
        ON CONFLICT DO NOTHING
        """,
        [
            (tenant_id, model, passage_id, part, vector)
            for passage_id, parts in vectors.items()
            for part, vector in enumerate(parts)
        ],
    )


async def is_alone(connection: Connection, tenant_id: UUID, model: str) -> bool:
    """Whether the base is searched by this model and holds no other's vectors."""
    is_so: bool = await connection.fetchval(
        """
        SELECT EXISTS (SELECT FROM kb_models WHERE tenant_id = $1 AND model = $2)
            AND NOT EXISTS (SELECT FROM kb_vectors WHERE tenant_id = $1 AND model < $2)
            AND NOT EXISTS (SELECT FROM kb_vectors WHERE tenant_id = $1 AND model > $2)
        """,
        tenant_id,
        model,
    )
    return is_so


async def switch_to(connection: Connection, tenant_id: UUID, model: str) -> bool:
    """Search the base by this model from the end of the transaction on, and forget every other model's vectors.

    Args:
        connection: the keeper's role.
    Returns: False, and nothing is changed, when a live passage lacks its vectors.
    """
    await take_turns(connection, tenant_id)
    if await lacking(connection, tenant_id, model, limit=1):
        return False
    await connection.execute(
        "UPDATE kb_models SET model = $2, since = now() WHERE tenant_id = $1 AND model <> $2", tenant_id, model
    )
    await connection.execute(
        "DELETE FROM kb_vectors WHERE tenant_id = $1 AND model <> $2", tenant_id, model, timeout=_FORGET_S
    )
    return True


async def introduced(connection: Connection, tenant_id: UUID) -> tuple[Introduced, ...]:
    """Models other than the one that is searched, and how far each has come."""
    rows = await connection.fetch(
        """
        SELECT v.model, count(DISTINCT v.passage_id) AS passages FROM kb_vectors v
        WHERE v.tenant_id = $1 AND v.model <> (SELECT model FROM kb_models WHERE tenant_id = $1)
        GROUP BY v.model ORDER BY v.model
        """,
        tenant_id,
    )
    return tuple(Introduced(**row) for row in rows)
