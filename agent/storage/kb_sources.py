"""A tenant's knowledge base as stored: its sources, and the passages that searches find."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from agent.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A source and how many passages of it are live."""

    name: str
    sha256: str
    read_at: datetime
    passages: int


@dataclass(frozen=True, slots=True)
class ComparedPassage:
    """A passage that searches find.

    Attributes:
        vector: of its title and the beginning of its text, by the model that is searched, as pgvector writes it.
    """

    source_name: str
    key: str
    kind: str
    title: str
    text: str
    spoken: str
    vector: str


async def sources(connection: Connection, tenant_id: UUID) -> tuple[StoredSource, ...]:
    """The tenant's sources by name."""
    rows = await connection.fetch(
        """
        SELECT s.name, s.sha256, s.read_at, count(p.id) AS passages
        FROM kb_sources s
        LEFT JOIN kb_passages p ON p.tenant_id = s.tenant_id AND p.source_id = s.id AND p.until_version IS NULL
        WHERE s.tenant_id = $1 GROUP BY s.id HAVING count(p.id) > 0 ORDER BY s.name
        """,
        tenant_id,
    )
    return tuple(StoredSource(**row) for row in rows)


async def live_digests(connection: Connection, tenant_id: UUID, name: str) -> dict[str, str]:
    """The sha256 of each live passage of a source, by key: what need not be embedded again."""
    rows = await connection.fetch(
        """
        SELECT p.key, p.sha256 FROM kb_passages p
        JOIN kb_sources s ON s.tenant_id = p.tenant_id AND s.id = p.source_id
        WHERE p.tenant_id = $1 AND s.name = $2 AND p.until_version IS NULL
        """,
        tenant_id,
        name,
    )
    return {row["key"]: row["sha256"] for row in rows}


async def compared_passages(connection: Connection, tenant_id: UUID) -> tuple[ComparedPassage, ...]:
    """Every passage that searches find, by source and key."""
    rows = await connection.fetch(
        """
        SELECT s.name AS source_name, p.key, p.kind, p.title, p.text, p.spoken, v.embedding::text AS vector
        FROM kb_passages p
        JOIN kb_sources s ON s.tenant_id = p.tenant_id AND s.id = p.source_id
        JOIN kb_models m ON m.tenant_id = p.tenant_id
        JOIN kb_vectors v ON v.tenant_id = p.tenant_id AND v.model = m.model AND v.passage_id = p.id
            AND v.part = cardinality(p.questions) + 1
        WHERE p.tenant_id = $1 AND p.until_version IS NULL ORDER BY s.name, p.key
        """,
        tenant_id,
    )
    return tuple(ComparedPassage(**row) for row in rows)


async def current_version(connection: Connection, tenant_id: UUID) -> int:
    """The knowledge base's version; 0 when nothing was ever added."""
    version = await connection.fetchval("SELECT max(version) FROM kb_versions WHERE tenant_id = $1", tenant_id)
    return int(version or 0)


async def active_model(connection: Connection, tenant_id: UUID) -> str | None:
    """Which model's vectors are searched; None while the base is empty."""
    model: str | None = await connection.fetchval("SELECT model FROM kb_models WHERE tenant_id = $1", tenant_id)
    return model
