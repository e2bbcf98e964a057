"""A run as a program reads it, and as it is exported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kb.evaluation.comparison import Moved
from kb.evaluation.judging import Outcome
from kb.evaluation.keeping import Kept
from kb.evaluation.record import figures_json, outcome_json
from kb.evaluation.running import Run


def report(slug: str, run: Run, kept: Kept) -> dict[str, Any]:
    """The figures, and the questions that are worse or better than in the run before, each with both outcomes."""
    previous, comparison = kept.previous, kept.comparison
    return {
        "tenant": slug,
        "run": kept.run,
        "at": run.at.isoformat(),
        "version": run.ground.version,
        "model": run.ground.model,
        "accept": run.ground.thresholds.accept,
        "confirm": run.ground.thresholds.confirm,
        "figures": figures_json(run.figures),
        "unmatched": list(run.unmatched),
        "compared_with": None if previous is None else {"run": previous.run, "at": previous.evaluation.at.isoformat()},
        "compared": comparison.compared,
        "worse": _moved(comparison.worse),
        "better": _moved(comparison.better),
    }


def _moved(changes: Sequence[Moved]) -> list[dict[str, Any]]:
    return [
        {
            "id": each.question.id,
            "question": each.question.words,
            "expects": list(each.question.expects),
            "before": _outcome(each.before),
            "now": _outcome(each.now),
            "because": list(each.because),
        }
        for each in changes
    ]


def _outcome(outcome: Outcome) -> dict[str, Any]:
    written = outcome_json(outcome) | {"result": outcome.result.value}
    del written["id"]
    return written
