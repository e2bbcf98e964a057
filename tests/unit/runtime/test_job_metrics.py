"""What jobs report is kept by a declared table; what does not fit it is counted and dropped."""

from __future__ import annotations

import math
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from agent.runtime.job_metrics import (
    BREAKER_STATE,
    CALL_COST_CENTS,
    DECLARED,
    FIRST_SECONDS,
    MOST_SERIES,
    USED,
    JobMetrics,
)

DEEPGRAM = ("stt", "deepgram/nova-3")


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> JobMetrics:
    return JobMetrics(registry)


def dropped(registry: CollectorRegistry, reason: str) -> float:
    return registry.get_sample_value("agent_job_metrics_dropped_total", {"reason": reason}) or 0.0


def test_a_counter_grows_a_gauge_is_set_a_histogram_observes(metrics: JobMetrics, registry: CollectorRegistry) -> None:
    for value in (2.0, 1.5):
        metrics.record(CALL_COST_CENTS, value, DEEPGRAM)
        metrics.record(BREAKER_STATE, value, DEEPGRAM)
        metrics.record(FIRST_SECONDS, value, DEEPGRAM)
    of = dict(zip(("kind", "provider"), DEEPGRAM, strict=True))
    assert registry.get_sample_value(f"{CALL_COST_CENTS}_total", of) == 3.5
    assert registry.get_sample_value(BREAKER_STATE, of) == 1.5
    assert registry.get_sample_value(f"{FIRST_SECONDS}_bucket", {**of, "le": "1.5"}) == 1
    assert registry.get_sample_value(f"{FIRST_SECONDS}_count", of) == 2


def test_no_metric_is_labelled_by_call_tenant_or_number() -> None:
    assert {label for declared in DECLARED.values() for label in declared.labels} == {
        "kind",
        "provider",
        "outcome",
        "unit",
        "budget",
    }


@pytest.mark.parametrize(
    ("name", "value", "labels", "reason"),
    [
        ("agent_invented", 1, [], "unknown"),
        (USED, 1, ["stt"], "malformed"),
        (USED, 1, ["stt", "x", 7], "malformed"),
        (USED, 1, ["stt", "x" * 201, "audio_s"], "malformed"),
        (USED, -1, [*DEEPGRAM, "audio_s"], "malformed"),
        (USED, math.nan, [*DEEPGRAM, "audio_s"], "malformed"),
        (USED, "1", [*DEEPGRAM, "audio_s"], "malformed"),
    ],
)
def test_what_does_not_fit_the_table_is_counted_and_dropped(
    metrics: JobMetrics, registry: CollectorRegistry, name: str, value: Any, labels: list[Any], reason: str
) -> None:
    metrics.record(name, value, labels)
    assert dropped(registry, reason) == 1
    assert registry.get_sample_value(f"{USED}_total", {"kind": "stt", "provider": "deepgram/nova-3"}) is None


def test_series_are_bounded_and_those_there_are_go_on(metrics: JobMetrics, registry: CollectorRegistry) -> None:
    for number in range(MOST_SERIES + 5):
        metrics.record(USED, 1, ("stt", f"vendor/{number}", "audio_s"))
    metrics.record(USED, 1, ("stt", "vendor/0", "audio_s"))
    assert dropped(registry, "too_many_series") == 5
    labels = {"kind": "stt", "provider": "vendor/0", "unit": "audio_s"}
    assert registry.get_sample_value(f"{USED}_total", labels) == 2
