"""`voicefleet kb why` of an answer that a model shortened: the words said, and the passages they were held against."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from agent.bootstrap.knowledge.why import explain
from agent.domain.codec import encode
from agent.domain.facts import Facts
from agent.domain.passages import Finding, Found, Shortened, Verdict
from agent.domain.questions import Question, Topic
from agent.storage.call_state import open_call
from agent.storage.calls import CallKey, NewCall, Turn, add_turn
from agent.storage.citations import Citation, add_citations
from agent.storage.pool import Pool, tenant_tx
from kb.ingest import ingest
from kb.retrieval import Library
from tests.integration.kb.base import CHILDREN, MODEL, PARKING, CountingEmbedder, source
from tests.integration.shop import stored_shop

LONG = replace(PARKING, text="Behind the house, and it is free. In winter use the street.", spoken="Behind the house.")
SAID = "In winter use the street."


@pytest.fixture(autouse=True)
def _environment(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database)


async def test_the_words_said_stand_beside_the_passages_they_were_held_against(
    pool: Pool, keeper_pool: Pool, capsys: pytest.CaptureFixture[str]
) -> None:
    tenant = await stored_shop(keeper_pool)
    await ingest(keeper_pool, tenant.id, source(LONG, CHILDREN), {MODEL: CountingEmbedder()}, MODEL)
    finding = await Library(pool, tenant.id, {MODEL: CountingEmbedder()}).find("where can I park in winter")
    assert finding is not None
    best, other = finding.passages
    call = await _answered(pool, tenant.id, finding, best)
    capsys.readouterr()
    assert await explain(str(call.id), None, None) == 0
    told = capsys.readouterr().out
    assert f"a model shortened what was found to: {SAID}" in told
    assert f"SHORTENED FROM  visits.md#{best.key}, version 1: {best.title}\n         {LONG.text}\n" in told
    assert f"passed over  visits.md#{other.key}" in told
    assert f"said: {SAID} Anything else?" in told


async def _answered(pool: Pool, tenant_id: UUID, finding: Finding, best: Found) -> CallKey:
    """A call in which the finding was shortened to SAID, and said."""
    key = CallKey(tenant_id, uuid4(), datetime.now(UTC))
    await open_call(pool, NewCall(key, f"room-{key.id}", "+15550100100", None, None, "worker-1"))
    shortened = replace(finding, verdict=Verdict.ACCEPT, shortened=Shortened(SAID, (best.passage_id,)))
    question = Question(Topic.PASSAGE, "where can I park in winter", finding=shortened)
    heard = Turn(0, "caller", key.started_at, question.words, events=[encode(Facts(questions=(question,)))])
    others = [Citation(each.passage_id, 1, each.score, "passed_over") for each in finding.passages if each is not best]
    async with tenant_tx(pool, tenant_id) as connection:
        await add_turn(connection, key, heard)
        await add_turn(connection, key, Turn(1, "agent", key.started_at, f"{SAID} Anything else?"))
        await add_citations(connection, key, 0, [Citation(best.passage_id, 1, best.score, "shortened"), *others])
    return key


async def test_whole_passages_are_read_by_id_and_none_when_the_base_is_away(pool: Pool, keeper_pool: Pool) -> None:
    tenant = await stored_shop(keeper_pool)
    await ingest(keeper_pool, tenant.id, source(LONG, CHILDREN), {MODEL: CountingEmbedder()}, MODEL)
    library = Library(pool, tenant.id, {MODEL: CountingEmbedder()})
    finding = await library.find("where can I park in winter")
    assert finding is not None
    ids = {found.key: found.passage_id for found in finding.passages}
    assert await library.texts([ids["parking"], uuid4()]) == {ids["parking"]: LONG.text}
    await pool.close()
    assert await library.texts([ids["parking"]]) == {}
