"""A question set run against a real base: what is stored, what is compared, and what disturbs a run."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from agent.storage import kb_evaluations, kb_questions, kb_storing
from agent.storage.pool import Pool, tenant_tx
from kb.deciding import Thresholds
from kb.embedding import Embedder
from kb.evaluation.keeping import Kept, keep, keep_if_next
from kb.evaluation.running import BaseChanged, NothingToRun, Run, run_set
from kb.evaluation.vectors import NotEmbedded
from tests.integration.kb.evaluated import MODEL, ByWords, Meanwhile, ask, tell
from tests.integration.shop import stored_shop

AT = datetime(2026, 3, 2, tzinfo=UTC)
SET = {"parking": ["faq.md#parking"], "insurance": ["faq.md#insurance"], "my television": []}
FAQ = {"parking": "Parking", "insurance": "Insurance"}


@pytest.fixture
async def tenant_id(keeper_pool: Pool) -> UUID:
    return (await stored_shop(keeper_pool)).id


async def told(pool: Pool, tenant_id: UUID) -> None:
    await tell(pool, tenant_id, "shop/faq.md", FAQ)
    await ask(pool, tenant_id, SET)


async def run(pool: Pool, tenant_id: UUID, embedder: Embedder | None, *, is_timed: bool = False) -> Run:
    embedders = {} if embedder is None else {MODEL: embedder}
    return await run_set(pool, tenant_id, Thresholds(), embedders, at=AT, is_timed=is_timed)


async def kept(pool: Pool, tenant_id: UUID) -> Kept:
    return await keep(pool, tenant_id, await run(pool, tenant_id, ByWords()))


async def test_a_run_needs_no_model_once_its_questions_are_embedded(keeper_pool: Pool, tenant_id: UUID) -> None:
    await told(keeper_pool, tenant_id)
    with pytest.raises(NotEmbedded, match=MODEL):
        await run(keeper_pool, tenant_id, None)
    embedder = ByWords()
    timed = await run(keeper_pool, tenant_id, embedder, is_timed=True)
    assert embedder.embedded == list(SET)
    stored = await run(keeper_pool, tenant_id, None)
    assert stored.outcomes == timed.outcomes
    assert [outcome.result.value for outcome in stored.outcomes] == ["right"] * 3
    assert timed.figures.step is not None
    assert stored.figures.step is None


async def test_only_questions_without_a_vector_are_embedded_and_a_new_set_keeps_those_of_the_old(
    keeper_pool: Pool, tenant_id: UUID
) -> None:
    await told(keeper_pool, tenant_id)
    await run(keeper_pool, tenant_id, ByWords())
    await ask(keeper_pool, tenant_id, {"a refund": [], **SET})
    embedder = ByWords()
    again = await run(keeper_pool, tenant_id, embedder)
    assert embedder.embedded == ["a refund"]
    assert [question.words for question in again.questions] == ["a refund", *SET]


async def test_another_model_in_the_old_ones_place_has_the_questions_embedded_anew(
    keeper_pool: Pool, tenant_id: UUID
) -> None:
    await told(keeper_pool, tenant_id)
    await run(keeper_pool, tenant_id, ByWords())
    async with tenant_tx(keeper_pool, tenant_id) as connection:
        await connection.execute("UPDATE kb_vectors SET model = 'another' WHERE tenant_id = $1", tenant_id)
        await connection.execute("UPDATE kb_models SET model = 'another' WHERE tenant_id = $1", tenant_id)
    with pytest.raises(NotEmbedded, match="another"):
        await run(keeper_pool, tenant_id, ByWords())
    embedders = {"another": ByWords()}
    await run_set(keeper_pool, tenant_id, Thresholds(), embedders, at=AT, is_timed=False)
    assert embedders["another"].embedded == list(SET)
    async with tenant_tx(keeper_pool, tenant_id) as connection:
        ids = [question.id for question in await kb_questions.question_set(connection, tenant_id)]
        assert not await kb_questions.question_vectors(connection, tenant_id, MODEL, ids)
        assert set(await kb_questions.question_vectors(connection, tenant_id, "another", ids)) == set(ids)


async def test_a_run_during_which_the_base_or_the_set_changes_is_none(keeper_pool: Pool, tenant_id: UUID) -> None:
    await told(keeper_pool, tenant_id)

    async def add() -> None:
        await tell(keeper_pool, tenant_id, "shop/new.md", {"boat": "Boat"})

    async def replace_set() -> None:
        await ask(keeper_pool, tenant_id, {"boat": []})

    for happening in (add, replace_set):
        with pytest.raises(BaseChanged):
            await run(keeper_pool, tenant_id, Meanwhile(happening), is_timed=True)
    assert (await kept(keeper_pool, tenant_id)).run == 1


async def test_without_a_set_or_a_base_it_says_which_is_missing(keeper_pool: Pool, tenant_id: UUID) -> None:
    with pytest.raises(NothingToRun, match="no question set"):
        await run(keeper_pool, tenant_id, ByWords())
    await ask(keeper_pool, tenant_id, SET)
    with pytest.raises(NothingToRun, match="nothing is in the base"):
        await run(keeper_pool, tenant_id, ByWords())


async def test_a_passage_taken_out_makes_its_question_worse_and_back_again_better(
    keeper_pool: Pool, tenant_id: UUID
) -> None:
    await told(keeper_pool, tenant_id)
    assert (await kept(keeper_pool, tenant_id)).previous is None
    await tell(keeper_pool, tenant_id, "shop/faq.md", {"insurance": "Insurance"})
    second = await kept(keeper_pool, tenant_id)
    (worse,) = second.comparison.worse
    assert (worse.question.words, worse.before.right) == ("parking", worse.before.best)
    assert worse.because == ("faq.md#parking is not in the base any more (version 2, of shop/faq.md)",)
    assert not second.comparison.better
    await tell(keeper_pool, tenant_id, "shop/faq.md", FAQ)
    third = await kept(keeper_pool, tenant_id)
    assert [moved.question.words for moved in third.comparison.better] == ["parking"]
    assert not third.comparison.worse
    assert third.previous is not None
    assert (third.run, third.previous.run) == (3, 2)


async def test_a_rival_and_a_changed_passage_are_named_with_the_versions_that_made_them(
    keeper_pool: Pool, tenant_id: UUID
) -> None:
    await tell(keeper_pool, tenant_id, "shop/faq.md", {"boats": "Boat parking"})
    await ask(keeper_pool, tenant_id, {"boat parking": ["faq.md#boats"]})
    await kept(keeper_pool, tenant_id)
    await tell(keeper_pool, tenant_id, "shop/faq.md", {"boats": "Boat"})
    await tell(keeper_pool, tenant_id, "shop/prices.md", {"parking": "Boat parking"})
    (worse,) = (await kept(keeper_pool, tenant_id)).comparison.worse
    assert worse.now.best is not None
    assert worse.now.best.name == "shop/prices.md#parking"
    assert worse.because == (
        "shop/faq.md#boats was added or changed (version 2)",
        "shop/prices.md#parking was added or changed (version 3)",
    )


async def test_of_two_runs_at_once_the_second_is_left_where_only_the_next_is_wanted(
    keeper_pool: Pool, tenant_id: UUID
) -> None:
    await told(keeper_pool, tenant_id)
    first, second = await run(keeper_pool, tenant_id, ByWords()), await run(keeper_pool, tenant_id, None)
    stored = await keep_if_next(keeper_pool, tenant_id, first)
    assert stored is not None
    assert stored.run == 1
    assert await keep_if_next(keeper_pool, tenant_id, second) is None
    assert (await keep(keeper_pool, tenant_id, second)).run == 2


async def test_the_newest_runs_are_kept_and_numbered_on(keeper_pool: Pool, tenant_id: UUID) -> None:
    await told(keeper_pool, tenant_id)
    await kept(keeper_pool, tenant_id)
    async with tenant_tx(keeper_pool, tenant_id) as connection:
        last = await kb_evaluations.last_evaluation(connection, tenant_id)
        assert last is not None
        assert (last.evaluation.at, last.evaluation.accept) == (AT, Thresholds().accept)
        for number in range(2, 6):
            await kb_evaluations.add_evaluation(connection, tenant_id, last.evaluation, run=number, kept=3)
        rows = await connection.fetch("SELECT run FROM kb_evaluations WHERE tenant_id = $1 ORDER BY run", tenant_id)
    assert [row["run"] for row in rows] == [3, 4, 5]
    assert (await kept(keeper_pool, tenant_id)).run == 6


async def test_a_set_in_another_order_is_no_other_set(keeper_pool: Pool, tenant_id: UUID) -> None:
    await told(keeper_pool, tenant_id)
    async with tenant_tx(keeper_pool, tenant_id) as connection:
        before = await connection.fetchrow("SELECT * FROM kb_question_sets WHERE tenant_id = $1", tenant_id)
    await ask(keeper_pool, tenant_id, dict(reversed(SET.items())))
    async with tenant_tx(keeper_pool, tenant_id) as connection:
        assert await connection.fetchrow("SELECT * FROM kb_question_sets WHERE tenant_id = $1", tenant_id) == before
        questions = await kb_questions.question_set(connection, tenant_id)
    assert [question.words for question in questions] == list(reversed(SET))


async def test_an_emptied_base_answers_nothing_and_every_question_with_an_answer_is_worse(
    keeper_pool: Pool, tenant_id: UUID
) -> None:
    await told(keeper_pool, tenant_id)
    await kept(keeper_pool, tenant_id)
    async with tenant_tx(keeper_pool, tenant_id) as connection:
        await kb_storing.remove_source(connection, tenant_id, "shop/faq.md")
    emptied = await run(keeper_pool, tenant_id, None)
    assert emptied.unmatched == ("faq.md#parking", "faq.md#insurance")
    assert len((await keep(keeper_pool, tenant_id, emptied)).comparison.worse) == 2
