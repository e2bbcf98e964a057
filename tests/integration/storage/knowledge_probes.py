"""Probes of the knowledge base's storage; importing this adds them to those of `probes`."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from agent.storage import (
    citations,
    kb_evaluations,
    kb_history,
    kb_models,
    kb_questions,
    kb_search,
    kb_sources,
    kb_storing,
    kb_texts,
)
from agent.storage.pool import Connection
from tests.integration.storage.knowledge import (
    KEY,
    MODEL,
    NEXT_MODEL,
    NO_MODEL,
    QUESTION_ID,
    SOURCE,
    VECTOR,
    evaluation,
    passage,
)
from tests.integration.storage.probes import key_of, probe
from tests.integration.storage.world import LONG_AGO, World


@probe(kb_sources.sources)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await kb_sources.sources(c, tenant_id)


@probe(kb_sources.live_digests)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await kb_sources.live_digests(c, world.tenant.id, SOURCE) and tenant_id


@probe(kb_sources.current_version)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await kb_sources.current_version(c, world.tenant.id) and tenant_id


@probe(kb_sources.active_model)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await kb_sources.active_model(c, world.tenant.id) and tenant_id


@probe(kb_storing.store_source)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    new = passage(tenant_id, sha256="2")
    return await kb_storing.store_source(
        c, tenant_id, name=SOURCE, sha256="2", digests={KEY: "2"}, changed=[new], model=MODEL
    )


@probe(kb_storing.remove_source)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await kb_storing.remove_source(c, tenant_id, SOURCE)


@probe(kb_search.search)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await kb_search.search(c, tenant_id, "where may I park?", model=MODEL, vector=VECTOR)


@probe(kb_models.lacking)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await kb_models.lacking(c, tenant_id, NO_MODEL, limit=9)


@probe(kb_models.add_vectors)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await kb_models.add_vectors(c, tenant_id, NO_MODEL, {world.passage: [VECTOR]})


@probe(kb_models.is_alone)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return not await kb_models.is_alone(c, world.tenant.id, MODEL) and tenant_id


@probe(kb_models.switch_to)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await kb_models.switch_to(c, tenant_id, NEXT_MODEL)


@probe(kb_models.introduced)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await kb_models.introduced(c, world.tenant.id) and tenant_id


@probe(kb_texts.texts_of)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await kb_texts.texts_of(c, tenant_id, [world.passage])


@probe(citations.add_citations)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    found = citations.Citation(world.passage, 1, 0.5, "passed_over")
    return await citations.add_citations(c, key_of(tenant_id, world), 7, [found])


@probe(citations.citations_of)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await citations.citations_of(c, key_of(tenant_id, world))


@probe(citations.add_unanswered)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await citations.add_unanswered(c, key_of(tenant_id, world), ["one", "two"])


@probe(citations.unanswered)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await citations.unanswered(c, tenant_id, since=LONG_AGO)


@probe(kb_questions.store_set)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    new = kb_questions.SetQuestion(QUESTION_ID, "another", ())
    return await kb_questions.store_set(c, tenant_id, [replace(new, id="q2"), new], sha256="2")


@probe(kb_questions.question_set)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await kb_questions.question_set(c, tenant_id)


@probe(kb_questions.question_vectors)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    # Told what it is the vector of, it says nothing that only one tenant has: whose it was asked for is checked.
    return await kb_questions.question_vectors(c, world.tenant.id, MODEL, [QUESTION_ID]) and tenant_id


@probe(kb_questions.store_question_vectors)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await kb_questions.store_question_vectors(c, tenant_id, "another model", {QUESTION_ID: VECTOR})


@probe(kb_evaluations.standing)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await kb_evaluations.standing(c, tenant_id)


@probe(kb_evaluations.last_evaluation)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await kb_evaluations.last_evaluation(c, tenant_id)


@probe(kb_evaluations.add_evaluation)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await kb_evaluations.add_evaluation(c, tenant_id, evaluation(tenant_id), run=5, kept=1)


@probe(kb_history.live_passages)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await kb_history.live_passages(c, world.tenant.id) and tenant_id


@probe(kb_history.changes_since)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await kb_history.changes_since(c, world.tenant.id, 0) and tenant_id


@probe(kb_sources.compared_passages)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await kb_sources.compared_passages(c, tenant_id)
