"""`voicefleet kb check` and what `kb add` says at its end: passages that are in each other's way."""

from __future__ import annotations

from uuid import UUID

import pytest

from agent.bootstrap.knowledge.check import findings
from agent.inference.in_process import InProcessEmbedder
from agent.storage.pool import Pool
from kb.ingest import ingest
from kb.reading import read_source
from tests.integration.shop import stored_shop

MODEL = "all-MiniLM-L6-v2"
HOURS = (
    b"# Visits\n\n## Saturday\n\nOn Saturdays we are open until 5 p.m.\n\n## Parking\n\nBehind the house. It is free.\n"
)
OTHER = b"# Elsewhere\n\n## Saturday opening\n\nOn Saturdays we are open until 6 p.m.\n"


@pytest.fixture
async def tenant_id(keeper_pool: Pool) -> UUID:
    return (await stored_shop(keeper_pool)).id


async def test_two_times_for_one_thing_are_quoted_with_their_sources(keeper_pool: Pool, tenant_id: UUID) -> None:
    for name, text in (("visits.md", HOURS), ("elsewhere.md", OTHER)):
        await ingest(keeper_pool, tenant_id, read_source(name, text), {MODEL: InProcessEmbedder()}, MODEL)
    (told,) = await findings(keeper_pool, tenant_id)
    assert told.startswith("one of them is wrong:")
    for quoted in ("visits.md#saturday", "elsewhere.md#saturday-opening", "5 p.m.", "6 p.m."):
        assert quoted in told


async def test_a_base_in_order_and_an_empty_one_have_no_findings(keeper_pool: Pool, tenant_id: UUID) -> None:
    assert await findings(keeper_pool, tenant_id) == []
    await ingest(keeper_pool, tenant_id, read_source("visits.md", HOURS), {MODEL: InProcessEmbedder()}, MODEL)
    assert await findings(keeper_pool, tenant_id) == []
