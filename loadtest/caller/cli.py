"""Command line: ``run`` a scenario, ``bench-ear``, ``respond``.

Exit codes: 0 every line of every call was satisfied; 1 a call failed; 2 bad input; 3 void, the machine was too
noisy to measure on (``bench-ear``).
"""

from __future__ import annotations

import argparse
import contextlib
import re
import socket
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from loadtest.caller import bench, loop, report, responder, script, voices
from loadtest.caller.call import Call
from loadtest.caller.ear import Ear
from loadtest.caller.errors import CallerError
from loadtest.caller.noise import NoiseMeter
from loadtest.caller.script import Caller, End, Limits, Line, Scenario
from loadtest.caller.sip_message import MalformedMessage, Uri, parse_uri
from loadtest.caller.ulaw import Pcm

_EPILOG = """examples:
  %(prog)s run loadtest/caller/scenarios/demo.yaml --to sip:+15550100@127.0.0.1:5060
  %(prog)s run demo.yaml --to sip:+15550100@10.0.0.5 --calls 3 --out /tmp/three
  %(prog)s run --wav hello.wav --to sip:+15550100@127.0.0.1 --no-ear
  %(prog)s answer --listen 127.0.0.1:5070 --script loadtest/caller/scenarios/person.yaml
  %(prog)s bench-ear --turns 300
exit codes: 0 every line satisfied, 1 a call failed, 2 bad input, 3 void (machine too noisy)"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except CallerError as fault:
        print(f"caller: {fault}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m loadtest.caller",
        description="Dial over SIP, hold a scripted conversation and measure it at the caller's ear.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="call a number with a scenario, or with your own WAV")
    run.set_defaults(command=_run)
    run.add_argument("scenario", nargs="?", type=Path, metavar="SCENARIO.yaml")
    run.add_argument("--to", required=True, metavar="URI", help="sip:NUMBER@HOST[:PORT], over UDP")
    run.add_argument("--from", dest="caller", metavar="NUMBER", help="calling number (default: the scenario's)")
    run.add_argument("--local-ip", metavar="IP", help="own address (default: the one that routes to the host)")
    run.add_argument("--out", type=Path, metavar="DIR", help="where recordings and reports go (default: ./var/calls/…)")
    run.add_argument("--calls", type=int, default=1, metavar="N", help="calls at once (default 1)")
    run.add_argument("--spread-s", type=float, default=1.0, help="start them this far apart (default 1)")
    run.add_argument("--auth", metavar="USER:PASSWORD", help="answer a digest challenge")
    run.add_argument("--wav", type=Path, help="say this file (mono, 16 bit, 8 kHz) after the greeting")
    run.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="fill ${KEY} in the scenario")
    run.add_argument("--voice", choices=("hibari", "joe"), help="override the scenario's voice")
    run.add_argument("--no-ear", action="store_true", help="recognise nothing; every agent turn counts as expected")
    answer = commands.add_parser("answer", help="be called once: ring, answer or refuse, and follow a script")
    answer.set_defaults(command=_answer)
    answer.add_argument("--listen", required=True, metavar="HOST:PORT", help="where to wait for the call, over UDP")
    answer.add_argument("--script", required=True, type=Path, metavar="SCENARIO.yaml", help="with an answer: part")
    answer.add_argument(
        "--out", type=Path, metavar="DIR", help="where recording and report go (default: ./var/calls/…)"
    )
    answer.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="fill ${KEY} in the scenario")
    answer.add_argument("--no-ear", action="store_true", help="recognise nothing; every turn counts as expected")
    bench.add_arguments(commands.add_parser("bench-ear", help="prove the ear against a known-delay responder"))
    responder.add_arguments(commands.add_parser("respond", help="be the known-delay responder"))
    return parser


def _run(options: argparse.Namespace) -> int:
    to = _target(options.to)
    local_ip = options.local_ip or route_to(to)
    scenario, clips = _material(options)
    if options.calls < 1:
        raise CallerError(f"--calls must be at least 1, not {options.calls}")
    credentials = None
    if options.auth:
        user, colon, password = options.auth.partition(":")
        if not colon:
            raise CallerError("--auth takes USER:PASSWORD")
        credentials = (user, password)
    ear = None if options.no_ear else Ear.start()
    folder = options.out or Path("var") / "calls" / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{scenario.name}"
    calls: list[Call] = []
    noise = NoiseMeter()
    with contextlib.ExitStack() as stack:
        if ear:
            stack.callback(ear.close)
        for number in range(1, options.calls + 1):
            call = Call(number, _numbered(scenario, number), to, local_ip, clips, ear, _quiet, credentials)
            call.announce = partial(_say, report.announcer(number, options.calls), call)
            calls.append(call)
        gap_ns = int(options.spread_s * 1e9)
        loop.run([(index * gap_ns, call) for index, call in enumerate(calls)], ear)
    dialled = [call for call in calls if call.record.invited_ns]
    documents = [_file(call, noise, folder, alone=len(calls) == 1) for call in dialled]
    print("\n" + "\n".join(report.summary_lines(documents)))
    passed = sum(document["verdict"] == "passed" for document in documents)
    return 0 if passed == len(calls) else 1


def _answer(options: argparse.Namespace) -> int:
    """Wait for one call and hold it; ready once "listening" is printed."""
    at = _target(f"sip:{options.listen}")
    scenario = script.load(options.script, _values(options))
    if scenario.answer is None:
        raise CallerError(f"{options.script} has no answer: part, so nobody would pick up")
    clips = voices.clips(scenario.caller.voice, texts) if (texts := scenario.spoken()) else {}
    folder = options.out or Path("var") / "calls" / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{scenario.name}"
    noise = NoiseMeter()
    with contextlib.ExitStack() as stack:
        ear = None if options.no_ear else Ear.start()
        if ear:
            stack.callback(ear.close)
        call = Call(1, scenario, at, at.host, clips, ear, _quiet, listen_port=at.port)
        call.announce = partial(_say, report.announcer(1, 1), call)
        print(f"listening on {at.host}:{at.port}", flush=True)
        loop.run([(0, call)], ear)
    document = _file(call, noise, folder, alone=True)
    print("\n" + "\n".join(report.summary_lines([document])))
    return 0 if document["verdict"] == "passed" else 1


def _quiet(at_ns: int, who: str, text: str) -> None:
    """Say nothing; stands in until the call has its printer."""


def _say(announce: Any, call: Call, at_ns: int, who: str, text: str) -> None:
    announce(call.record.invited_ns, at_ns, who, text)


def _file(call: Call, noise: NoiseMeter, folder: Path, *, alone: bool) -> dict[str, Any]:
    own = folder if alone else folder / f"call-{call.number}"
    try:
        own.mkdir(parents=True, exist_ok=True)
        document = report.describe(call, noise, own)
        call.write_recording(own / "call.wav")
        report.write(document, own / "call.json")
    except OSError as fault:
        raise CallerError(f"cannot write to {own}: {fault.strerror}") from None
    return document


def _material(options: argparse.Namespace) -> tuple[Scenario, dict[str, Pcm]]:
    """Load the scenario and make its speech; with --wav alone, make a one-line scenario."""
    values = _values(options)
    if options.wav and not options.scenario:
        name = options.wav.name
        scenario = Scenario(name="wav", lines=[Line(say=name)], limits=Limits(), end=End(), caller=Caller())
        clip = voices.trim(voices.read_wav(options.wav), options.wav)
        return _with_caller(scenario, options), {name: clip}
    if not options.scenario or options.wav:
        raise CallerError("give either a SCENARIO.yaml or --wav FILE")
    scenario = _with_caller(script.load(options.scenario, values), options)
    if options.no_ear and scenario.needs_ear:
        print("caller: without the ear every expected pattern counts as met", file=sys.stderr)
    if not (texts := scenario.spoken()):
        return scenario, {}
    return scenario, voices.clips(scenario.caller.voice, texts)


def _values(options: argparse.Namespace) -> dict[str, str]:
    values = {}
    for item in options.set:
        key, equals, value = item.partition("=")
        if not equals:
            raise CallerError(f"--set takes KEY=VALUE, not {item!r}")
        values[key] = value
    return values


def _with_caller(scenario: Scenario, options: argparse.Namespace) -> Scenario:
    update = {"number": options.caller, "voice": options.voice}
    caller = scenario.caller.model_copy(update={key: value for key, value in update.items() if value})
    return scenario.model_copy(update={"caller": caller})


def _numbered(scenario: Scenario, number: int) -> Scenario:
    """Give each of several calls a calling number of its own: the last digits count up."""
    if number == 1:
        return scenario
    own = scenario.caller.number
    digits = re.search(r"\d+$", own)
    if not digits:
        return scenario
    raised = str(int(digits[0]) + number - 1).zfill(len(digits[0]))
    caller = scenario.caller.model_copy(update={"number": own[: digits.start()] + raised})
    return scenario.model_copy(update={"caller": caller})


def _target(text: str) -> Uri:
    try:
        uri = parse_uri(text)
        address = socket.getaddrinfo(uri.host, uri.port, socket.AF_INET, socket.SOCK_DGRAM)[0][4][0]
    except MalformedMessage:
        raise CallerError(f"--to {text!r} is not a SIP address such as sip:+15550100@127.0.0.1:5060") from None
    except OSError as fault:
        raise CallerError(f"cannot find the host of {text!r}: {fault.strerror}") from None
    return Uri(uri.user, str(address), uri.port, uri.text)


def route_to(to: Uri) -> str:
    """Find which of this machine's addresses talks to the target."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((to.host, to.port))
        except OSError as fault:
            raise CallerError(f"no way to {to.host}: {fault.strerror}; try --local-ip") from None
        return str(probe.getsockname()[0])
