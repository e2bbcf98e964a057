"""Every fault so many times, and the table of what was heard."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from loadtest.chaos import breaker_rows, business, plan, report
from loadtest.chaos.stage import Stage
from loadtest.chaos.trial import Outcome, attempt

#: Of each round so many trials may be void and are made again.
_MOST_AGAIN = 2


class FaultRun:
    """One run.

    Args:
        trials: of each fault.
        only: kinds and faults; empty for all. Raises ValueError: one there is not.
        limit_s: no trial begins later.
    """

    def __init__(self, stage: Stage, trials: int, only: Sequence[str], limit_s: float) -> None:
        self._stage = stage
        self._trials = trials
        self._codes = [business.codes(stage.dice) for _ in range(trials)]
        self._rounds = list(plan.rounds(stage.targets, trials, only, self._codes))
        self._latest = time.monotonic() + limit_s
        self._outcomes: list[Outcome] = []

    def run(self) -> int:
        """Try all; returns the exit code."""
        console = self._stage.console
        for number, (each, codes) in enumerate(zip(self._rounds, self._codes, strict=True), 1):
            self._stage.open_business(codes)
            console.rule(f"round {number} of {len(self._rounds)}")
            if not self._round(each):
                console.print("stopped: the time is up, as --limit-s says")
                break
        return self._tell()

    def _round(self, each: list[plan.Trial]) -> bool:
        """Every fault once; what is void is tried again. Returns: whether there was time."""
        waiting, again = list(reversed(each)), _MOST_AGAIN
        while waiting:
            if time.monotonic() > self._latest:
                return False
            trial = waiting.pop()
            breaker_rows.close(self._stage.database_url, trial.target)
            outcome = attempt(trial, self._stage.calling, self._stage.emulators, business.PLAIN)
            self._outcomes.append(outcome)
            self._say(outcome)
            if outcome.void and again:
                again -= 1
                waiting.insert(0, trial)
        return True

    def _say(self, outcome: Outcome) -> None:
        trial = outcome.trial
        heard = f"{outcome.heard_ms:5.0f} ms" if outcome.heard_ms is not None else " nothing"
        words = "void" if outcome.void else "ok" if outcome.has_reply and outcome.ended_well else "FAIL"
        self._stage.console.print(f"{trial.target.kind.value:5} {trial.fault:10} {heard}  {words}")
        for sentence in (*outcome.void, *outcome.sentences):
            self._stage.console.print(f"      {sentence}")

    def _tell(self) -> int:
        found = report.cells(self._outcomes)
        names = {kind.value: target.name for kind, target in self._stage.targets.items()}
        written = report.document(self._outcomes, found, providers=names, trials_wanted=self._trials)
        file = self._stage.folder / "faults.json"
        file.write_text(json.dumps(written, indent=2) + "\n")
        self._stage.console.print(report.table(found))
        self._stage.console.print(str(file), soft_wrap=True)
        return report.exit_code(found, self._trials)
