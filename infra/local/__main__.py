"""`python -m infra.local`: the one-machine stack."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from ipaddress import IPv4Network
from pathlib import Path
from typing import NoReturn

import psutil

from infra.local.demo import run_demo
from infra.local.errors import StackError
from infra.local.lifecycle import Stack, bring_up, is_stale, take_down, troubles
from infra.local.network import enter, machine_address, set_up_namespace
from infra.local.places import find_places, make_places, stack_api_key
from infra.local.record import Phase, StackRecord, read_record
from infra.local.runner import Runner, only_runner
from infra.local.servers import CHECKOUT
from infra.local.settings import STACK_FILE, load_settings
from infra.local.surroundings import Surroundings
from infra.local.view import follow_logs, print_status


def main(argv: list[str] | None = None) -> int:
    """Run one command; its exit code."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.command(_stack(arguments), arguments))
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _up(stack: Stack, arguments: argparse.Namespace) -> int:
    record = bring_up(stack, _say)
    name = stack.places.name
    print(f"stack {name} is up{record.shown_sip}")
    if record.shown_sip and not record.isolated:
        print(f"dial {_dial(record, stack.settings.demo.number)} with any softphone")
    return 0


def _status(stack: Stack, arguments: argparse.Namespace) -> int:
    record = read_record(stack.places)
    if record is None or record.phase is Phase.DOWN:
        print(f"stack {stack.places.name} is down")
        return 1
    note = record.sentence
    if stack.runner() is None and record.phase is not Phase.FAILED:
        note = "the runner died; `make up` brings the stack back"
    elif record.phase is not Phase.FAILED and is_stale(record):
        note = "the runner is not responding"
    print_status(stack.places.name, record, note=note)
    return 1 if note or troubles(record) or record.phase is not Phase.UP else 0


def _logs(stack: Stack, arguments: argparse.Namespace) -> int:
    follow_logs(stack.places, arguments.names, lines=arguments.lines, follow=arguments.follow)
    return 0


def _down(stack: Stack, arguments: argparse.Namespace) -> int:
    stopped = take_down(stack, _say)
    print(f"stack {stack.places.name} is down" if stopped else f"stack {stack.places.name} was not up")
    return 0


def _run(stack: Stack, arguments: argparse.Namespace) -> NoReturn:
    _become(_running(stack), _command(arguments, "run"))


def _once(stack: Stack, arguments: argparse.Namespace) -> int:
    """The command's exit code; 127 when it cannot be run. Whoever is told to stop stops the stack first."""
    words = _command(arguments, "once")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    was_up = stack.runner() is not None
    try:
        return _ran(bring_up(stack, _say), words)
    finally:
        if not was_up:
            take_down(stack, _say)


def _ran(record: StackRecord, words: list[str]) -> int:
    try:
        return subprocess.run([*_into(record), *words], env=_within(record), check=False).returncode
    except OSError as error:
        print(f"cannot run {words[0]}: {error.strerror}", file=sys.stderr)
        return 127


def _call(stack: Stack, arguments: argparse.Namespace) -> NoReturn:
    record = _running(stack)
    what = ["--wav", str(arguments.wav)] if arguments.wav else [str(arguments.scenario)]
    number = arguments.number or stack.settings.demo.number
    caller = [sys.executable, "-m", "loadtest.caller", "run", *what, "--to", _dial(record, number)]
    _become(record, [*caller, "--out", str(_call_folder(stack))])


def _demo(stack: Stack, arguments: argparse.Namespace) -> int:
    record = _running(stack)
    env = {**os.environ, **record.env}
    return run_demo(_into(record), env, to=_dial(record, stack.settings.demo.number), folder=_call_folder(stack))


def _running(stack: Stack) -> StackRecord:
    record = stack.runner()
    if record is None:
        raise StackError(f"stack {stack.places.name} is not up; `make up` starts it")
    return record


def _dial(record: StackRecord, number: str) -> str:
    return f"sip:{number}@{record.address}:{record.sip_port}"


def _call_folder(stack: Stack) -> Path:
    return stack.places.state / "calls" / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"


def _command(arguments: argparse.Namespace, action: str) -> list[str]:
    words: list[str] = arguments.words[1:] if arguments.words[:1] == ["--"] else arguments.words
    if not words:
        raise StackError(f"{action}: give a command, as in `{action} -- voicefleet sip plan`")
    return words


def _within(record: StackRecord) -> dict[str, str]:
    """The environment of a command that runs in the stack."""
    return {**os.environ, **record.env, "VOICEFLEET_SUPERVISOR_PID": str(record.runner.pid)}


