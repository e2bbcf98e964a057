"""Every fault so many times, in rounds of several calls at once, and the table of what was heard."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence

from loadtest.chaos import breaker_rows, business, plan, report
from loadtest.chaos.plan import Kind, Pair
from loadtest.chaos.stage import Stage
from loadtest.chaos.trial import Outcome, attempt

#: Rounds beyond those that are needed when no trial is void.
_ROUNDS_AGAIN = 3


class FaultRun:
    """One run.

    Args:
        trials: of each fault.
        at_once: calls that a fault strikes together; each is a trial.
        only: kinds and faults; empty for all.
        limit_s: no call begins later.
    """

    def __init__(self, stage: Stage, trials: int, at_once: int, only: Sequence[str], limit_s: float) -> None:
        self._stage = stage
        self._trials = trials
        self._at_once = at_once
        self._missing = dict.fromkeys(plan.pairs(stage.targets, only), trials)
        self._latest = time.monotonic() + limit_s
        self._outcomes: list[Outcome] = []

    def run(self) -> int:
        """Try all; returns the exit code."""
        self._stage.open_business()
        rounds = math.ceil(self._trials / self._at_once) + _ROUNDS_AGAIN
        for number in range(1, rounds + 1):
            due = [pair for pair, missing in self._missing.items() if missing]
            if not due:
                break
            self._stage.console.rule(f"round {number}, at most {rounds}")
            if not all(self._is_tried(pair) for pair in due):
                self._stage.console.print("stopped: the time is up, as --limit-s says")
                break
        return self._tell()

    def _is_tried(self, pair: Pair) -> bool:
        """Some trials of it at once; what is void stays missing. Returns: whether there was time."""
        if time.monotonic() > self._latest:
            return False
        codes = business.codes(self._stage.dice)
        if pair.target.kind is Kind.VOICE:
            self._stage.open_business(codes)
        first = self._trials - self._missing[pair]
        numbers = range(first, min(first + self._at_once, self._trials))
        breaker_rows.close(self._stage.database_url, pair.target)
        trials = plan.trials(pair, numbers, codes)
        for outcome in attempt(pair, trials, self._stage.calling, self._stage.emulators, business.PLAIN):
            self._outcomes.append(outcome)
            self._missing[pair] -= not outcome.void
            self._say(outcome)
        return True

    def _say(self, outcome: Outcome) -> None:
        pair = outcome.trial.pair
        heard = f"{outcome.heard_ms:5.0f} ms" if outcome.heard_ms is not None else " nothing"
        words = "void" if outcome.void else "ok" if outcome.has_reply and outcome.ended_well else "FAIL"
        self._stage.console.print(f"{pair.target.kind.value:5} {pair.fault:10} {heard}  {words}")
        for sentence in (*outcome.void, *outcome.sentences):
            self._stage.console.print(f"      {sentence}")

    def _tell(self) -> int:
        found = report.cells(self._outcomes)
        names = {kind.value: target.name for kind, target in self._stage.targets.items()}
        facts = {"providers": names, "trials_wanted": self._trials, "at_once": self._at_once}
        file = self._stage.folder / "faults.json"
        file.write_text(json.dumps(report.document(self._outcomes, found, **facts), indent=2) + "\n")
        self._stage.console.print(report.table(found))
        self._stage.console.print(str(file), soft_wrap=True)
        return report.exit_code(found, self._trials)
