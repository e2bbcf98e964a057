"""``bench-ear``: hold the ear's figures against a responder that knows its own delays."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from loadtest.caller import loop
from loadtest.caller.call import Call
from loadtest.caller.callee import burst
from loadtest.caller.errors import CallerError
from loadtest.caller.noise import NoiseMeter, void_reasons
from loadtest.caller.responder import read_truths
from loadtest.caller.script import Caller, Limits, Line, Scenario
from loadtest.caller.sip_message import parse_uri

MAX_BIAS_MS = 2.0
MAX_P99_MS = 12.0
_CALLS = 4
_CLIP = "burst"
_STAGGER_NS = 257_000_000


@dataclass(frozen=True)
class Outcome:
    """Measured minus true, one value a turn, in ms; ``missing`` turns have no pair."""

    errors_ms: list[float]
    missing: int
    void: list[str]
    noise: dict[str, float | int]

    @property
    def bias_ms(self) -> float:
        """Mean error."""
        return float(np.mean(self.errors_ms)) if self.errors_ms else float("nan")

    def percentile_ms(self, percent: float) -> float:
        """A percentile of the error's size."""
        return float(np.percentile(np.abs(self.errors_ms), percent)) if self.errors_ms else float("nan")

    @property
    def exit_code(self) -> int:
        """0 within bounds, 3 void, 1 out of bounds."""
        if self.void:
            return 3
        good = not self.missing and abs(self.bias_ms) < MAX_BIAS_MS and self.percentile_ms(99) < MAX_P99_MS
        return 0 if good else 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``bench-ear``."""
    parser.set_defaults(command=_bench)
    parser.add_argument("--turns", type=int, default=300, help="turns in all (default 300)")
    parser.add_argument("--calls", type=int, default=_CALLS, help=f"calls at once (default {_CALLS})")
    parser.add_argument("--seed", type=int, default=1, help="draws the delays")
    parser.add_argument("--host", default="127.0.0.1", help="address both ends use (default 127.0.0.1)")


def _bench(options: argparse.Namespace) -> int:
    if options.turns < 1 or options.calls < 1:
        raise CallerError("--turns and --calls must be at least 1")
    outcome = measure(turns=options.turns, calls=options.calls, seed=options.seed, host=options.host)
    noise = outcome.noise
    print(
        f"n {len(outcome.errors_ms)}  bias {outcome.bias_ms:+.2f} ms  p50 {outcome.percentile_ms(50):.2f} ms  "
        f"p99 {outcome.percentile_ms(99):.2f} ms  max {outcome.percentile_ms(100):.2f} ms  missing {outcome.missing}"
    )
    print(
        f"noise: tick p50 {noise['tick_late_p50_ms']} ms, p99 {noise['tick_late_p99_ms']} ms; "
        f"steal {noise['steal_percent']} %; socket drops {noise['socket_drops']}"
    )
    for reason in outcome.void:
        print(f"VOID: {reason}")
    verdict = {0: "PASS", 1: "FAIL", 3: "VOID"}[outcome.exit_code]
    print(f"{verdict} (limits: |bias| < {MAX_BIAS_MS:g} ms, p99 < {MAX_P99_MS:g} ms, every turn paired)")
    return outcome.exit_code


def measure(*, turns: int, calls: int, seed: int, host: str) -> Outcome:
    """Run the calls against a responder in a process of its own and pair every turn with its truth."""
    shares = [turns // calls + (index < turns % calls) for index in range(min(calls, turns))]
    with tempfile.TemporaryDirectory() as folder:
        truth_path = Path(folder) / "truth.jsonl"
        command = [sys.executable, "-m", "loadtest.caller", "respond", "--host", host, "--seed", str(seed)]
        with subprocess.Popen(
            [*command, "--truth", str(truth_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            if not port:
                raise CallerError("the responder did not start")
            running = [_call(index + 1, share, host, int(port)) for index, share in enumerate(shares)]
            noise = NoiseMeter()
            loop.run([(index * _STAGGER_NS, call) for index, call in enumerate(running)], None)
            process.communicate()
        truths: dict[str, list[float]] = defaultdict(list)
        for truth in read_truths(truth_path):
            if truth["kind"] == "reply":
                truths[truth["call_id"]].append(truth["delay_ms"])
    return _pair(running, shares, truths, noise)


def _pair(calls: list[Call], shares: list[int], truths: dict[str, list[float]], noise: NoiseMeter) -> Outcome:
    errors, missing = [], 0
    for call, share in zip(calls, shares, strict=True):
        measured = [turn.response_wire_ms for turn in call.record.turns]
        known = truths[call.dialog.call_id]
        if len(measured) != len(known) or None in measured:
            missing += share
            continue
        errors += [heard - true for heard, true in zip(measured, known, strict=True) if heard is not None]
        missing += share - len(known)
    lateness = [late for call in calls for late in call.lateness_ms]
    summary = noise.summary(lateness, sum(call.drops for call in calls))
    return Outcome(errors, missing, void_reasons(summary), summary)


def _call(number: int, turns: int, host: str, port: int) -> Call:
    scenario = Scenario(
        name="bench-ear",
        caller=Caller.model_validate({"from": f"+1555010{number:04d}"}),
        limits=Limits(call_s=3600, reply_s=3, silence_ms=200),
        lines=[Line(say=_CLIP)] * turns,
    )
    return Call(
        number=number,
        scenario=scenario,
        to=parse_uri(f"sip:responder@{host}:{port}"),
        local_ip=host,
        clips={_CLIP: burst(1000 + number, 240)},
        ear=None,
        announce=lambda at_ns, who, text: None,
    )
