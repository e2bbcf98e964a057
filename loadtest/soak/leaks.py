"""What a run left behind: processes, sockets and open files of the stack, before against after."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import psutil

_FILES_ALLOWED = 4
#: The Go servers keep up to ten connections to Redis a core for half an hour, as many as were ever needed at once.
_REDIS_POOL = 10 * (psutil.cpu_count() or 1)
_POOLED = {"livekit-server": _REDIS_POOL, "livekit-sip": _REDIS_POOL, "redis-server": 2 * _REDIS_POOL}


@dataclass(frozen=True, slots=True)
class Footprint:
    """Counts over the processes of this network namespace, by process name.

    Attributes:
        processes, files: by name; files counts open descriptors.
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
    for process in psutil.Process(supervisor_pid).children(recursive=True):
        try:
            name = process.name()
            processes[name] += 1
            files[name] += process.num_fds()
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
        if after.files[name] > before.files.get(name, 0) + _FILES_ALLOWED + _POOLED.get(name, 0)
    ]
    if after.udp_ports > before.udp_ports:
        found.append(f"{after.udp_ports} UDP ports bound, {before.udp_ports} before")
    return found
