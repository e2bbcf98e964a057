"""`python -m loadtest.evaluation`: simulated callers by the thousand, in text; `make eval` does it.

Exit codes: 0 the goals were met, 1 they were missed, 2 the agent's process failed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path

from loadtest.evaluation.base_questions import FOLDER, BaseQuestion, QuestionsError, load_questions
from loadtest.evaluation.business import load_business
from loadtest.evaluation.door import DoorError
from loadtest.evaluation.figures import figures, worst
from loadtest.evaluation.question_figures import question_figures
from loadtest.evaluation.report import as_json, markdown, transcript
from loadtest.evaluation.run import Case, Evaluation

_TELL_EVERY_S = 2.0


class _Progress:
    """How far the run is, on standard error."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._done = 0
        self._bad = 0
        self._began = self._told = time.monotonic()

    def __call__(self, case: Case) -> None:
        self._done += 1
        self._bad += not case.verdict.is_good
        now = time.monotonic()
        if now - self._told >= _TELL_EVERY_S or self._done == self._count:
            self._told = now
            spent = now - self._began
            print(f"{self._done}/{self._count} calls, {self._bad} not good, {spent:.0f} s", file=sys.stderr, flush=True)


def main() -> int:
    """Run the command line; returns the exit code."""
    options = _parser().parse_args()
    try:
        evaluation = Evaluation(
            options.tenant, seed=options.seed, part=options.part, options=_agents(options), questions=_asked(options)
        )
        run = asyncio.run(evaluation.run(options.n, jobs=options.jobs, tell=_Progress(options.n)))
    except (DoorError, QuestionsError) as error:
        print(f"evaluation: {error}", file=sys.stderr)
        return 2
    document = {**figures(run), "side_questions": question_figures(run)}
    title = f"Evaluation in text: {options.tenant.stem}, seed {options.seed}, {options.part.replace('_', ' ')} turns"
    page = markdown(document, title)
    bad = "\n\n".join(transcript(case) for case in worst(run, options.worst))
    options.out.mkdir(parents=True, exist_ok=True)
    calls = [as_json(case) for case in run.cases]
    (options.out / "evaluation.json").write_text(json.dumps({**document, "calls": calls}, indent=1), encoding="utf-8")
    (options.out / "evaluation.md").write_text(page, encoding="utf-8")
    (options.out / "worst.txt").write_text(bad + "\n", encoding="utf-8")
    print(bad, end="\n\n" if bad else "")
    print(page)
    print(f"written to {options.out}: evaluation.json, evaluation.md, worst.txt")
    return 0 if document["passes"] else 1


def _agents(options: argparse.Namespace) -> tuple[str, ...]:
    """Options of the agent's processes."""
    chosen = {"--grammar-only": options.grammar_only, "--knowledge": options.knowledge}
    return tuple(option for option, is_on in chosen.items() if is_on)


def _asked(options: argparse.Namespace) -> tuple[BaseQuestion, ...]:
    """What callers ask the base; nothing where it is not asked."""
    if not options.knowledge:
        return ()
    slug = str(load_business(options.tenant).document["slug"])
    return load_questions(options.questions or FOLDER / slug / "usual.jsonl")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m loadtest.evaluation", description=__doc__)
    parser.add_argument("--n", type=int, default=2000, help="calls (default 2000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="processes of the agent's (default 2)")
    parser.add_argument(
        "--part", choices=("held_back", "development"), default="held_back",
        help="callers' turns: those never tuned on, or those to look for faults with (default held_back)",
    )  # fmt: skip
    parser.add_argument(
        "--grammar-only", action="store_true", help="leave out the agent's sentence model, to see what it is worth"
    )
    parser.add_argument(
        "--knowledge", action="store_true",
        help="the agent asks its knowledge base in DATABASE_URL, and a third of those who book ask it something",
    )  # fmt: skip
    parser.add_argument(
        "--questions", type=Path, metavar="FILE", help=f"what they ask (default {FOLDER}/<slug>/usual.jsonl)"
    )
    parser.add_argument("--worst", type=int, default=10, help="how many of the worst calls are printed (default 10)")
    parser.add_argument("--tenant", type=Path, default=Path("infra/local/tenants/riverside-dental.yaml"))
    parser.add_argument("--out", type=Path, default=Path("var/eval"))
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
