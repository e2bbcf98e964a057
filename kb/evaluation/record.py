"""Outcomes and figures as they are stored: in JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from agent.domain.passages import Verdict
from kb.evaluation.figures import Figures, Latency
from kb.evaluation.judging import Outcome, Seen
from kb.evaluation.shares import Share


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """As it is stored; what is None is left out."""
    written = {
        "id": outcome.question_id,
        "answerable": outcome.is_answerable,
        "verdict": outcome.verdict.value,
        "place": outcome.place,
        "best": _seen_json(outcome.best),
        "right": _seen_json(outcome.right),
    }
    return {key: value for key, value in written.items() if value is not None}


def outcomes_from(stored: Sequence[Mapping[str, Any]]) -> dict[str, Outcome]:
    """Stored outcomes by question; what another release wrote otherwise is left out."""
    read = (_outcome_from(each) for each in stored)
    return {each.question_id: each for each in read if each is not None}


def figures_json(figures: Figures) -> dict[str, Any]:
    """Each share with its hits, its n and its interval, latencies in milliseconds."""
    written: dict[str, Any] = {}
    for field in fields(figures):
        value = getattr(figures, field.name)
        if isinstance(value, Share):
            low, high = value.interval_95
            share = None if value.share is None else round(value.share, 4)
            value = {"hits": value.hits, "n": value.n, "share": share, "interval_95": [round(low, 4), round(high, 4)]}
        elif isinstance(value, Latency):
            value = {"p50_ms": round(value.p50_ms, 2), "p95_ms": round(value.p95_ms, 2)}
        written[field.name] = value
    return written


def _outcome_from(stored: Mapping[str, Any]) -> Outcome | None:
    try:
        return Outcome(
            stored["id"],
            stored["answerable"],
            Verdict(stored["verdict"]),
            stored["place"],
            _seen_from(stored.get("best")),
            _seen_from(stored.get("right")),
        )
    except (LookupError, TypeError, ValueError):
        return None


def _seen_json(seen: Seen | None) -> list[Any] | None:
    return None if seen is None else [seen.name, seen.score]


def _seen_from(stored: Sequence[Any] | None) -> Seen | None:
    return None if stored is None else Seen(stored[0], stored[1])
