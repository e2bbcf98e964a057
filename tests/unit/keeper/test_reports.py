"""What of the nightly runs is exported: files for people, figures for a scraper."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from prometheus_client import CollectorRegistry

from agent.domain.errors import DependencyUnavailable
from agent.keeping.evaluation_metrics import EvaluationMetrics
from agent.keeping.report_files import KEPT_REPORTS, ReportFolder
from agent.storage.kb_evaluations import SetStanding, Standing

AT = datetime(2026, 1, 14, 7, 0, tzinfo=UTC)


async def test_each_run_is_a_file_for_its_user_alone_and_the_newest_are_kept(tmp_path: Path) -> None:
    folder = ReportFolder(tmp_path / "reports")
    for run in range(1, KEPT_REPORTS + 4):
        await folder.write("shop", run, {"run": run, "question": "où est-ce?"})
    await folder.write("other", 1, {"run": 1})
    files = sorted((tmp_path / "reports" / "shop").iterdir())
    assert [json.loads(file.read_text())["run"] for file in files] == list(range(4, KEPT_REPORTS + 4))
    assert (files[0].stat().st_mode & 0o777, files[0].parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert "où" in files[0].read_text(encoding="utf-8")
    assert len(list((tmp_path / "reports" / "other").iterdir())) == 1


async def test_what_a_killed_keeper_left_half_written_goes_with_the_next_report(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    half = tmp_path / "shop" / ".run-000001.json.part"
    half.write_text("{")
    await ReportFolder(tmp_path).write("shop", 2, {"run": 2})
    assert [file.name for file in (tmp_path / "shop").iterdir()] == ["run-000002.json"]


async def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DependencyUnavailable, match="a report cannot be written: Not a directory"):
        await ReportFolder(tmp_path / "file").write("shop", 1, {})


def standing(worse: int, top_1: float | None, spoken_wrong: float, at: datetime = AT) -> SetStanding:
    figures = {
        "worse": worse,
        "top_1": {"share": top_1},
        "spoken_wrong": {"share": spoken_wrong},
        "search": {"p95_ms": 1000 * spoken_wrong},
    }
    stood = Standing(1, "a model", "a set")
    return SetStanding(uuid4(), "shop", "UTC", stood, at, stood, 1, at, figures)


def test_the_worst_of_the_tenants_is_shown_and_no_tenant_is_named() -> None:
    registry = CollectorRegistry()
    never = SetStanding(uuid4(), "new", "UTC", Standing(1, "m", "s"), AT, None, None, None, None)
    EvaluationMetrics(registry).show(
        [standing(0, 0.9, 0.01), standing(3, None, 0.05, AT.replace(hour=2)), standing(2, 0.8, 0.02), never]
    )

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, labels)

    assert [value("keeper_kb_tenants", state=state) for state in ("worse", "no_worse", "never_run")] == [2, 1, 1]
    assert value("keeper_kb_questions_worse") == 5
    assert value("keeper_kb_worst_share", figure="top_1") == 0.8
    assert value("keeper_kb_worst_share", figure="spoken_wrong") == 0.05
    assert value("keeper_kb_worst_share", figure="refusal_recall") is None
    assert value("keeper_kb_worst_search_p95_seconds") == 0.05
    assert value("keeper_kb_oldest_run_timestamp_seconds") == AT.replace(hour=2).timestamp()
    labels = {label for family in registry.collect() for sample in family.samples for label in sample.labels}
    assert labels <= {"state", "figure", "outcome"}


def test_a_figure_that_no_tenant_has_any_more_is_not_shown_on() -> None:
    registry = CollectorRegistry()
    metrics = EvaluationMetrics(registry)
    metrics.show([standing(1, 0.9, 0.01)])
    metrics.show([])
    assert registry.get_sample_value("keeper_kb_worst_share", {"figure": "top_1"}) is None
    assert registry.get_sample_value("keeper_kb_questions_worse") == 0
