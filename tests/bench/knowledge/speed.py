"""What a search takes in PostgreSQL, and the whole step on one core; and whether it finds what looking at all would."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import numpy as np

from agent.storage.kb_search import search
from agent.storage.pool import tenant_tx
from kb.deciding import Thresholds, decide
from kb.embedding import LOCAL_MODEL, FloatArray, embedded_texts, written
from kb.passages import Passage
from kb.retrieval import Library
from tests.bench.knowledge.data import Asked, filler
from tests.bench.knowledge.server import Server
from tests.integration.shop import stored_shop

#: Businesses beside the one that is asked, and what each has.
OTHERS, OF_EACH = 200, 50
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of n runs."""

    n: int
    p50: float
    p95: float
    worst: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Times:
        ms = np.array(seconds) * 1000
        return cls(len(ms), float(np.median(ms)), float(np.quantile(ms, 0.95)), float(ms.max()))


async def fill_others(server: Server, vectors: FloatArray) -> None:
    """The tenants that share the tables; their vectors are real sentences', shifted against their words."""
    for number in range(OTHERS):
        await fill(server, OF_EACH, np.roll(vectors, number, axis=0))


async def fill(server: Server, count: int, vectors: FloatArray) -> UUID:
    """A new tenant with so many passages of two vectors each, written past the reader for time."""
    tenant = await stored_shop(server.keeper)
    source, rows, parts = uuid4(), [], []
    for number, passage in enumerate(filler(count)):
        row = uuid4()
        rows.append((row, tenant.id, source, passage.key, passage.title, passage.text, passage.sha256))
        for part, _ in enumerate(_two(passage)):
            parts.append((tenant.id, LOCAL_MODEL, row, part, written(_at(vectors, number, part))))
    async with tenant_tx(server.keeper, tenant.id, budget_s=120) as c:
        await c.execute(
            "INSERT INTO kb_sources (id, tenant_id, name, sha256) VALUES ($1, $2, 'f', '')", source, tenant.id
        )
        await c.execute("INSERT INTO kb_models (tenant_id, model) VALUES ($1, $2)", tenant.id, LOCAL_MODEL)
        await c.execute("INSERT INTO kb_versions (tenant_id, version, source_name, added, kept, retired) "
                        "VALUES ($1, 1, 'f', $2, 0, 0)", tenant.id, count)  # fmt: skip
        await c.executemany(
            """
            INSERT INTO kb_passages (id, tenant_id, source_id, key, kind, title, text, spoken, sha256, since_version,
                                     keywords)
            VALUES ($1, $2, $3, $4, 'faq', $5, $6, $6, $7, 1,
                setweight(to_tsvector('english', $5), 'A') || setweight(to_tsvector('english', $6), 'B'))
            """,
            rows,
        )
        await c.executemany(
            "INSERT INTO kb_vectors (tenant_id, model, passage_id, part, embedding) VALUES ($1, $2, $3, $4, "
            "$5::text::halfvec)",
            parts,
        )
    async with server.keeper.raw.acquire() as connection:
        await connection.execute("RESET ROLE")
        await connection.execute("VACUUM ANALYZE kb_vectors, kb_passages")
    return tenant.id


def _two(passage: Passage) -> tuple[str, ...]:
    return embedded_texts(passage)[:2]


def _at(vectors: FloatArray, number: int, part: int) -> FloatArray:
    """A vector of its own for each part: the sentence's, and one between it and its neighbour."""
    here = vectors[number % len(vectors)]
    turned = here + part * 0.3 * vectors[(number // len(vectors) + number + 1) % len(vectors)]
    found: FloatArray = turned / np.linalg.norm(turned)
    return found


async def in_database(server: Server, tenant_id: UUID, asked: Sequence[tuple[str, str]]) -> Times:
    """The search alone, as one call makes it: its transaction included."""
    took = []
    for words, vector in asked:
        began = time.perf_counter()
        async with tenant_tx(server.app, tenant_id, budget_s=5) as connection:
            await search(connection, tenant_id, words, model=LOCAL_MODEL, vector=vector)
        took.append(time.perf_counter() - began)
    return Times.of(took)


async def whole_step(server: Server, tenant_id: UUID, asked: Sequence[Asked]) -> Times:
    """Embed, search, decide: what a turn waits for, with the model itself and nothing remembered."""
    library = Library(server.app, tenant_id, {LOCAL_MODEL: server.embedder.model})
    took = []
    for each in asked:
        began = time.perf_counter()
        decide(await library.candidates(each.question), Thresholds())
        took.append(time.perf_counter() - began)
    return Times.of(took)


async def recall(server: Server, tenant_id: UUID, asked: Sequence[tuple[str, str]], depth: int = 8) -> float:
    """Of the passages nearest by comparing all vectors outside PostgreSQL, the share that the search has looked at.

    The search fuses meaning with words, so what is compared is its ranking by meaning alone.
    """
    async with tenant_tx(server.app, tenant_id, budget_s=60) as connection:
        rows = await connection.fetch(
            "SELECT passage_id, embedding::text AS embedding FROM kb_vectors WHERE tenant_id = $1", tenant_id
        )
    ids = [row["passage_id"] for row in rows]
    stored = np.array([np.fromstring(row["embedding"].strip("[]"), sep=",") for row in rows], np.float32)
    found = wanted = 0
    for _, vector in asked:
        likeness = stored @ np.fromstring(vector.strip("[]"), sep=",").astype(np.float32)
        nearness: dict[UUID, float] = {}
        for passage_id, value in zip(ids, np.exp(20.0 * (likeness - 1)), strict=True):
            nearness[passage_id] = nearness.get(passage_id, 0.0) + float(value)
        best = sorted(nearness, key=lambda each: -nearness[each])[:depth]
        async with tenant_tx(server.app, tenant_id, budget_s=5) as connection:
            told = await search(connection, tenant_id, "", model=LOCAL_MODEL, vector=vector, limit=depth)
        wanted += depth
        found += len({each.passage_id for each in told} & set(best))
    return found / wanted
