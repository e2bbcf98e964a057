"""What a run left behind: processes, sockets and open files of the stack, before against after."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import dataclass

import psutil

_FILES_ALLOWED = 4


@dataclass(frozen=True, slots=True)
class Footprint:
    """Counts over the processes of this network namespace, by process name.

    Attributes:
        processes, files: by name; files counts open descriptors without those that servers keep for later: of
            PostgreSQL the tables it has read, and connections to Redis, ten a core for half an hour.
        udp_ports: bound UDP sockets.
    """

    processes: dict[str, int]
    files: dict[str, int]
    udp_ports: int


def footprint(supervisor_pid: int) -> Footprint:
    """Count what the stack under this supervisor holds now."""
    processes: Counter[str] = Counter()
    files: Counter[str] = Counter()
    udp = 0
    children = psutil.Process(supervisor_pid).children(recursive=True)
    redis_ports = _redis_ports(children)
    for process in children:
        try:
            name = process.name()
            processes[name] += 1
            files[name] += process.num_fds() - _kept_for_later(process, name, redis_ports)
            udp += len(process.net_connections(kind="udp"))
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return Footprint(dict(processes), dict(files), udp)


def grown(before: Footprint, after: Footprint) -> list[str]:
    """Sentences about what grew; idle job processes come and go, so a few descriptors are no leak."""
    found = [
        f"{name}: {after.processes[name]} processes, {before.processes.get(name, 0)} before"
        for name in sorted(after.processes)
        if after.processes[name] > before.processes.get(name, 0)
    ]
    found += [
        f"{name}: {after.files[name]} open files, {before.files.get(name, 0)} before"
        for name in sorted(after.files)
        if after.files[name] > before.files.get(name, 0) + _FILES_ALLOWED
    ]
    if after.udp_ports > before.udp_ports:
        found.append(f"{after.udp_ports} UDP ports bound, {before.udp_ports} before")
    return found


def _redis_ports(children: list[psutil.Process]) -> set[int]:
    ports: set[int] = set()
    for process in children:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if process.name() == "redis-server":
                listening = (c for c in process.net_connections(kind="tcp") if c.status == psutil.CONN_LISTEN)
                ports |= {connection.laddr.port for connection in listening}
    return ports


def _kept_for_later(process: psutil.Process, name: str, redis_ports: set[int]) -> int:
    if name == "postgres":
        return len(process.open_files())
    ends = [(c.laddr, c.raddr) for c in process.net_connections(kind="tcp") if c.status != psutil.CONN_LISTEN]
    return sum(1 for end in ends if any(address and address.port in redis_ports for address in end))
