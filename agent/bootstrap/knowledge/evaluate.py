"""`voicefleet kb eval`: a tenant's question set put to its base, and held against the last time."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from agent.bootstrap.knowledge.evaluation_table import shown
from agent.bootstrap.knowledge.opened import embedding_models, opened, tenant_of
from agent.storage import kb_questions
from agent.storage.pool import tenant_tx
from kb.deciding import thresholds_of
from kb.evaluation.keeping import keep
from kb.evaluation.question_sets import digest, read_set
from kb.evaluation.report import report
from kb.evaluation.running import run_set

_STORE_S = 30.0


async def evaluate(slug: str, file: Path | None, *, is_json: bool) -> int:
    """Run the stored set, or that of a file, which takes its place; store and print what it comes to.

    Returns: 2 when a question is worse than in the last run.
    Raises: FleetError: no such tenant, no set or nothing in the base, a broken file (nothing was stored then), the base
        changed meanwhile, or storage or the model failed.
    """
    questions = None if file is None else read_set(file)
    async with opened() as pool, embedding_models() as models:
        tenant = await tenant_of(pool, slug)
        if questions is not None:
            async with tenant_tx(pool, tenant.id, budget_s=_STORE_S) as connection:
                await kb_questions.store_set(connection, tenant.id, questions, sha256=digest(questions))
        at = datetime.now(UTC)
        embedders = models.for_questions(tenant)
        run = await run_set(pool, tenant.id, thresholds_of(tenant), embedders, at=at, is_timed=True)
        kept = await keep(pool, tenant.id, run)
    if run.unmatched:
        names = ", ".join(run.unmatched)
        print(f"{slug}: not in the base, so nothing can answer by it: {names}", file=sys.stderr)
    if is_json:
        print(json.dumps(report(slug, run, kept), ensure_ascii=False))
    else:
        print(shown(slug, run, kept, tenant.zone))
    return 2 if kept.comparison.worse else 0
