"""The result: a table for people, a document for programs, and whether it is good."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.table import Table

from loadtest.chaos.calling import CENSORED_S
from loadtest.chaos.plan import Kind
from loadtest.chaos.trial import Outcome

#: The promise: whatever fails, the caller hears something within this, in 95 of 100 calls.
LIMIT_MS = 2500.0


@dataclass(frozen=True, slots=True)
class Cell:
    """All trials of one fault of one kind; silence counts as `CENSORED_S`.

    Attributes:
        n: trials that count.
        pauses: of them, had a pause above the limit within the reply.
    """

    kind: Kind
    fault: str
    n: int
    void: int
    p50_ms: float
    p95_ms: float
    worst_ms: float
    silent: int
    pauses: int
    replies: int
    ended_well: int

    @property
    def is_good(self) -> bool:
        """Whether the promise holds."""
        return self.p95_ms <= LIMIT_MS


def cells(outcomes: Sequence[Outcome]) -> list[Cell]:
    """One for each fault that was tried and counts at least once, in the order tried."""
    keys = dict.fromkeys((outcome.trial.pair.target.kind, outcome.trial.pair.fault) for outcome in outcomes)
    return [
        _cell(kind, fault, [o for o in outcomes if (o.trial.pair.target.kind, o.trial.pair.fault) == (kind, fault)])
        for kind, fault in keys
    ]


def _cell(kind: Kind, fault: str, outcomes: list[Outcome]) -> Cell:
    good = [outcome for outcome in outcomes if not outcome.void]
    heard = sorted(1000 * CENSORED_S if o.heard_ms is None else o.heard_ms for o in good)
    return Cell(
        kind=kind,
        fault=fault,
        n=len(good),
        void=len(outcomes) - len(good),
        p50_ms=statistics.median(heard) if heard else float("nan"),
        p95_ms=float(np.percentile(heard, 95)) if heard else float("nan"),
        worst_ms=heard[-1] if heard else float("nan"),
        silent=sum(ms > LIMIT_MS for ms in heard),
        pauses=sum(outcome.pause_ms > LIMIT_MS for outcome in good),
        replies=sum(outcome.has_reply for outcome in good),
        ended_well=sum(outcome.ended_well for outcome in good),
    )


def exit_code(found: Sequence[Cell], wanted: int) -> int:
    """0: the promise holds for every fault; 1: not for one; 3: void, too few trials of one count."""
    if any(cell.n and not cell.is_good for cell in found):
        return 1
    return 3 if not found or any(cell.n < wanted for cell in found) else 0


def table(found: Sequence[Cell]) -> Table:
    """What a person reads."""
    shown = Table(
        "kind", "fault", "n", "void", "p50 ms", "p95 ms", "worst ms", "> 2.5 s", "pauses", "replied", "ended well"
    )
    for cell in found:
        mark = " !" if cell.n and not cell.is_good else ""
        shown.add_row(
            cell.kind.value, cell.fault, str(cell.n), str(cell.void), _shown(cell.p50_ms),
            f"{_shown(cell.p95_ms)}{mark}", _shown(cell.worst_ms), str(cell.silent), str(cell.pauses),
            f"{cell.replies}/{cell.n}", f"{cell.ended_well}/{cell.n}",
        )  # fmt: skip
    return shown


def _shown(ms: float) -> str:
    return "-" if math.isnan(ms) else f"{ms:.0f}"


def document(outcomes: Sequence[Outcome], found: Sequence[Cell], **facts: Any) -> dict[str, Any]:
    """What a program reads: every trial, and the table."""
    return {
        "schema": 1,
        "limit_ms": LIMIT_MS,
        "censored_ms": 1000 * CENSORED_S,
        **facts,
        "cells": [
            {name: getattr(cell, name) for name in Cell.__slots__ if name != "kind"} | {"kind": cell.kind.value}
            for cell in found
        ],
        "trials": [_trial(outcome) for outcome in outcomes],
    }


def _trial(outcome: Outcome) -> dict[str, Any]:
    return {
        "kind": outcome.trial.pair.target.kind.value,
        "provider": outcome.trial.pair.target.name,
        "fault": outcome.trial.pair.fault,
        "number": outcome.trial.number,
        "call_id": outcome.call_id,
        "heard_ms": outcome.heard_ms,
        "pause_ms": round(outcome.pause_ms, 1),
        "has_reply": outcome.has_reply,
        "ended_well": outcome.ended_well,
        "void": list(outcome.void),
        "sentences": list(outcome.sentences),
    }
