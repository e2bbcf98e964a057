"""Metrics of the tenants' knowledge bases. No label names a tenant: what is to be seen is how bad the worst is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge

from agent.domain.errors import Blame
from agent.storage.kb_evaluations import SetStanding

#: Shares of which the lowest is the worst, and those of which the highest is.
_THE_MORE_THE_BETTER = ("top_1", "top_3", "answered_right", "refusal_recall", "refusal_precision")
_THE_LESS_THE_BETTER = ("spoken_wrong", "asked_wrong", "false_refusals")


class EvaluationMetrics:
    """What the tenants' last runs came to, whoever ran them, and the keeper's own runs."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._tenants = Gauge(
            "keeper_kb_tenants", "Tenants with a question set, by their last run.", ["state"], registry=registry
        )
        self._questions_worse = Gauge(
            "keeper_kb_questions_worse", "Questions that got worse in the tenants' last runs.", registry=registry
        )
        self._worst = Gauge("keeper_kb_worst_share", "The worst tenant's share, 0 to 1.", ["figure"], registry=registry)
        self._search = Gauge("keeper_kb_worst_search_p95_seconds", "The slowest tenant's search.", registry=registry)
        self._oldest = Gauge(
            "keeper_kb_oldest_run_timestamp_seconds", "When the tenant that waited longest was run.", registry=registry
        )
        self.runs = Counter("keeper_kb_runs", "Runs of question sets by the keeper.", ["outcome"], registry=registry)
        self.runs.labels(Blame.SUCCESS.value)

    def show(self, standings: Sequence[SetStanding]) -> None:
        """Take over what the tenants' last runs came to."""
        figures = [each.last_figures for each in standings if each.last_figures is not None]
        worse = [each.get("worse", 0) for each in figures]
        for state, count in (
            ("worse", len(worse) - worse.count(0)),
            ("no_worse", worse.count(0)),
            ("never_run", len(standings) - len(figures)),
        ):
            self._tenants.labels(state).set(count)
        self._questions_worse.set(sum(worse))
        self._worst.clear()
        for name in _THE_MORE_THE_BETTER:
            self._show_worst(name, min(_values(figures, name, "share"), default=None))
        for name in _THE_LESS_THE_BETTER:
            self._show_worst(name, max(_values(figures, name, "share"), default=None))
        self._search.set(max(_values(figures, "search", "p95_ms"), default=0.0) / 1000)
        self._oldest.set(min((at.timestamp() for at in (each.last_at for each in standings) if at), default=0.0))

    def _show_worst(self, name: str, share: float | None) -> None:
        if share is not None:
            self._worst.labels(name).set(share)


def _values(figures: Sequence[Mapping[str, Any]], name: str, part: str) -> list[float]:
    """Of each tenant that has it; an older release may have counted less."""
    found = (each.get(name, {}).get(part) for each in figures)
    return [value for value in found if value is not None]
