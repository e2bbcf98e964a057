"""Bringing a stack up and down from outside: the runner as a background process and what it may leave."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.local.child import log_tail
from infra.local.errors import StackError
from infra.local.network import check_namespace, machine_address, new_namespace
from infra.local.places import Places, make_places
from infra.local.proc import Identity, is_alive, send, session_members, wait_gone
from infra.local.record import GOOD_STATES, PartRecord, PartState, Phase, StackRecord, read_record
from infra.local.servers import CHECKOUT
from infra.local.settings import Settings

Say = Callable[[str], None]

_POLL_S = 0.1
#: A runner that is alive writes its record every second.
_STALE_AFTER_S = 15.0
_ORPHAN_GRACE_S = 3.0


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack as the command line names it.

    Attributes:
        stack_file: where its settings were read.
        isolated: whether it is to run in a namespace.
    """

    settings: Settings
    places: Places
    stack_file: Path
    isolated: bool

    def runner(self) -> StackRecord | None:
        """The record of a runner that is alive."""
        record = read_record(self.places)
        return record if record is not None and is_alive(record.runner) else None


def bring_up(stack: Stack, say: Say) -> StackRecord:
    """Start the stack, or mend what a death left of it, and wait until all of it is healthy.

    Raises:
        StackError: something is not healthy in time; a stack that did not start is stopped again.
    """
    make_places(stack.places)
    with _one_at_a_time(stack.places):
        record = stack.runner()
        if record is not None and record.phase is Phase.STOPPING:
            wait_gone([record.runner], timeout_s=_stop_budget_s(stack))
            record = None
        if record is None:
            clear_up(stack, say)
            _spawn_runner(stack)
        elif record.isolated != stack.isolated:
            how = "in a namespace" if record.isolated else "exposed"
            raise StackError(f"stack {stack.places.name} is already up {how}; `make down` first")
        return _wait_until_up(stack, say)


def take_down(stack: Stack, say: Say) -> bool:
    """Stop the stack and everything it started; False when there was nothing to stop."""
    if not stack.places.state.exists():
        return False
    with _one_at_a_time(stack.places):
        record = stack.runner()
        if record is None:
            return clear_up(stack, say)
        send(record.runner, signal.SIGTERM)
        if wait_gone([record.runner], timeout_s=_stop_budget_s(stack)):
            say("the runner does not stop; it is killed")
            send(record.runner, signal.SIGKILL)
            wait_gone([record.runner], timeout_s=5.0)
        clear_up(stack, say)
        return True


def clear_up(stack: Stack, say: Say) -> bool:
    """End what a dead runner left, found by recorded pid and start time; True if there was anything."""
    record = read_record(stack.places)
    left = _leftovers(stack.places, record) if record is not None else []
    if left:
        say(f"ending {len(left)} processes left by a runner that died")
        for one in reversed(left):
            send(one, signal.SIGTERM)
        for one in wait_gone(left, timeout_s=_ORPHAN_GRACE_S):
            send(one, signal.SIGKILL)
        # What they started meanwhile, and what outlives SIGTERM.
        again = _leftovers(stack.places, record) if record is not None else []
        for one in again:
            send(one, signal.SIGKILL)
        if wait_gone([*left, *again], timeout_s=10.0):
            raise StackError("processes of an earlier run cannot be ended; `ps` shows them")
    shutil.rmtree(stack.places.run, ignore_errors=True)
    return bool(left)


def _leftovers(places: Places, record: StackRecord) -> list[Identity]:
    found: list[Identity] = []
    for part in record.parts:
        if part.identity is not None:
            found += session_members(part.identity, str(places.state))
    return found


def _spawn_runner(stack: Stack) -> None:
    make_places(stack.places)
    stack.places.record.unlink(missing_ok=True)
    if stack.isolated:
        check_namespace()
    else:
        machine_address()
    for old in stack.places.logs.glob("*.log"):
        old.rename(old.with_suffix(".log.1"))
    command = [sys.executable, "-m", "infra.local", "--stack", stack.places.name]
    command += [] if stack.isolated else ["--expose"]
    prefix = new_namespace() if stack.isolated else []
    log_path = stack.places.log("runner")
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            [*prefix, *command, "supervise"],
            cwd=CHECKOUT,
            env={**os.environ, "STACK_FILE": str(stack.stack_file.resolve())},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + 30.0
    while read_record(stack.places) is None:
        if process.poll() is not None or time.monotonic() > deadline:
            raise StackError(f"the runner did not start{log_tail(log_path)}")
        time.sleep(_POLL_S)


def _wait_until_up(stack: Stack, say: Say) -> StackRecord:
    deadline = time.monotonic() + _start_budget_s(stack)
    told: set[str] = set()
    while True:
        record = read_record(stack.places)
        if record is not None:
            _tell_news(record, told, say)
            if record.phase in (Phase.FAILED, Phase.DOWN):
                wait_gone([record.runner], timeout_s=5.0)
                clear_up(stack, say)
                raise StackError(record.sentence or "the stack was stopped while it started")
            if record.phase is Phase.UP and not troubles(record):
                return record
            looping = [part for part in record.parts if part.state is PartState.CRASH_LOOP]
            if looping and record.phase is Phase.UP:
                raise StackError(_trouble_sentence(stack, looping[0]))
            if not is_alive(record.runner):
                raise StackError(f"the runner died{log_tail(stack.places.log('runner'))}")
        if time.monotonic() > deadline:
            bad = troubles(record) if record is not None else []
            raise StackError(_trouble_sentence(stack, bad[0]) if bad else "the stack is not up in time")
        time.sleep(_POLL_S)


def troubles(record: StackRecord) -> list[PartRecord]:
    """Parts that are not as they should be, also where the runner has not noticed a death yet."""
    return [
        part
        for part in record.parts
        if part.state not in GOOD_STATES or (part.identity is not None and not is_alive(part.identity))
    ]


def is_stale(record: StackRecord) -> bool:
    """Whether the runner no longer writes although it lives."""
    return time.time() - record.written_at > _STALE_AFTER_S


def _tell_news(record: StackRecord, told: set[str], say: Say) -> None:
    for part in record.parts:
        if part.state in GOOD_STATES and part.name not in told:
            told.add(part.name)
            took = f" after {part.took_s:.1f} s" if part.took_s is not None else ""
            said = f": {part.detail}" if part.detail else ""
            say(f"{part.name:<16} {part.state}{took}{said}")


def _trouble_sentence(stack: Stack, part: PartRecord) -> str:
    return f"{part.name} is not healthy ({part.state}): {part.detail}{log_tail(stack.places.log(part.name))}"


def _start_budget_s(stack: Stack) -> float:
    # Parts wait for each other: no chain is longer than all of them.
    return sum(float(value) for value in stack.settings.deadlines.model_dump().values())


def _stop_budget_s(stack: Stack) -> float:
    return 30.0 + stack.settings.workers.stop_grace_s


@contextlib.contextmanager
def _one_at_a_time(places: Places) -> Iterator[None]:
    with (places.state / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
