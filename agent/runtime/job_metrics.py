"""Metrics of calls, kept by the worker's parent: job processes name one of a declared table and a value.

A job cannot invent a metric or a label, and what it says wrong is counted and dropped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

#: Label sets of one metric: configuration names a dozen providers, and a mistake must not fill the memory.
MOST_SERIES = 200
LABEL_CHARACTERS = 200
_FIRST_S = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0)

ATTEMPTS = "agent_provider_attempts"
FIRST_SECONDS = "agent_provider_first_seconds"
PROBES = "agent_provider_probes"
USED = "agent_provider_used"
BREAKER_STATE = "agent_provider_breaker_state"
CALL_COST_CENTS = "agent_call_cost_cents"
BUDGET_SPENT = "agent_budget_spent"

#: Counts, observes or sets a metric by name, with its labels in the declared order. Returns at once, never raises.
Record = Callable[[str, float, Sequence[str]], None]


@dataclass(frozen=True, slots=True)
class Declared:
    """A metric there is. Counters are exposed with `_total` behind their name."""

    kind: Literal["counter", "gauge", "histogram"]
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


DECLARED: Mapping[str, Declared] = {
    ATTEMPTS: Declared("counter", "Uses of a provider by calls, by blame.", ("kind", "provider", "outcome")),
    FIRST_SECONDS: Declared(
        "histogram", "Until a provider's first word, token or sound.", ("kind", "provider"), _FIRST_S
    ),
    PROBES: Declared("counter", "Tries of a provider off any call, by blame.", ("kind", "provider", "outcome")),
    USED: Declared("counter", "What providers count and bill.", ("kind", "provider", "unit")),
    BREAKER_STATE: Declared("gauge", "0 used, 1 being probed, 2 left alone.", ("kind", "provider")),
    CALL_COST_CENTS: Declared(
        "counter", "What calls will be billed, by the price file; telephony included.", ("kind", "provider")
    ),
    BUDGET_SPENT: Declared("counter", "Calls served more cheaply because this budget was spent.", ("budget",)),
}
_TYPES: Mapping[str, Callable[..., Any]] = {"counter": Counter, "gauge": Gauge, "histogram": Histogram}


class JobMetrics:
    """The declared metrics, in a registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._metrics = {name: _made(name, declared, registry) for name, declared in DECLARED.items()}
        self._series: dict[str, set[tuple[str, ...]]] = {name: set() for name in DECLARED}
        self._dropped = Counter(
            "agent_job_metrics_dropped", "Values that jobs reported and nobody kept.", ["reason"], registry=registry
        )

    def record(self, name: str, value: float, labels: Sequence[str] = ()) -> None:
        """Apply a value: a counter grows by it, a gauge becomes it, a histogram observes it."""
        fault = self._fault(name, value, labels)
        if fault is not None:
            self.dropped(fault)
            return
        self._series[name].add(tuple(labels))
        metric = self._metrics[name].labels(*labels) if labels else self._metrics[name]
        match DECLARED[name].kind:
            case "counter":
                metric.inc(value)
            case "gauge":
                metric.set(value)
            case "histogram":
                metric.observe(value)

    def dropped(self, reason: str, count: int = 1) -> None:
        """Something was not kept."""
        self._dropped.labels(reason).inc(count)

    def _fault(self, name: str, value: float, labels: Sequence[str]) -> str | None:
        declared = DECLARED.get(name)
        if declared is None:
            return "unknown"
        are_labels = len(labels) == len(declared.labels) and all(
            isinstance(label, str) and 0 < len(label) <= LABEL_CHARACTERS for label in labels
        )
        if not are_labels or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            return "malformed"
        series = self._series[name]
        return "too_many_series" if tuple(labels) not in series and len(series) >= MOST_SERIES else None


def _made(name: str, declared: Declared, registry: CollectorRegistry) -> Any:
    more = {"buckets": declared.buckets} if declared.buckets else {}
    return _TYPES[declared.kind](name, declared.meaning, declared.labels, registry=registry, **more)
