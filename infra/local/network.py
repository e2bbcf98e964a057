"""The stack's network namespace, or the machine's own address."""

from __future__ import annotations

import os
import socket
import subprocess

import psutil

from infra.local.errors import StackError
from infra.local.proc import Identity, is_alive


def new_namespace() -> list[str]:
    """Words to put before a command so that it starts in a network namespace of its own.

    Without root a user namespace comes with it, in which the user keeps his identity, because PostgreSQL
    refuses root, and may set up the network (`--keep-caps`).
    """
    if os.geteuid() == 0:
        return ["unshare", "--net", "--"]
    return ["unshare", "--user", "--map-current-user", "--keep-caps", "--net", "--"]


def check_namespace() -> None:
    """Insist that this machine lets us make a namespace.

    Raises:
        StackError: it does not; the sentence says what would help.
    """
    try:
        tried = subprocess.run([*new_namespace(), "true"], capture_output=True, text=True, timeout=10)
    except FileNotFoundError:
        raise StackError("unshare is missing: apt-get install util-linux") from None
    if tried.returncode != 0:
        reason = tried.stderr.strip().removeprefix("unshare: ")
        raise StackError(f"no network namespace can be made here ({reason}); run as root, or use EXPOSE=1")


def set_up_namespace(address: str) -> None:
    """Give the namespace we are in its loopback and one address that is not loopback.

    Both ends of the veth pair stay inside: packets to the address never leave. (A dummy device would do, but
    some kernels come without it.)

    Raises:
        StackError: `ip` is missing or refuses.
    """
    for command in (
        "link set lo up",
        "link add voice0 type veth peer name voice1",
        f"address add {address}/24 dev voice0",
        "link set voice0 up",
        "link set voice1 up",
    ):
        try:
            done = subprocess.run(["ip", *command.split()], capture_output=True, text=True, timeout=10)
        except FileNotFoundError:
            raise StackError("ip is missing: apt-get install iproute2") from None
        if done.returncode != 0:
            raise StackError(f"`ip {command}` failed: {done.stderr.strip()}")


def enter(runner: Identity) -> list[str]:
    """Words to put before a command so that it starts in the namespace of a running stack.

    Raises:
        StackError: its runner is gone, and its namespace with it.
    """
    if not is_alive(runner):
        raise StackError("the stack's runner is gone; `make up` brings the stack back")
    target = ["nsenter", "--target", str(runner.pid), "--net"]
    if os.geteuid() != 0:
        target += ["--user", "--preserve-credentials"]
    return [*target, "--"]


def machine_address() -> str:
    """The machine's own non-loopback IPv4 address, that of its default route if it has one.

    Raises:
        StackError: there is none.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("203.0.113.1", 9))  # chooses a route; sends nothing
            chosen = str(probe.getsockname()[0])
        except OSError:
            chosen = ""
    up = {name for name, stats in psutil.net_if_stats().items() if stats.isup}
    found = [
        entry.address
        for name, entries in psutil.net_if_addrs().items()
        for entry in entries
        if name in up and entry.family == socket.AF_INET and not entry.address.startswith("127.")
    ]
    if chosen in found:
        return chosen
    if not found:
        raise StackError("this machine has no non-loopback IPv4 address to answer on; run without EXPOSE")
    return found[0]
