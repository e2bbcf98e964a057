"""`python -m loadtest.soak`: whole calls by the dozen, judged by what was stored and heard.

Run it inside the stack's namespace, with its environment: `make soak` does.
Exit codes: 0 every call was right and nothing was left behind; 1 otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
from datetime import UTC, datetime
from pathlib import Path

from loadtest import stack
from loadtest.soak.draw import Wish, draw
from loadtest.soak.leaks import Footprint, footprint, grown
from loadtest.soak.rows import agent_figures_ms, agent_interruptions, booked_starts, still_open
from loadtest.soak.run import Callers, Outcome

#: After the last call: job processes end, idle ones are made anew, livekit-sip drains its RTP ports for 30 s.
_SETTLE_S = 45.0
_PATIENCE_S = 120.0
_LOOK_EVERY_S = 5.0


def main() -> int:
    """Run the command line; returns the exit code."""
    options = _parser().parse_args()
    if "DATABASE_URL" not in os.environ:
        print("soak: DATABASE_URL is not set; run `make soak`, which runs inside the stack", file=sys.stderr)
        return 2
    return asyncio.run(_run(options))


async def _run(options: argparse.Namespace) -> int:
    database_url = os.environ["DATABASE_URL"]
    voices = tuple(options.voices.split(","))
    out = options.out / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    lines = options.at_once
    now = datetime.now(UTC)
    booked = await booked_starts(database_url, now)
    callers = Callers(options.to, database_url, out)
    rehearsals = max(lines, 1)
    count = rehearsals + (60 if lines else options.calls + options.calls // 10)
    drawn = draw(count, seed=options.seed, now=now, voices=voices, booked=booked)
    wishes = drawn[rehearsals:]
    before = await _warm_up(options, callers, drawn[:rehearsals]) if options.supervisor else None
    began = datetime.now(UTC)
    if lines:
        outcomes = await callers.at_once(wishes, lines=lines, duration_s=options.duration_s, tell=_tell)
    else:
        outcomes = await callers.one_after_another(wishes, options.calls, _tell)
    own_ms = {name: await agent_figures_ms(database_url, name, began) for name in ("e2e_ms", "barge_in_stop_ms")}
    _print_figures(outcomes, own_ms)
    dialled = [outcome.wish for outcome in outcomes]
    print(f"waiting {_SETTLE_S:g} s until what the calls held is given back", flush=True)
    await asyncio.sleep(_SETTLE_S)
    noticed = await agent_interruptions(database_url, dialled, began)
    made = sum(outcome.barge_ins for outcome in outcomes)
    print(f"barge-ins: the callers made {made}, the agent counts {noticed} interruptions")
    left = await still_open(database_url, dialled, began)
    if before is None:
        print("not looked for: processes, ports and files left behind, because --supervisor is not given")
    else:
        left += await _left_for_good(before, options.supervisor)
    print("left behind: nothing" if not left else f"left behind: {len(left)}")
    for sentence in left:
        print(f"     {sentence}")
    judged = [outcome for outcome in outcomes if not outcome.is_unjudged]
    is_enough = bool(judged) if lines else len(judged) == options.calls
    return 0 if is_enough and not left and not any(outcome.faults for outcome in judged) else 1


async def _warm_up(options: argparse.Namespace, callers: Callers, wishes: list[Wish]) -> Footprint:
    """One call a line that does not count: pools and caches fill, and what then stands is what may remain."""
    print(f"warming up: {len(wishes)} call{'s' * (len(wishes) > 1)} and a pause, then the run", flush=True)
    await asyncio.gather(*(callers.dial(wish) for wish in wishes))
    await asyncio.sleep(_SETTLE_S)
    return footprint(options.supervisor)


async def _left_for_good(before: Footprint, supervisor: int) -> list[str]:
    """What is still there after a while: pools and autovacuum open a connection more for a minute or two."""
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + _PATIENCE_S
    while (found := grown(before, footprint(supervisor))) and loop.time() < give_up_at:  # noqa: ASYNC110 - not ours
        await asyncio.sleep(_LOOK_EVERY_S)
    return found


def _tell(outcome: Outcome) -> None:
    wish = outcome.wish
    ear = statistics.mean(outcome.ear_ms) if outcome.ear_ms else float("nan")
    head = "void" if outcome.is_unjudged else "FAIL" if outcome.faults else "ok  "
    print(
        f"{head} {wish.index:03d} {wish.voice:6} {wish.service_id:9} {wish.start_at:%a %d %b %H:%M}  "
        f"{wish.name:14} ear {ear:4.0f} ms",
        flush=True,
    )
    for fault in outcome.faults:
        print(f"     {fault}", flush=True)


def _print_figures(outcomes: list[Outcome], own_ms: dict[str, list[float]]) -> None:
    answered = sum(outcome.report.get("setup", {}).get("status") == 200 for outcome in outcomes)
    right = sum(not outcome.faults for outcome in outcomes)
    void = [outcome for outcome in outcomes if outcome.void]
    unjudged = sum(outcome.is_unjudged for outcome in outcomes)
    print(f"\ncalls {len(outcomes)}, answered {answered}, right {right}, void {len(void)}, of them wrong {unjudged}")
    for outcome in void:
        print(f"void {outcome.wish.index:03d}: {'; '.join(outcome.void)}")
    _figure("ear latency", [ms for outcome in outcomes for ms in outcome.ear_ms])
    _figure("  by the agent", own_ms["e2e_ms"])
    _figure("barge-in stop", [ms for outcome in outcomes for ms in outcome.stops_ms])
    _figure("  by the agent", own_ms["barge_in_stop_ms"])
    answers = [o.report["setup"]["answer_ms"] for o in outcomes if o.report.get("setup", {}).get("answer_ms")]
    _figure("answered after", answers)


def _figure(name: str, values: list[float]) -> None:
    if len(values) < 2:
        print(f"{name:20} n={len(values)}")
        return
    cuts = statistics.quantiles(values, n=20, method="inclusive")
    print(
        f"{name:20} n={len(values)}  mean {statistics.mean(values):.0f} ms  p50 {statistics.median(values):.0f}  "
        f"p95 {cuts[18]:.0f}  worst {max(values):.0f}"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m loadtest.soak", description=__doc__)
    parser.add_argument("--to", default=stack.dialled(), metavar="URI", help="default: the stack it runs in")
    parser.add_argument(
        "--calls", type=int, default=30,
        help="one after another (default 30), and up to a tenth more in place of those that went wrong and are void",
    )  # fmt: skip
    parser.add_argument("--at-once", type=int, default=0, metavar="LINES", help="this many calls at a time instead")
    parser.add_argument("--duration-s", type=float, default=180.0, help="with --at-once (default 180)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--voices", default="hibari,joe")
    parser.add_argument("--out", type=Path, default=Path("var/soak"))
    parser.add_argument(
        "--supervisor", type=int, metavar="PID", default=os.environ.get("VOICEFLEET_SUPERVISOR_PID"),
        help="the stack's supervisor, below which to look for leaks (default: of the stack it runs in)",
    )  # fmt: skip
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
