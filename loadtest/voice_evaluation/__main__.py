"""`python -m loadtest.voice_evaluation`: simulated callers on the telephone; `make eval-voice` does it.

Run it inside the stack's namespace, with its environment. Exit codes: 0 the goals were met, 1 they were missed or too
few calls could be judged, 2 it could not be run. However it ends, what was judged is reported.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from loadtest import stack
from loadtest.evaluation.base_questions import FOLDER, BaseQuestion, QuestionsError, load_questions
from loadtest.evaluation.business import load_business
from loadtest.evaluation.run import Run
from loadtest.soak.draw import NAMES
from loadtest.voice_evaluation.outcome import Outcome
from loadtest.voice_evaluation.report import document, line, markdown, worst_calls
from loadtest.voice_evaluation.run import Setting, VoiceEvaluation


def main() -> int:
    """Run the command line; returns the exit code."""
    options = _parser().parse_args()
    if "DATABASE_URL" not in os.environ:
        print("evaluation: DATABASE_URL is not set; run `make eval-voice`, inside the stack", file=sys.stderr)
        return 2
    try:
        questions = _asked(options)
    except QuestionsError as error:
        print(f"evaluation: {error}", file=sys.stderr)
        return 2
    out: Path = options.out / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    out.mkdir(parents=True)
    evaluation = _evaluation(options, out, questions)
    try:
        asyncio.run(_run(evaluation, options))
    except KeyboardInterrupt:
        print("evaluation: stopped", file=sys.stderr)
    finally:
        code = _report(options, out, evaluation.judged, evaluation.outcomes)
    if evaluation.stopped:
        print(f"evaluation: {evaluation.stopped}", file=sys.stderr)
    return 2 if evaluation.stopped and not evaluation.outcomes else code


def _asked(options: argparse.Namespace) -> tuple[BaseQuestion, ...]:
    """What callers ask in between. Raises QuestionsError."""
    if options.no_questions:
        return ()
    slug = str(load_business(options.tenant).document["slug"])
    return load_questions(options.questions or FOLDER / slug / "usual.jsonl")


def _evaluation(options: argparse.Namespace, out: Path, questions: tuple[BaseQuestion, ...]) -> VoiceEvaluation:
    setting = Setting(
        to=options.to,
        database_url=os.environ["DATABASE_URL"],
        tenant=options.tenant,
        voices=tuple(options.voices.split(",")),
        people=NAMES,
        seed=options.seed,
        part=options.part,
        kinds=tuple(kind for kind in options.goals.split(",") if kind),
        out=out,
        latest=time.monotonic() + options.most_min * 60,
        questions=questions,
    )
    done = 0

    def tell(outcome: Outcome) -> None:
        nonlocal done
        done += not outcome.is_void
        print(line(outcome, done, options.n), flush=True)

    return VoiceEvaluation(setting, load_business(options.tenant), tell)


async def _run(evaluation: VoiceEvaluation, options: argparse.Namespace) -> None:
    if options.warm_up:
        print(f"warming up: {options.warm_up} calls that do not count", flush=True)
        await evaluation.warm_up(options.warm_up)
    await evaluation.run(options.n, options.at_once)


def _report(options: argparse.Namespace, out: Path, run: Run, outcomes: list[Outcome]) -> int:
    if not run.cases:
        print(f"evaluation: no call could be judged; see {out}", file=sys.stderr)
        return 1
    figured = document(run, outcomes, options.n)
    title = f"Evaluation by voice: {options.tenant.stem}, seed {options.seed}, {options.part.replace('_', ' ')} turns"
    page = markdown(figured, title)
    bad = worst_calls(run, outcomes, options.worst)
    (out / "evaluation.json").write_text(json.dumps(figured, indent=1, default=str), encoding="utf-8")
    (out / "evaluation.md").write_text(page, encoding="utf-8")
    (out / "worst.txt").write_text(bad + "\n", encoding="utf-8")
    print(f"\n{bad}\n\n{page}")
    print(f"written to {out}: evaluation.json, evaluation.md, worst.txt, and each call's sound and report")
    return 0 if figured["passes"] else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m loadtest.voice_evaluation", description=__doc__)
    parser.add_argument("--to", default=stack.dialled(), metavar="URI", help="default: the stack it runs in")
    parser.add_argument("--n", type=int, default=60, help="calls to judge (default 60); void ones are replaced")
    parser.add_argument("--at-once", type=int, default=2, metavar="LINES", help="calls at a time (default 2)")
    parser.add_argument("--warm-up", type=int, default=2, metavar="CALLS", help="calls before, not counted (default 2)")
    parser.add_argument("--most-min", type=float, default=120.0, help="nobody dials after so long (default 120)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--goals", default="", metavar="KIND,…", help="only callers who first want one of these")
    parser.add_argument("--voices", default="hibari,joe")
    parser.add_argument(
        "--part", choices=("held_back", "development"), default="held_back",
        help="callers' turns: those never tuned on, or those to look for faults with (default held_back)",
    )  # fmt: skip
    parser.add_argument("--no-questions", action="store_true", help="nobody asks the business anything in between")
    parser.add_argument(
        "--questions", type=Path, metavar="FILE", help=f"what they ask in between (default {FOLDER}/<slug>/usual.jsonl)"
    )
    parser.add_argument("--worst", type=int, default=10, help="how many of the worst calls are printed (default 10)")
    parser.add_argument("--tenant", type=Path, default=Path("infra/local/tenants/riverside-dental.yaml"))
    parser.add_argument("--out", type=Path, default=Path("var/eval-voice"))
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
