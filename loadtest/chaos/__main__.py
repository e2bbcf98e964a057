"""`python -m loadtest.chaos`: providers fail in mid-call, twenty times each, and the caller hears something in time.

Run it inside a stack with emulated providers, with its environment: `make chaos-providers` does.
Exit codes: 0 the promise holds; 1 not for one fault; 2 bad input; 3 void, too few trials count.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from loadtest import stack
from loadtest.caller import voices
from loadtest.caller.errors import CallerError
from loadtest.chaos import breaker_rows, business, plan, report
from loadtest.chaos.calling import Calling
from loadtest.chaos.orders import Emulators, OrderRefused
from loadtest.chaos.telephone import Telephone
from loadtest.chaos.trial import Outcome, attempt

#: Of each round so many trials may be void and are made again.
_MOST_AGAIN = 2
_VOICE = "hibari"


def main() -> int:
    """Run the command line; returns the exit code."""
    options = _parser().parse_args()
    missing = [name for name in ("DATABASE_URL", "VOICEFLEET_EMULATORS") if name not in os.environ]
    if missing:
        print(f"chaos: {missing[0]} is not set; `make chaos-providers` runs it in a stack that has it", file=sys.stderr)
        return 2
    try:
        return _Run(options).run()
    except (business.CommandFailed, CallerError, OrderRefused, ValueError) as error:
        print(f"chaos: {error}", file=sys.stderr)
        return 2


class _Run:
    """One run of the command."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._database_url = os.environ["DATABASE_URL"]
        self._console = Console()
        self._out = options.out / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        self._out.mkdir(parents=True, exist_ok=True)
        self._emulators = Emulators(os.environ["VOICEFLEET_EMULATORS"])
        self._latest = time.monotonic() + options.limit_s
        self._outcomes: list[Outcome] = []

    def run(self) -> int:
        """Open the business, try every fault, and say what came of it."""
        targets = plan.targets(os.environ)
        dice = random.Random()  # what was said in an earlier run may be in a cache
        codes = [business.codes(dice) for _ in range(self._options.trials)]
        rounds = list(plan.rounds(targets, self._options.trials, self._options.only, codes))
        self._emulators.mend()
        self._emulators.know(voices.clips(_VOICE, plan.spoken()))
        business.open_lines(self._out)
        calling = Calling(Telephone(stack.dialled(), self._out), self._database_url)
        for number, (each, answers) in enumerate(zip(rounds, codes, strict=True), 1):
            business.open_business(self._out, business.document("maple-street-dental", business.PLAIN, answers))
            self._console.rule(f"round {number} of {len(rounds)}")
            if not self._round(calling, each):
                self._console.print(f"stopped after {self._options.limit_s:.0f} s, as --limit-s says")
                break
        return self._tell()

    def _round(self, calling: Calling, each: list[plan.Trial]) -> bool:
        """Every fault once; what is void is tried again. Returns: whether there was time."""
        waiting, again = list(reversed(each)), _MOST_AGAIN
        while waiting:
            if time.monotonic() > self._latest:
                return False
            trial = waiting.pop()
            breaker_rows.close(self._database_url, trial.target)
            outcome = attempt(trial, calling, self._emulators, business.PLAIN)
            self._outcomes.append(outcome)
            self._say(outcome)
            if outcome.void and again:
                again -= 1
                waiting.insert(0, trial)
        return True

    def _say(self, outcome: Outcome) -> None:
        trial = outcome.trial
        heard = f"{outcome.heard_ms:5.0f} ms" if outcome.heard_ms is not None else "  nothing"
        words = "void" if outcome.void else "ok" if outcome.has_reply and outcome.ended_well else "    "
        self._console.print(f"{trial.target.kind.value:5} {trial.fault:10} {heard}  {words}", highlight=False)
        for sentence in (*outcome.void, *outcome.sentences):
            self._console.print(f"      {sentence}", highlight=False, markup=False)

    def _tell(self) -> int:
        found = report.cells(self._outcomes)
        self._console.print(report.table(found))
        written = report.document(
            self._outcomes, found, stt=os.environ["VOICEFLEET_STT"], models=os.environ["VOICEFLEET_MODELS"],
            tts=os.environ["VOICEFLEET_TTS"], trials_wanted=self._options.trials,
        )  # fmt: skip
        file = self._out / "result.json"
        file.write_text(json.dumps(written, indent=2) + "\n")
        self._console.print(str(file), soft_wrap=True)
        return report.exit_code(found, self._options.trials)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m loadtest.chaos", description=__doc__)
    parser.add_argument("--trials", type=int, default=20, metavar="N", help="of each fault (default 20)")
    parser.add_argument(
        "--only", action="append", default=[], metavar="KIND[:FAULT]",
        help="stt, model or tts, or one fault of it as in stt:mute; may be given again",
    )  # fmt: skip
    parser.add_argument("--limit-s", type=float, default=6 * 3600.0, help="begin no trial after this (default 6 h)")
    parser.add_argument("--out", type=Path, default=Path("var/chaos-providers"))
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
