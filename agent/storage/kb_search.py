"""Passages that may answer a question: exact vector distance, fused with full-text by reciprocal rank.

Every vector of the tenant is compared: an approximate index that is filtered by tenant loses most of what it should
find, and a tenant's few thousand take milliseconds (docs/adr/0039). A vector is only ever compared with vectors of its
own model.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from agent.storage.pool import Connection

#: Places that count as equal at the top of a ranking: of two rankings the one that is sure of a place decides.
_RANK_OFFSET = 10
#: Of each ranking so many are fused.
_DEPTH = 20
#: Sharpness of the soft maximum over a passage's vectors: one very alike counts more than several a little alike.
_SHARPNESS = 20.0
#: What a place by words is worth beside the same place by meaning.
_WORDS_WEIGHT = 0.2


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may answer.

    Attributes:
        version: of the knowledge base, now.
        likeness: the greatest cosine of its vectors with the question; None when the search was by words alone.
        covered: share of the question's words that it holds, 0 to 1; words in the dictionary's stem.
        words: how many such words the question has.
        fused: its score by reciprocal rank; orders candidates and means nothing else.
    """

    passage_id: UUID
    source_name: str
    key: str
    kind: str
    title: str
    spoken: str
    version: int
    likeness: float | None
    covered: float
    words: int
    fused: float


async def search(
    connection: Connection,
    tenant_id: UUID,
    words: str,
    *,
    model: str | None,
    vector: str | None,
    limit: int = 8,
) -> tuple[Candidate, ...]:
    """The passages likeliest to answer, best first; may be empty.

    Args:
        words: the question.
        model, vector: the question's embedding, as pgvector reads it, and whose it is; both None for words alone.
    """
    rows = await connection.fetch(
        _SEARCH, tenant_id, model, vector, words, _DEPTH, _RANK_OFFSET, _WORDS_WEIGHT, limit, _SHARPNESS
    )
    return tuple(Candidate(**row) for row in rows)


_SEARCH = """
WITH asked AS MATERIALIZED (
    SELECT $3::text::halfvec AS vector, replace(plainto_tsquery('english', $4)::text, '&', '|')::tsquery AS words,
        tsvector_to_array(to_tsvector('english', $4)) AS stems
), near AS MATERIALIZED (
    SELECT passage_id, ln(sum(exp($9 * (likeness - 1)))) AS nearness
    FROM (
        SELECT v.passage_id, -(v.embedding <#> (SELECT vector FROM asked)) AS likeness
        FROM kb_vectors v WHERE v.tenant_id = $1 AND v.model = $2 OFFSET 0  -- each distance once
    ) vectors
    GROUP BY passage_id ORDER BY nearness DESC, passage_id LIMIT $5
), worded AS MATERIALIZED (
    SELECT p.id AS passage_id, ts_rank(p.keywords, asked.words, 1) AS rank
    FROM kb_passages p, asked WHERE p.tenant_id = $1 AND p.until_version IS NULL AND p.keywords @@ asked.words
    ORDER BY rank DESC, p.id LIMIT $5
), ranked AS (
    SELECT passage_id, 1.0 / ($6 + row_number() OVER (ORDER BY nearness DESC, passage_id)) AS worth FROM near
    UNION ALL
    SELECT passage_id, $7 / ($6 + row_number() OVER (ORDER BY rank DESC, passage_id)) FROM worded
), fused AS (
    SELECT passage_id, sum(worth) AS fused FROM ranked GROUP BY passage_id ORDER BY fused DESC, passage_id LIMIT $8
)
SELECT p.id AS passage_id, s.name AS source_name, p.key, p.kind, p.title, p.spoken,
    (SELECT max(version) FROM kb_versions WHERE tenant_id = $1) AS version,
    (SELECT max(-(v.embedding <#> asked.vector)) FROM kb_vectors v
        WHERE v.tenant_id = $1 AND v.model = $2 AND v.passage_id = p.id) AS likeness,
    (SELECT coalesce(avg((stem = ANY (tsvector_to_array(p.keywords)))::int), 0) FROM unnest(asked.stems) stem)::float8
        AS covered,
    cardinality(asked.stems) AS words,
    f.fused::float8 AS fused
FROM fused f CROSS JOIN asked
JOIN kb_passages p ON p.tenant_id = $1 AND p.id = f.passage_id
JOIN kb_sources s ON s.tenant_id = $1 AND s.id = p.source_id
ORDER BY f.fused DESC, p.id
"""
