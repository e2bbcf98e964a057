"""Sources in and out of a base: what is unchanged stays, what is changed is new, what is gone is not found."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from agent.domain.errors import FleetError
from agent.inference.messages import InferenceUnavailable
from agent.storage import kb_sources, kb_storing
from agent.storage.kb_search import Candidate, search
from agent.storage.kb_storing import Changed
from agent.storage.pool import Pool, tenant_tx
from kb.embedding import written
from kb.ingest import ingest
from kb.passages import Source
from tests.integration.kb.base import CHILDREN, MODEL, PARKING, PAYING, CountingEmbedder, source
from tests.integration.shop import stored_shop


@pytest.fixture
async def tenant_id(keeper_pool: Pool) -> UUID:
    return (await stored_shop(keeper_pool)).id


async def put(pool: Pool, tenant_id: UUID, read: Source, embedder: CountingEmbedder | None = None) -> Changed:
    return await ingest(pool, tenant_id, read, {MODEL: embedder or CountingEmbedder()}, MODEL)


async def found(pool: Pool, tenant_id: UUID, question: str, *, model: str | None = MODEL) -> list[Candidate]:
    (vector,) = await CountingEmbedder().embed([question], deadline_s=1)
    async with tenant_tx(pool, tenant_id) as connection:
        by_meaning = written(vector) if model else None
        return list(await search(connection, tenant_id, question, model=model, vector=by_meaning))


async def ids(pool: Pool, tenant_id: UUID) -> dict[str, UUID]:
    async with tenant_tx(pool, tenant_id) as connection:
        rows = await connection.fetch(
            "SELECT key, id FROM kb_passages WHERE tenant_id = $1 AND until_version IS NULL", tenant_id
        )
    return {row["key"]: row["id"] for row in rows}


async def test_what_was_added_is_found_by_meaning_and_by_words(pool: Pool, keeper_pool: Pool, tenant_id: UUID) -> None:
    assert await put(keeper_pool, tenant_id, source(PARKING, PAYING)) == Changed(1, 2, 0, 0)
    best = (await found(pool, tenant_id, "can I park there"))[0]
    assert (best.source_name, best.key, best.version, best.spoken) == ("visits.md", "parking", 1, PARKING.spoken)
    assert best.likeness is not None
    assert best.likeness > 0.9
    by_words = await found(pool, tenant_id, "is it in cash", model=None)
    assert [(each.key, each.likeness) for each in by_words] == [("paying", None)]


async def test_a_word_that_is_covered_counts_by_its_stem(pool: Pool, keeper_pool: Pool, tenant_id: UUID) -> None:
    await put(keeper_pool, tenant_id, source(PARKING, PAYING))
    best = (await found(pool, tenant_id, "parks house zebra"))[0]
    assert best.covered == pytest.approx(2 / 3)


async def test_unchanged_passages_keep_their_id_and_are_not_embedded_again(
    pool: Pool, keeper_pool: Pool, tenant_id: UUID
) -> None:
    await put(keeper_pool, tenant_id, source(PARKING, PAYING))
    before = await ids(pool, tenant_id)
    embedder = CountingEmbedder()
    changed_paying = replace(PAYING, text="By card only.", spoken="By card only.")
    changed = await put(keeper_pool, tenant_id, source(PARKING, changed_paying, CHILDREN, sha256="2"), embedder)
    after = await ids(pool, tenant_id)
    assert changed == Changed(2, 2, 1, 1)
    assert after["parking"] == before["parking"]
    assert after["paying"] != before["paying"]
    assert not [text for text in embedder.asked if "park" in text]
    assert (await found(pool, tenant_id, "how do I pay"))[0].spoken == "By card only."


async def test_the_same_again_changes_nothing(pool: Pool, keeper_pool: Pool, tenant_id: UUID) -> None:
    await put(keeper_pool, tenant_id, source(PARKING))
    before, embedder = await ids(pool, tenant_id), CountingEmbedder()
    assert await put(keeper_pool, tenant_id, source(PARKING), embedder) == Changed(1, 0, 1, 0)
    assert (await ids(pool, tenant_id), embedder.asked) == (before, [])


async def test_what_is_taken_out_is_found_no_more_and_can_come_back(
    pool: Pool, keeper_pool: Pool, tenant_id: UUID
) -> None:
    await put(keeper_pool, tenant_id, source(PARKING, PAYING))
    async with tenant_tx(keeper_pool, tenant_id) as connection:
        assert await kb_storing.remove_source(connection, tenant_id, "visits.md") == Changed(2, 0, 0, 2)
        assert await kb_sources.sources(connection, tenant_id) == ()
        left = await connection.fetchval("SELECT count(*) FROM kb_vectors WHERE tenant_id = $1", tenant_id)
    assert left == 0
    assert await found(pool, tenant_id, "can I park there") == []
    assert await put(keeper_pool, tenant_id, source(PARKING)) == Changed(3, 1, 0, 0)


async def test_a_source_is_stored_whole_or_not_at_all(pool: Pool, keeper_pool: Pool, tenant_id: UUID) -> None:
    class Dying(CountingEmbedder):
        async def embed(self, texts, *, deadline_s):  # type: ignore[no-untyped-def]
            if any("child" in text for text in texts):
                raise InferenceUnavailable("gone")
            return await super().embed(texts, deadline_s=deadline_s)

    many = [replace(PARKING, key=f"parking-{number}", title=f"Where do I park {number}?") for number in range(20)]
    with pytest.raises(FleetError):
        await put(keeper_pool, tenant_id, source(*many, CHILDREN), Dying())
    assert await ids(pool, tenant_id) == {}


async def test_two_who_add_at_once_make_two_versions(pool: Pool, keeper_pool: Pool, tenant_id: UUID) -> None:
    both = await asyncio.gather(
        put(keeper_pool, tenant_id, source(PARKING, name="a.md")),
        put(keeper_pool, tenant_id, source(PAYING, name="b.md")),
    )
    assert sorted(each.version or 0 for each in both) == [1, 2]
    assert set(await ids(pool, tenant_id)) == {"parking", "paying"}


async def test_one_source_stored_by_two_at_once_is_whole_whoever_was_last(
    pool: Pool, keeper_pool: Pool, tenant_id: UUID
) -> None:
    await put(keeper_pool, tenant_id, source(PARKING, PAYING))
    other = replace(PARKING, text="In front of the house.", spoken="In front of the house.")

    class Slow(CountingEmbedder):
        """Somebody else stores another version of what this one takes for unchanged."""

        async def embed(self, texts, *, deadline_s):  # type: ignore[no-untyped-def]
            if not self.asked:
                await put(keeper_pool, tenant_id, source(other, PAYING, sha256="other"))
            return await super().embed(texts, deadline_s=deadline_s)

    await put(keeper_pool, tenant_id, source(PARKING, PAYING, CHILDREN, sha256="mine"), Slow())
    assert set(await ids(pool, tenant_id)) == {"parking", "paying", "children"}
    assert (await found(pool, tenant_id, "can I park there"))[0].spoken == PARKING.spoken


async def test_vectors_of_another_model_are_not_looked_at(pool: Pool, keeper_pool: Pool, tenant_id: UUID) -> None:
    await put(keeper_pool, tenant_id, source(PARKING))
    async with tenant_tx(pool, tenant_id) as connection:
        told = await search(connection, tenant_id, "zebra", model="another", vector="[1,0]")
    assert told == ()


@pytest.mark.parametrize("words", ["", "the of and", "'quoted' & | ! <-> (:*", "a\\b 'c", "x" * 2000])
async def test_no_words_break_the_search(pool: Pool, keeper_pool: Pool, tenant_id: UUID, words: str) -> None:
    await put(keeper_pool, tenant_id, source(PARKING, PAYING))
    assert len(await found(pool, tenant_id, words)) == 2
