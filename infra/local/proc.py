"""Processes as /proc shows them: who is who, beyond doubt, and ending them."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

#: Every process of a stack carries its state folder in this variable, so that its orphans can be told apart.
MARKER = "VOICEFLEET_STACK_STATE"
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Identity:
    """A process, not merely its number: numbers are used again.

    Attributes:
        pid: process id.
        start_ticks: when it started, in kernel ticks since `boot_id` began.
        boot_id: the kernel's run.
    """

    pid: int
    start_ticks: int
    boot_id: str


def boot_id() -> str:
    """The kernel's current run."""
    return (_PROC / "sys/kernel/random/boot_id").read_text().strip()


def identify(pid: int) -> Identity | None:
    """The process that has this pid now; None when there is none or it only waits to be reaped."""
    fields = _stat(pid)
    if fields is None or fields[0] in ("Z", "X"):
        return None
    return Identity(pid=pid, start_ticks=int(fields[19]), boot_id=boot_id())


def is_alive(identity: Identity) -> bool:
    """Whether this very process still runs."""
    return identify(identity.pid) == identity


def session_members(leader: Identity, marker: str) -> list[Identity]:
    """Processes of the session that `leader` founded, itself included, dead or not.

    Args:
        marker: the value of `MARKER` a member must carry; a session's number may have been used again.
    """
    if leader.boot_id != boot_id():
        return []
    found = []
    for entry in _PROC.iterdir():
        if not entry.name.isdigit():
            continue
        fields = _stat(int(entry.name))
        if fields is None or fields[0] in ("Z", "X") or int(fields[3]) != leader.pid:
            continue
        identity = Identity(pid=int(entry.name), start_ticks=int(fields[19]), boot_id=leader.boot_id)
        if identity == leader or _carries(identity.pid, marker):
            found.append(identity)
    return found


def send(identity: Identity, number: signal.Signals) -> None:
    """Signal this very process, or nobody."""
    if is_alive(identity):
        with contextlib.suppress(ProcessLookupError):
            os.kill(identity.pid, number)


def wait_gone(identities: Iterable[Identity], *, timeout_s: float) -> list[Identity]:
    """Wait until the processes are gone; those that are not are returned."""
    deadline = time.monotonic() + timeout_s
    left = [one for one in identities if is_alive(one)]
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = [one for one in left if is_alive(one)]
    return left


def describe(pid: int) -> str:
    """`name (pid N)` for a sentence."""
    try:
        name = (_PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        name = "a process"
    return f"{name} (pid {pid})"


def _stat(pid: int) -> list[str] | None:
    # Fields after the name, which may itself hold blanks and parentheses: 0 state, 3 session, 19 start time.
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def _carries(pid: int, marker: str) -> bool:
    try:
        environment = (_PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return False
    return f"{MARKER}={marker}".encode() in environment.split(b"\0")
