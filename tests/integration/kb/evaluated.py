"""Bases and question sets made by hand, and a model whose vectors can be worked out in the head."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

import numpy as np

from agent.storage.kb_questions import store_set
from agent.storage.pool import Pool, tenant_tx
from kb.embedding import Embedder, FloatArray
from kb.evaluation.question_sets import digest, parse_set
from kb.ingest import ingest
from kb.passages import Passage, PassageKind, Source

MODEL = "words by hand"
AXES = ("parking", "insurance", "refund", "boat", "whitening")


class ByWords:
    """A model: a dimension for each word it knows, and one for whatever else is said."""

    def __init__(self) -> None:
        self.embedded: list[str] = []

    async def embed(self, texts: Sequence[str], *, deadline_s: float) -> FloatArray:
        self.embedded += texts
        rows = [[*(float(axis in text.lower()) for axis in AXES), 0.1] for text in texts]
        vectors = np.array(rows, dtype=np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


async def tell(
    pool: Pool,
    tenant_id: UUID,
    name: str,
    titles: Mapping[str, str],
    *,
    embedder: Embedder | None = None,
    model: str = MODEL,
) -> None:
    """Make a source say this and nothing else: titles by key."""
    passages = tuple(
        Passage(key, PassageKind.FAQ, title, f"This is about {title}.", f"This is about {title}.")
        for key, title in titles.items()
    )
    source = Source(name, hashlib.sha256(repr(passages).encode()).hexdigest(), passages)
    await ingest(pool, tenant_id, source, {model: embedder or ByWords()}, model)


def lines(expected: Mapping[str, Sequence[str]]) -> str:
    """A set as its file has it: what each question expects."""
    return "\n".join(json.dumps({"question": words, "expects": list(names)}) for words, names in expected.items())


async def ask(pool: Pool, tenant_id: UUID, expected: Mapping[str, Sequence[str]]) -> None:
    """Store a set."""
    questions = parse_set(lines(expected), "set")
    async with tenant_tx(pool, tenant_id) as connection:
        await store_set(connection, tenant_id, questions, sha256=digest(questions))


class Meanwhile(ByWords):
    """The same, and while it embeds its first text something else happens."""

    def __init__(self, happening: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._happening = happening

    async def embed(self, texts: Sequence[str], *, deadline_s: float) -> FloatArray:
        if not self.embedded:
            await self._happening()
        return await super().embed(texts, deadline_s=deadline_s)
