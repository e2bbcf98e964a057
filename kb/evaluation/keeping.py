"""A run stored beside the one before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from agent.storage import kb_evaluations, kb_history
from agent.storage.kb_evaluations import Evaluation, StoredEvaluation
from agent.storage.kb_history import BaseChange
from agent.storage.pool import Connection, Pool, tenant_tx
from kb.deciding import Thresholds
from kb.evaluation.comparison import Changes, Comparison, Ground, compare
from kb.evaluation.record import figures_json, outcome_json, outcomes_from
from kb.evaluation.running import Run

#: Runs of one tenant that are kept.
KEPT_RUNS = 30
_STORE_S = 10.0


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored run: its number, the one before, and what it is beside that."""

    run: int
    previous: StoredEvaluation | None
    comparison: Comparison


async def keep(pool: Pool, tenant_id: UUID, run: Run) -> Kept:
    """Store a run and compare it with the one before; the oldest beyond `KEPT_RUNS` go.

    Args:
        pool: the keeper's role.
    """
    async with tenant_tx(pool, tenant_id, budget_s=_STORE_S) as connection:
        await kb_evaluations.take_turns(connection, tenant_id)
        return await _stored(connection, tenant_id, run)


async def keep_if_next(pool: Pool, tenant_id: UUID, run: Run) -> Kept | None:
    """The same, unless another run was stored since this one began: None then, and nothing is changed."""
    async with tenant_tx(pool, tenant_id, budget_s=_STORE_S) as connection:
        await kb_evaluations.take_turns(connection, tenant_id)
        last = await kb_evaluations.last_evaluation(connection, tenant_id)
        if (0 if last is None else last.run) != run.follows:
            return None
        return await _stored(connection, tenant_id, run)


async def _stored(connection: Connection, tenant_id: UUID, run: Run) -> Kept:
    previous = await kb_evaluations.last_evaluation(connection, tenant_id)
    number = 1 if previous is None else previous.run + 1
    comparison = Comparison((), (), 0)
    if previous is not None:
        versions = await kb_history.changes_since(connection, tenant_id, previous.evaluation.version)
        made = [each for each in versions if each.version <= run.ground.version]
        comparison = _compared(run, previous.evaluation, made)
    evaluation = _evaluation(run, comparison)
    await kb_evaluations.add_evaluation(connection, tenant_id, evaluation, run=number, kept=KEPT_RUNS)
    return Kept(number, previous, comparison)


def _compared(run: Run, before: Evaluation, versions: Sequence[BaseChange]) -> Comparison:
    ground = Ground(before.version, before.model, Thresholds(before.accept, before.confirm))
    now = {outcome.question_id: outcome for outcome in run.outcomes}
    changes = Changes(ground, run.ground, run.live, versions)
    return compare(run.questions, outcomes_from(before.outcomes), now, changes)


def _evaluation(run: Run, comparison: Comparison) -> Evaluation:
    counts = {
        "unmatched": len(run.unmatched),
        "compared": comparison.compared,
        "worse": len(comparison.worse),
        "better": len(comparison.better),
    }
    return Evaluation(
        run.at,
        run.ground.version,
        run.ground.model,
        run.set_sha256,
        run.ground.thresholds.accept,
        run.ground.thresholds.confirm,
        figures_json(run.figures) | counts,
        [outcome_json(outcome) for outcome in run.outcomes],
    )
