"""A business with a knowledge base, a keeper's part that embeds it anew, and models that do something in between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from agent.domain.tenant import Tenant
from agent.keeping.metrics import KeeperMetrics
from agent.keeping.reembedding import Reembedding
from agent.runtime.openai_endpoint import OpenAiEndpoint
from agent.storage import kb_models, kb_sources, kb_storing
from agent.storage.pool import Pool, fleet_tx, tenant_tx
from agent.storage.tenants import apply_tenant
from kb.embedders import Embedders
from kb.embedding import LOCAL_MODEL, Embedder, FloatArray
from kb.ingest import ingest
from kb.passages import Passage, PassageKind, Source, key_of
from kb.remote_embedding import RemoteEmbedder
from kb.retrieval import Library
from loadtest.emulators.embeddings import EmbeddingsEmulator
from loadtest.emulators.gate import serving
from tests.integration.shop import stored_shop

REMOTE = "small"
#: What is asked, in words that a model of word counts finds too, and what is answered.
ANSWERS = {
    "Where can I park?": "There is a yard behind the house.",
    "Do you take credit cards?": "Yes, all of them, and cash.",
    "Is the shop wheelchair accessible?": "Yes, there is a ramp at the side door.",
    "Do you cut children's hair?": "From the age of three.",
    "Can I bring my dog?": "Small dogs are welcome.",
    "How long does a perm take?": "About two hours.",
    "Do you sell gift vouchers?": "At the desk, from twenty dollars.",
    "Do I have to pay a deposit?": "Only for weddings.",
    "Which shampoo do you use?": "One without perfume.",
    "Do you open on holidays?": "On Thanksgiving we are closed.",
}


def source(name: str, answers: Mapping[str, str] = ANSWERS) -> Source:
    passages = tuple(
        Passage(key_of(title), PassageKind.FAQ, title, text, text, ("is there a car park",) * ("park" in title))
        for title, text in answers.items()
    )
    return Source(name, "".join(each.sha256 for each in passages), passages)


@dataclass
class Interrupted:
    """An embedder that does something once, when it has embedded for the n-th time and nobody has the vectors yet."""

    embedder: Embedder
    work: Callable[[], Awaitable[object]]
    at: int = 1
    asked: list[str] = field(default_factory=list)

    async def embed(self, texts: Sequence[str], *, deadline_s: float) -> FloatArray:
        vectors = await self.embedder.embed(texts, deadline_s=deadline_s)
        self.asked += texts
        self.at -= 1
        if self.at == 0:
            await self.work()
        return vectors


@dataclass
class Shelf:
    """One business's base.

    Attributes:
        pool: the keeper's role.
        local, remote: its models.
    """

    pool: Pool
    tenant: Tenant
    emulator: EmbeddingsEmulator
    local: Embedder
    remote: Embedder

    def embedders(
        self, wanted: str = REMOTE, *, local: Embedder | None = None, remote: Embedder | None = None
    ) -> Embedders:
        outside = remote or self.remote
        return Embedders(wanted, local=local or self.local, remote=lambda _model, _dimensions: outside)

    def keeper(self, wanted: str = REMOTE, *, remote: Embedder | None = None) -> Reembedding:
        return Reembedding(self.pool, self.embedders(wanted, remote=remote), KeeperMetrics())

    def library(self, pool: Pool, embedders: Embedders | None = None) -> Library:
        """A call's, which believes the model's name for a minute; with patience, for it is to be seen what is found."""
        return Library(pool, self.tenant.id, embedders or self.embedders(), search_s=30.0, remote_s=30.0)

    async def add(self, added: Source, embedders: Embedders | None = None) -> kb_storing.Changed:
        """By the model the base has; the local one when it has none."""
        return await ingest(self.pool, self.tenant.id, added, embedders or self.embedders(), LOCAL_MODEL)

    async def remove(self, name: str) -> None:
        async with tenant_tx(self.pool, self.tenant.id) as connection:
            await kb_storing.remove_source(connection, self.tenant.id, name)

    async def model(self) -> str | None:
        async with tenant_tx(self.pool, self.tenant.id) as connection:
            return await kb_sources.active_model(connection, self.tenant.id)

    async def introduced(self) -> dict[str, int]:
        async with tenant_tx(self.pool, self.tenant.id) as connection:
            return {each.model: each.passages for each in await kb_models.introduced(connection, self.tenant.id)}

    async def vectors(self) -> dict[str, int]:
        """How many there are, by model."""
        async with tenant_tx(self.pool, self.tenant.id) as connection:
            rows = await connection.fetch(
                "SELECT model, count(*) AS vectors FROM kb_vectors WHERE tenant_id = $1 GROUP BY model", self.tenant.id
            )
        return {row["model"]: row["vectors"] for row in rows}

    async def clear(self) -> None:
        """So that no other test's keeper finds anything to do here."""
        async with tenant_tx(self.pool, self.tenant.id) as connection:
            for table in ("kb_vectors", "kb_models"):
                await connection.execute(f"DELETE FROM {table} WHERE tenant_id = $1", self.tenant.id)

    async def become_private(self) -> None:
        async with fleet_tx(self.pool) as connection:
            await apply_tenant(
                connection, self.tenant.id, slug=self.tenant.slug, config={"is_private": True},
                numbers=self.tenant.numbers, staff={person.id: person.name for person in self.tenant.staff},
            )  # fmt: skip


@asynccontextmanager
async def shelf_of(pool: Pool, local: Embedder) -> AsyncIterator[Shelf]:
    """A business whose base holds nothing, and whose endpoint's vectors have another length than the local ones."""
    emulator = EmbeddingsEmulator(dimensions=128)
    async with serving(emulator) as url:
        endpoint = OpenAiEndpoint(url, None, what="embedding")
        try:
            shelf = Shelf(pool, await stored_shop(pool), emulator, local, RemoteEmbedder(endpoint, REMOTE))
            yield shelf
            await shelf.clear()
        finally:
            await endpoint.aclose()
