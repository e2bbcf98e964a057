"""A tenant's question set: what its knowledge base is to answer, and what it is to refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from agent.storage.kb_evaluations import take_turns
from agent.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class SetQuestion:
    """A question of a set.

    Attributes:
        id: follows from the words and from what they expect.
        expects: passages of which each alone answers it, as "source name#key"; none when it is to be refused.
    """

    id: str
    words: str
    expects: tuple[str, ...]


async def store_set(connection: Connection, tenant_id: UUID, questions: Sequence[SetQuestion], *, sha256: str) -> None:
    """Put a set in the place of the one before, in the caller's transaction; what is in both keeps its vectors.

    Args:
        connection: the keeper's role; the application may not write these tables.
        sha256: of the set; another one is a reason to run it.
    """
    await take_turns(connection, tenant_id)
    await connection.execute(
        """
        INSERT INTO kb_question_sets AS s (tenant_id, sha256) VALUES ($1, $2)
        ON CONFLICT (tenant_id) DO UPDATE SET sha256 = excluded.sha256, stored_at = now()
        WHERE s.sha256 <> excluded.sha256
        """,
        tenant_id,
        sha256,
    )
    await connection.execute(
        "DELETE FROM kb_questions WHERE tenant_id = $1 AND id <> ALL($2::text[])",
        tenant_id,
        [question.id for question in questions],
    )
    await connection.executemany(
        """
        INSERT INTO kb_questions (tenant_id, id, place, question, expects) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant_id, id) DO UPDATE SET place = excluded.place
        """,
        [(tenant_id, each.id, place, each.words, list(each.expects)) for place, each in enumerate(questions)],
    )


async def question_set(connection: Connection, tenant_id: UUID) -> tuple[SetQuestion, ...]:
    """The tenant's questions in their order; none while it has no set."""
    rows = await connection.fetch(
        "SELECT id, question, expects FROM kb_questions WHERE tenant_id = $1 ORDER BY place", tenant_id
    )
    return tuple(SetQuestion(row["id"], row["question"], tuple(row["expects"])) for row in rows)


async def question_vectors(
    connection: Connection, tenant_id: UUID, model: str, question_ids: Sequence[str]
) -> dict[str, str]:
    """The vectors of these questions by a model, as pgvector reads them, by id; without those that have none."""
    rows = await connection.fetch(
        """
        SELECT question_id, embedding::text AS vector FROM kb_question_vectors
        WHERE tenant_id = $1 AND model = $2 AND question_id = ANY($3::text[])
        """,
        tenant_id,
        model,
        list(question_ids),
    )
    return {row["question_id"]: row["vector"] for row in rows}


async def store_question_vectors(
    connection: Connection, tenant_id: UUID, model: str, vectors: Mapping[str, str]
) -> None:
    """Keep vectors by question; those of other models go, and a question that is gone by now has none."""
    await connection.execute(
        "DELETE FROM kb_question_vectors WHERE tenant_id = $1 AND question_id = ANY($2::text[]) AND model <> $3",
        tenant_id,
        list(vectors),
        model,
    )
    await connection.executemany(
        """
        INSERT INTO kb_question_vectors (tenant_id, question_id, model, embedding)
        SELECT $1, q.id, $3, $4::text::halfvec FROM kb_questions q WHERE q.tenant_id = $1 AND q.id = $2
        ON CONFLICT (tenant_id, question_id, model) DO UPDATE SET embedding = excluded.embedding
        """,
        [(tenant_id, question_id, model, vector) for question_id, vector in vectors.items()],
    )