def _become(record: StackRecord, words: list[str]) -> NoReturn:
    command = [*_into(record), *words]
    try:
        os.execvpe(command[0], command, _within(record))
    except OSError as error:
        raise StackError(f"cannot run {command[0]}: {error.strerror}") from None


def _into(record: StackRecord) -> list[str]:
    theirs = os.readlink(f"/proc/{record.runner.pid}/ns/net") if record.isolated else ""
    if not record.isolated or os.readlink("/proc/self/ns/net") == theirs:
        return []
    return enter(record.runner)


def _supervise(stack: Stack, arguments: argparse.Namespace) -> int:
    """The runner itself, already inside its namespace."""
    make_places(stack.places)
    settings = stack.settings
    if stack.isolated:
        address = str(settings.network.address)
        set_up_namespace(address)
    else:
        address = machine_address()
    networks = [str(network) for network in settings.sip.allow_addresses]
    around = Surroundings(
        settings=settings,
        places=stack.places,
        key=stack_api_key(stack.places),
        isolated=stack.isolated,
        address=address,
        networks=tuple(networks if stack.isolated else [*networks, _network_of(address)]),
        database_url=os.environ.get("DATABASE_URL") or None,
    )
    shown = str(stack.stack_file)
    if stack.stack_file.is_relative_to(CHECKOUT):
        shown = str(stack.stack_file.relative_to(CHECKOUT))
    with only_runner(stack.places):
        return asyncio.run(Runner(around, shown).run())


def _network_of(address: str) -> str:
    """The network a machine's address is in: softphones beside it may dial an exposed stack."""
    for entries in psutil.net_if_addrs().values():
        for entry in entries:
            if entry.address == address and entry.netmask:
                return str(IPv4Network(f"{address}/{entry.netmask}", strict=False))
    return f"{address}/32"


def _stack(arguments: argparse.Namespace) -> Stack:
    stack_file = Path(os.environ.get("STACK_FILE") or STACK_FILE)
    settings = load_settings(stack_file)
    return Stack(
        settings=settings,
        places=find_places(arguments.stack, settings),
        stack_file=stack_file.resolve(),
        isolated=settings.network.isolated and not arguments.expose,
    )


def _say(line: str) -> None:
    print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.local",
        description="The one-machine stack: real SIP and media servers, database, speech, workers, keepers.",
        epilog="Settings: infra/local/stack.toml, or the file STACK_FILE names. State: var/<stack>/.",
    )
    expose = os.environ.get("EXPOSE", "") not in ("", "0")
    name = os.environ.get("STACK") or "local"
    parser.add_argument("--stack", default=name, help="name (default: $STACK or local)")
    parser.add_argument(
        "--expose", action="store_true", default=expose,
        help="answer on the machine's own address instead of in a network namespace (default: $EXPOSE)",
    )  # fmt: skip
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("up", help="start it, or mend it, and wait until all of it is healthy").set_defaults(
        command=_up
    )
    commands.add_parser("status", help="processes, health, calls, seats; exit 1 unless healthy").set_defaults(
        command=_status
    )
    logs = commands.add_parser("logs", help="the end of the logs, one file a process")
    logs.add_argument("names", nargs="*", metavar="PROCESS", help="all when none is given")
    logs.add_argument("-n", "--lines", type=int, default=20, help="lines of each (default: 20)")
    logs.add_argument("-f", "--follow", action="store_true", help="go on with what is added")
    logs.set_defaults(command=_logs)
    commands.add_parser("down", help="stop it; nothing is left running").set_defaults(command=_down)
    call = commands.add_parser("call", help="dial it with the project's caller")
    what = call.add_mutually_exclusive_group(required=True)
    what.add_argument("--scenario", type=Path, help="what the caller says and must hear")
    what.add_argument("--wav", type=Path, help="say this instead (mono, 16 bit, 8 kHz)")
    call.add_argument("--number", metavar="NUMBER", help="dial this business, like +15551230000; default: the demo's")
    call.set_defaults(command=_call)
    demo = commands.add_parser("demo", help="book an appointment by voice; exit 1 unless all of it was right")
    demo.set_defaults(command=_demo)
    run = commands.add_parser("run", help="run a command in its namespace with its environment: run -- CMD…")
    run.add_argument("words", nargs=argparse.REMAINDER, metavar="-- CMD", help="the command")
    run.set_defaults(command=_run)
    once = commands.add_parser("once", help="start it, run a command in it, and stop it again: once -- CMD…")
    once.add_argument("words", nargs=argparse.REMAINDER, metavar="-- CMD", help="the command")
    once.set_defaults(command=_once)
    commands.add_parser("supervise").set_defaults(command=_supervise)
    return parser


if __name__ == "__main__":
    sys.exit(main())
