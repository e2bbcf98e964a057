"""The step of a turn that asks the base: one search a question, and a call that goes on without it."""

from __future__ import annotations

from uuid import UUID

import pytest
from structlog.testing import capture_logs

from agent.domain.passages import Verdict
from agent.inference.messages import InferenceUnavailable
from agent.storage.pool import Pool
from kb.ingest import ingest
from kb.retrieval import Library
from tests.integration.kb.base import CHILDREN, MODEL, PARKING, PAYING, CountingEmbedder, source
from tests.integration.shop import stored_shop


@pytest.fixture
async def tenant_id(keeper_pool: Pool) -> UUID:
    tenant = await stored_shop(keeper_pool)
    await ingest(keeper_pool, tenant.id, source(PARKING, PAYING, CHILDREN), {MODEL: CountingEmbedder()}, MODEL)
    return tenant.id


async def test_a_question_is_embedded_and_searched_once_however_often_it_is_proposed(
    pool: Pool, tenant_id: UUID
) -> None:
    embedder = CountingEmbedder()
    library = Library(pool, tenant_id, {MODEL: embedder})
    first = await library.find("where can I park")
    assert await library.find("where can I park") is first
    assert embedder.asked == ["where can I park"]
    assert first is not None
    assert first.passages[0].key == "parking"
    assert first.verdict is Verdict.ACCEPT


async def test_without_its_model_a_base_refuses_nothing_and_is_not_waited_for_again(
    pool: Pool, tenant_id: UUID
) -> None:
    class Away(CountingEmbedder):
        async def embed(self, texts, *, deadline_s):  # type: ignore[no-untyped-def]
            self.asked += texts
            raise InferenceUnavailable("nobody listens")

    away = Away()
    library = Library(pool, tenant_id, {MODEL: away})
    assert await library.find("is there a corner with toys") is None
    assert await library.find("how can I pay") is None
    assert away.asked == ["is there a corner with toys"]
    assert [each.key for each in await library.candidates("a corner with toys")] == ["children"]
    assert await Library(pool, tenant_id, {}).find("is there a corner with toys") is None


async def test_a_base_of_nothing_refuses(pool: Pool, keeper_pool: Pool) -> None:
    empty = await stored_shop(keeper_pool)
    finding = await Library(pool, empty.id, {MODEL: CountingEmbedder()}).find("where can I park")
    assert finding is not None
    assert (finding.verdict, finding.passages) == (Verdict.REFUSE, ())


async def test_a_base_that_cannot_be_asked_is_left_out_for_a_while(database: str, pool: Pool, tenant_id: UUID) -> None:
    await pool.close()
    library = Library(pool, tenant_id, {MODEL: CountingEmbedder()})
    with capture_logs() as logs:
        assert await library.find("where can I park") is None
        assert await library.find("how can I pay") is None
    assert [entry["event"] for entry in logs] == ["knowledge.away"]
    assert library.counts.failures == 1
