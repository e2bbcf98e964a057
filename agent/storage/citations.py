"""From a turn to the passages behind its reply, and the questions that had none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from agent.storage.calls import CallKey
from agent.storage.pool import Connection

Used = Literal["spoken", "shortened", "asked_about", "passed_over"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage that a turn found.

    Attributes:
        version: of the knowledge base it was found in.
        score: that it answers, 0 to 1, as it was decided by.
        used: what became of it.
    """

    passage_id: UUID
    version: int
    score: float
    used: Used


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation with what it cites, as it was then.

    Attributes:
        seq: of the caller's turn in the call.
        is_live: whether the passage still stands so today.
    """

    seq: int
    citation: Citation
    source_name: str
    key: str
    title: str
    text: str
    spoken: str
    is_live: bool


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question nobody could answer."""

    words: str
    asked_at: datetime
    call_id: UUID


async def add_citations(connection: Connection, key: CallKey, seq: int, citations: Sequence[Citation]) -> None:
    """Keep what a caller's turn found, in order; repeating it changes nothing."""
    await connection.executemany(
        """
        INSERT INTO citations (tenant_id, started_at, call_id, seq, place, passage_id, version, score, used)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING
        """,
        [
            (key.tenant_id, key.started_at, key.id, seq, place, each.passage_id, each.version, each.score, each.used)
            for place, each in enumerate(citations)
        ],
    )


async def citations_of(connection: Connection, key: CallKey) -> tuple[Cited, ...]:
    """What the call's turns found, in order."""
    rows = await connection.fetch(
        """
        SELECT c.seq, c.passage_id, c.version, c.score, c.used, s.name, p.key, p.title, p.text, p.spoken,
            p.until_version IS NULL AS is_live
        FROM citations c
        JOIN kb_passages p ON p.tenant_id = c.tenant_id AND p.id = c.passage_id
        JOIN kb_sources s ON s.tenant_id = p.tenant_id AND s.id = p.source_id
        WHERE c.tenant_id = $1 AND c.started_at = $2 AND c.call_id = $3 ORDER BY c.seq, c.place
        """,
        key.tenant_id,
        key.started_at,
        key.id,
    )
    return tuple(
        Cited(
            row["seq"], Citation(row["passage_id"], row["version"], row["score"], row["used"]), row["name"],
            row["key"], row["title"], row["text"], row["spoken"], row["is_live"],
        )
        for row in rows
    )  # fmt: skip


async def add_unanswered(connection: Connection, key: CallKey, words: Sequence[str]) -> None:
    """Keep the questions of a call that had no answer, all so far in their order; repeating it changes nothing."""
    await connection.executemany(
        """
        INSERT INTO unanswered (id, tenant_id, call_id, place, words) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant_id, call_id, place) DO NOTHING
        """,
        [(uuid4(), key.tenant_id, key.id, place, each) for place, each in enumerate(words)],
    )


async def unanswered(
    connection: Connection, tenant_id: UUID, *, since: datetime, limit: int = 1000
) -> Sequence[Unanswered]:
    """Questions nobody could answer since then, the newest first."""
    rows = await connection.fetch(
        """
        SELECT words, asked_at, call_id FROM unanswered
        WHERE tenant_id = $1 AND asked_at >= $2 ORDER BY asked_at DESC, place LIMIT $3
        """,
        tenant_id,
        since,
        limit,
    )
    return [Unanswered(**row) for row in rows]
