"""What is counted of a stack's processes, on real ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from loadtest.soak.leaks import Footprint, footprint

_NAME = Path(sys.executable).name
#: Opens what it is told to, prints the port it listens on, and waits to be ended.
_CHILD = """
import socket, sys
what, port = sys.argv[1:]
kept = []
if what == "files":
    kept += [open(sys.executable) for _ in range(3)]
if what == "connection":
    kept.append(socket.create_connection(("127.0.0.1", int(port))))
if what == "udp":
    kept.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)); kept[-1].bind(("127.0.0.1", 0))
if what == "server":
    kept.append(socket.create_server(("127.0.0.1", 0)))
    port = kept[-1].getsockname()[1]
print(port, flush=True)
sys.stdin.read()
"""
#: Starts such children one after another, each told the port that the one before it printed.
_SUPERVISOR = """
import json, subprocess, sys
code, children, started, port = sys.argv[1], json.loads(sys.argv[2]), [], "0"
for program, what in children:
    command = [program, "-c", code, what, port]
    started.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    port = started[-1].stdout.readline().strip()
print("ready", flush=True)
sys.stdin.read()
"""


def counted(*children: tuple[str, str]) -> Footprint:
    """The footprint of these children, each a program and what it opens."""
    command = [sys.executable, "-c", _SUPERVISOR, _CHILD, json.dumps(children)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == "ready\n"
        found = footprint(supervisor.pid)
        assert supervisor.stdin is not None
        supervisor.stdin.close()
    return found


def test_open_files_and_connections_and_udp_ports_are_counted() -> None:
    server, nothing = (sys.executable, "server"), (sys.executable, "nothing")
    plain = counted(server, nothing)
    assert plain.processes == {_NAME: 2}
    assert plain.udp_ports == 0
    assert counted(server, (sys.executable, "files")).files[_NAME] == plain.files[_NAME] + 3
    assert counted(server, (sys.executable, "connection")).files[_NAME] == plain.files[_NAME] + 1
    assert counted(server, (sys.executable, "udp")).udp_ports == 1


def test_what_servers_keep_for_later_is_not_counted(tmp_path: Path) -> None:
    redis, postgres = str(tmp_path / "redis-server"), str(tmp_path / "postgres")
    for name in (redis, postgres):
        os.symlink(os.path.realpath(sys.executable), name)
    idle = counted((redis, "server"), (sys.executable, "nothing"), (postgres, "nothing"))
    busy = counted((redis, "server"), (sys.executable, "connection"), (postgres, "files"))
    assert busy.files == idle.files
