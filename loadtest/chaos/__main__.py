"""`python -m loadtest.chaos`: providers fail while callers talk, and each hears something in time.

`faults`: each fault twenty times, in mid-call. `breakers`: one provider of each kind is left alone and taken back.
`outages`: all of a kind are gone, or the money is. `all`: these three. `sample`: a few faults, once each, at once.
Run it inside a stack with emulated providers, with its environment: `make chaos-providers` does.
Exit codes: 0 all was as promised; 1 something was not; 2 bad input; 3 void, too few trials count.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from loadtest import stack
from loadtest.caller import voices
from loadtest.caller.errors import CallerError
from loadtest.chaos import business, outages, plan, sample
from loadtest.chaos.breaker_story import BreakerStory
from loadtest.chaos.calling import Calling
from loadtest.chaos.fault_run import FaultRun
from loadtest.chaos.stage import Stage
from loadtest.chaos.telephone import Telephone
from loadtest.emulators.orders import Emulators, OrderRefused

_WIDTH = 120
_VOICE = "hibari"


def main() -> int:
    """Run the command line; returns the exit code."""
    options = _parser().parse_args()
    missing = [name for name in ("DATABASE_URL", "VOICEFLEET_EMULATORS") if name not in os.environ]
    if missing:
        print(f"chaos: {missing[0]} is not set; `make chaos-providers` runs it in a stack that has it", file=sys.stderr)
        return 2
    try:
        plan.check_names(options.what, options.only, outages.NAMES)
        return _run(options, _set(options))
    except (business.CommandFailed, CallerError, OrderRefused, ValueError) as error:
        print(f"chaos: {error}", file=sys.stderr)
        return 2


def _run(options: argparse.Namespace, stage: Stage) -> int:
    if options.what == "sample":
        return sample.run(stage)
    codes = [0]
    if options.what in ("faults", "all"):
        run = FaultRun(stage, options.trials, options.at_once, options.only, options.limit_s)
        codes.append(run.run())
    if options.what in ("breakers", "all"):
        stage.open_business()
        for kind, target in stage.targets.items():
            if not options.only or kind.value in options.only:
                codes.append(1 if BreakerStory(stage, target).run() else 0)
    if options.what in ("outages", "all"):
        codes.append(1 if outages.run(stage, options.only) else 0)
    return 1 if 1 in codes else max(codes)


def _set(options: argparse.Namespace) -> Stage:
    """Everything ready for the first call. Raises what main() catches."""
    folder = options.out / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    folder.mkdir(parents=True, exist_ok=True)
    database_url = os.environ["DATABASE_URL"]
    emulators = Emulators(os.environ["VOICEFLEET_EMULATORS"])
    made = Stage(
        targets={} if options.what == "sample" else plan.targets(os.environ),
        calling=Calling(Telephone(stack.dialled(), folder), database_url),
        emulators=emulators,
        database_url=database_url,
        folder=folder,
        console=Console(width=_WIDTH, highlight=False, markup=False),
    )
    emulators.mend()
    emulators.know(voices.clips(_VOICE, plan.spoken()))
    numbers = [each.number for each in sample.SAMPLE]
    business.open_lines(folder, [business.PLAIN, business.HOSTED, business.PENNY, *numbers])
    return made


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m loadtest.chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", choices=("faults", "breakers", "outages", "all", "sample"), default="all")
    parser.add_argument("--trials", type=int, default=20, metavar="N", help="of each fault (default 20)")
    parser.add_argument(
        "--at-once", type=int, default=5, choices=range(1, len(plan.COLOURS) + 1), metavar="N",
        help="trials of one fault at the same time, a call each (default 5)",
    )  # fmt: skip
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME",
        help=f"stt, model, tts, a fault like stt:mute; of outages: {', '.join(outages.NAMES)}; may be given again",
    )  # fmt: skip
    parser.add_argument("--limit-s", type=float, default=6 * 3600.0, help="begin no call after this (default 6 h)")
    parser.add_argument("--out", type=Path, default=Path("var/chaos-providers"))
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
