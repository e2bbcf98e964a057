"""A base of one passage, what a call found in it, and a run of the one question it is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from agent.storage import citations, kb_evaluations, kb_models, kb_questions, kb_storing
from agent.storage.calls import CallKey
from agent.storage.citations import Citation
from agent.storage.kb_evaluations import Evaluation
from agent.storage.kb_questions import SetQuestion
from agent.storage.kb_storing import NewPassage
from agent.storage.pool import Connection, Pool, tenant_tx

SOURCE, KEY, MODEL = "parking.md", "parking", "a model"
#: One that is being introduced, and one that nobody has begun to.
NEXT_MODEL, NO_MODEL = "another model", "a third model"
VECTOR = "[1,0,0]"
QUESTION_ID = "q1"


def passage(tenant_id: UUID, *, key: str = KEY, sha256: str = "1") -> NewPassage:
    """One whose words only this tenant's rows hold."""
    return NewPassage(key, "faq", "Parking", ["where do i park"], f"Behind {tenant_id}.", f"Behind {tenant_id}.",
                      sha256, [VECTOR] * 3)  # fmt: skip


async def tell(pool: Pool, keeper_pool: Pool, call: CallKey) -> UUID:
    """Store the base, and a call that was answered from it once and once was not; the passage's id."""
    async with tenant_tx(keeper_pool, call.tenant_id) as connection:
        await kb_storing.store_source(
            connection, call.tenant_id, name=SOURCE, sha256=str(call.tenant_id), digests={KEY: "1"},
            changed=[passage(call.tenant_id)], model=MODEL,
        )  # fmt: skip
        found: UUID = await connection.fetchval("SELECT id FROM kb_passages WHERE tenant_id = $1", call.tenant_id)
        await kb_models.add_vectors(connection, call.tenant_id, NEXT_MODEL, {found: [VECTOR]})
        await _evaluate(connection, call.tenant_id)
    async with tenant_tx(pool, call.tenant_id) as connection:
        await citations.add_citations(connection, call, 0, [Citation(found, 1, 0.9, "spoken")])
        await citations.add_unanswered(connection, call, [f"do you know {call.tenant_id}?"])
    return found


def evaluation(tenant_id: UUID) -> Evaluation:
    """A run that only this tenant's row holds."""
    outcome = {"id": QUESTION_ID, "best": [str(tenant_id), 0.5]}
    return Evaluation(datetime.now(UTC), 1, MODEL, str(tenant_id), 0.6, 0.4, {"of": str(tenant_id)}, [outcome])


async def _evaluate(connection: Connection, tenant_id: UUID) -> None:
    question = SetQuestion(QUESTION_ID, f"where does {tenant_id} park?", (f"{SOURCE}#{KEY}",))
    await kb_questions.store_set(connection, tenant_id, [question], sha256=str(tenant_id))
    await kb_questions.store_question_vectors(connection, tenant_id, MODEL, {QUESTION_ID: VECTOR})
    await kb_evaluations.add_evaluation(connection, tenant_id, evaluation(tenant_id), run=1, kept=2)
