"""The keeper's nightly runs of the tenants' question sets: one tenant at a time, in small pieces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from agent.domain.errors import Blame, FleetError
from agent.domain.tenant import Tenant
from agent.keeping.evaluation_metrics import EvaluationMetrics
from agent.keeping.nightly import is_due, next_night_at, zone_of
from agent.keeping.report_files import ReportFolder
from agent.runtime.logs import get_logger
from agent.storage.kb_evaluations import SetStanding, set_standings
from agent.storage.pool import Pool, fleet_tx, tenant_tx
from agent.storage.tenants import load_tenant
from kb.deciding import thresholds_of
from kb.embedding import Embedder
from kb.evaluation.figures import Figures
from kb.evaluation.keeping import Kept, keep_if_next
from kb.evaluation.report import report
from kb.evaluation.running import Run, run_set
from kb.evaluation.shares import Share

_log = get_logger("agent.keeping.evaluations")

#: When nobody is due, and between two tenants.
IDLE_S = 60.0
_BETWEEN_S = 1.0
#: After every 25 questions: searches take what a moment without calls leaves.
_REST_S = 0.25
_STANDINGS_S = 10.0
#: A tenant whose run failed waits so long when that may pass by itself, else for the next night.
_RETRY_AFTER = timedelta(hours=1)
#: Questions that a line of the log names.
_MOST_NAMED = 20


def _now() -> datetime:
    return datetime.now(UTC)


class NightlyEvaluations:
    """What the keeper's leader does about knowledge bases."""

    def __init__(
        self,
        pool: Pool,
        metrics: EvaluationMetrics,
        tenant_of: Callable[[dict[str, Any], str], Tenant],
        *,
        embedders_of: Callable[[Tenant], Mapping[str, Embedder]] | None = None,
        reports: ReportFolder | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        """
        Args:
            pool: the keeper's role.
            tenant_of: a tenant from its stored document and a name for messages; raises ConfigError.
            embedders_of: models by name, for questions that have no vector yet; None when no model is at hand.
            reports: where they are exported; None stores and logs them only.
            now: aware UTC.
        """
        self._pool = pool
        self._metrics = metrics
        self._tenant_of = tenant_of
        self._embedders_of = embedders_of
        self._reports = reports
        self._now = now
        self._not_before: dict[UUID, datetime] = {}

    async def see_to_next(self) -> float:
        """Run the set of the tenant that has waited longest, if one is due; nothing goes on once it has returned.

        Returns: seconds after which to look again.
        """
        try:
            async with fleet_tx(self._pool, budget_s=_STANDINGS_S) as connection:
                standings = await set_standings(connection)
        except FleetError as error:
            self._failed(None, error)
            return IDLE_S
        self._metrics.show(standings)
        now = self._now()
        self._not_before = {tenant_id: at for tenant_id, at in self._not_before.items() if at > now}
        due = [each for each in standings if each.tenant_id not in self._not_before and is_due(each, now)]
        if not due:
            return IDLE_S
        await self._see_to(due[0], now)
        return _BETWEEN_S

    async def _see_to(self, standing: SetStanding, now: datetime) -> None:
        try:
            await self._evaluate(standing, now)
        except FleetError as error:
            next_at = next_night_at(now, zone_of(standing.timezone))
            self._not_before[standing.tenant_id] = now + _RETRY_AFTER if error.retryable else next_at
            self._failed(standing.tenant_id, error)

    async def _evaluate(self, standing: SetStanding, now: datetime) -> None:
        tenant = await self._tenant(standing)
        embedders = {} if self._embedders_of is None else self._embedders_of(tenant)
        tenant_id = standing.tenant_id
        run = await run_set(
            self._pool, tenant_id, thresholds_of(tenant), embedders, at=now, is_timed=False, rest_s=_REST_S
        )
        kept = await keep_if_next(self._pool, tenant_id, run)
        if kept is None:  # somebody else ran it meanwhile
            return
        self._metrics.runs.labels(Blame.SUCCESS.value).inc()
        _tell(tenant_id, run, kept)
        await self._export(standing, run, kept)

    async def _export(self, standing: SetStanding, run: Run, kept: Kept) -> None:
        if self._reports is None:
            return
        try:
            await self._reports.write(standing.slug, kept.run, report(standing.slug, run, kept))
        except FleetError as error:  # the run is stored all the same
            _log.warning("kb.report_not_written", tenant_id=str(standing.tenant_id), run=kept.run, error=str(error))

    async def _tenant(self, standing: SetStanding) -> Tenant:
        async with tenant_tx(self._pool, standing.tenant_id) as connection:
            stored = await load_tenant(connection, standing.tenant_id)
        return self._tenant_of({} if stored is None else dict(stored.config), standing.slug)

    def _failed(self, tenant_id: UUID | None, error: FleetError) -> None:
        self._metrics.runs.labels(error.blame.value).inc()
        which = {} if tenant_id is None else {"tenant_id": str(tenant_id)}
        _log.warning("kb.not_evaluated", blame=error.blame.value, error=str(error), **which)


def _tell(tenant_id: UUID, run: Run, kept: Kept) -> None:
    """Figures and the ids of questions; never a question, for it is in a caller's words."""
    worse = kept.comparison.worse
    facts = {"tenant_id": str(tenant_id), "run": kept.run, "version": run.ground.version}
    _log.info(
        "kb.evaluated",
        **facts,
        model=run.ground.model,
        **_figures(run.figures),
        unmatched=len(run.unmatched),
        worse=len(worse),
        better=len(kept.comparison.better),
    )
    if worse:
        ids = [moved.question.id for moved in worse[:_MOST_NAMED]]
        _log.warning("kb.worse", **facts, count=len(worse), questions=ids)


def _figures(figures: Figures) -> dict[str, Any]:
    names = (
        "top_1",
        "top_3",
        "answered_right",
        "spoken_wrong",
        "refusal_recall",
        "refusal_precision",
        "false_refusals",
    )
    shares: dict[str, Share] = {name: getattr(figures, name) for name in names}
    written = {name: None if share.share is None else round(share.share, 4) for name, share in shares.items()}
    return {"n": figures.n, **written, "search_p95_ms": round(figures.search.p95_ms, 1)}
