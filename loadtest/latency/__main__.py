"""`python -m loadtest.latency`: how long a caller waits for an answer, and for what. `make bench-latency` runs it.

Run it inside a stack whose providers are emulated, with its environment. Several runs, of several stacks, are judged
together by `--join`. Exit codes: 0 every promise kept; 1 one was not; 2 bad input; 3 void, too few turns count.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg

from loadtest import stack
from loadtest.caller import pace, voices
from loadtest.caller.calm import until_calm
from loadtest.caller.errors import CallerError
from loadtest.caller.sip_message import Uri, parse_uri
from loadtest.caller.ulaw import Pcm
from loadtest.emulators.orders import Emulators, OrderRefused
from loadtest.latency import goals, noises, report
from loadtest.latency.budget import summary
from loadtest.latency.picture import svg
from loadtest.latency.run import Telephones
from loadtest.latency.script import Noise, Wish, draw, steps
from loadtest.soak.opening_hours import ZONE
from loadtest.soak.rows import booked_starts

_VOICE = "hibari"
_SEED = 6
_SCHEMA = 1
EMULATORS = "VOICEFLEET_EMULATORS"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.join:
            document = joined([json.loads(path.read_text()) for path in options.join])
        else:
            document = asyncio.run(_measure(options))
    except (CallerError, OrderRefused, ValueError, OSError, asyncpg.PostgresError) as fault:
        print(f"latency: {fault}", file=sys.stderr)
        return 2
    return _tell(document, options.out)


async def _measure(options: argparse.Namespace) -> dict[str, Any]:
    if "DATABASE_URL" not in os.environ or EMULATORS not in os.environ:
        raise CallerError(f"DATABASE_URL and {EMULATORS} are not set; `make bench-latency` runs inside such a stack")
    database_url, emulators = os.environ["DATABASE_URL"], Emulators(os.environ[EMULATORS])
    options.out.mkdir(parents=True, exist_ok=True)
    levels = [int(level) for level in options.at_once.split(",")]
    busy = await booked_starts(database_url, datetime.now(UTC))
    warm = max(levels)
    count = warm + options.calls * len(levels)
    wishes = draw(count, seed=options.seed, today=datetime.now(ZONE).date(), busy=busy)
    clips = _clips(wishes)
    emulators.know({noises.MM_HM_WORDS if name == Noise.MM_HM.value else name: clip for name, clip in clips.items()
                    if name != Noise.COUGH.value})  # fmt: skip
    emulators.become(options.profile)
    tell = partial(print, flush=True)
    telephones = Telephones(_at(options.to), database_url, clips, options.out, tell)
    await until_calm(tell)
    with _humming(emulators):
        print(f"warming up: {warm} calls that do not count", flush=True)
        await telephones.dial(wishes[:warm], at_once=warm, seed=options.seed)
        emulators.become(options.profile)
        conditions = await _conditions(telephones, levels, wishes[warm:], options)
    return judged(conditions, report.late(emulators.counts()), seed=options.seed)


async def _conditions(
    telephones: Telephones, levels: Sequence[int], wishes: Sequence[Wish], options: argparse.Namespace
) -> list[dict[str, Any]]:
    """What each level came to, with calls of its own."""
    conditions = []
    for number, level in enumerate(levels):
        print(f"{options.profile}, {level} at once: {options.calls} calls", flush=True)
        chosen = wishes[number * options.calls : (number + 1) * options.calls]
        notes = options.out / f"pace-{level}.txt"
        with pace.noting(notes):
            results = await telephones.dial(chosen, at_once=level, seed=options.seed + 1 + number)
        conditions.append(summary(results.condition(options.profile, level, pace.noted(notes))))
    return conditions


@contextmanager
def _humming(emulators: Emulators) -> Iterator[None]:
    """The emulated voices hum for so long: speech yet to be made would take the processor from those measured.

    What the agents cache meanwhile stays hummed: their speech cache must be a folder of the run's own.
    """
    emulators.speak_as("hum")
    try:
        yield
    finally:
        with suppress(OrderRefused):  # the stack may be gone, and what went wrong first is what to tell
            emulators.speak_as("hibari")


def _clips(wishes: Sequence[Wish]) -> dict[str, Pcm]:
    """Everything that is said, by its text, and the noises, by their names."""
    texts = list(dict.fromkeys(step.says for wish in wishes for step in steps(wish)))
    spoken = voices.clips(_VOICE, [*texts, noises.MM_HM])
    return spoken | {Noise.MM_HM.value: spoken.pop(noises.MM_HM), Noise.COUGH.value: noises.cough(_SEED)}


def judged(conditions: list[dict[str, Any]], notes: list[str], **about: Any) -> dict[str, Any]:
    """The document of a run: its conditions, held against what is promised."""
    few = goals.too_few(conditions)
    found = [asdict(goal) | {"is_met": goal.is_met} for goal in goals.goals(conditions)]
    return {"schema": _SCHEMA, **about, "goals": found, "void": few, "notes": notes, "conditions": conditions}


def joined(documents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Several runs as one."""
    conditions = [condition for document in documents for condition in document["conditions"]]
    return judged(conditions, [note for document in documents for note in document["notes"]])


def _tell(document: dict[str, Any], out: Path) -> int:
    conditions = document["conditions"]
    text = report.markdown(goals.goals(conditions), conditions, [*document["void"], *document["notes"]])
    out.mkdir(parents=True, exist_ok=True)
    (out / "latency.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    (out / "latency.md").write_text(text)
    (out / "latency.svg").write_text(svg(conditions))
    print(f"\n{text}\n{out}/latency.json", flush=True)
    if document["void"]:
        return 3
    return 0 if all(goal["is_met"] for goal in document["goals"]) else 1


def _at(text: str) -> Uri:
    to = parse_uri(text)
    return Uri(to.user, socket.gethostbyname(to.host), to.port, to.text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m loadtest.latency", description=__doc__.splitlines()[0])
    parser.add_argument("--profile", default=goals.FAST, help=f"the emulators' suite (default {goals.FAST})")
    parser.add_argument("--at-once", default="1,6", help="calls at once, one condition each (default 1,6)")
    parser.add_argument("--calls", type=int, default=18, help="calls a condition: 12 turns, 3 barge-ins each (18)")
    parser.add_argument("--to", default=stack.dialled(), metavar="URI", help="number to dial (default: the stack's)")
    parser.add_argument("--seed", type=int, default=_SEED)
    parser.add_argument("--out", type=Path, default=Path("var/latency") / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    parser.add_argument("--join", type=Path, nargs="+", metavar="LATENCY.json", help="judge these runs as one")
    return parser


if __name__ == "__main__":
    sys.exit(main())
