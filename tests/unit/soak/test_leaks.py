"""What is counted of a stack's processes, on real ones."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loadtest.soak.leaks import footprint

_NAME = Path(sys.executable).name
#: Opens what it is told to, says so, and waits to be ended.
_CHILD = """
import socket, sys
what, *ports = sys.argv[1:]
kept = [open(sys.executable) for _ in range(3)] if what == "files" else []
kept += [socket.create_connection(("127.0.0.1", int(port))) for port in ports]
if what == "udp":
    kept.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)); kept[-1].bind(("127.0.0.1", 0))
if what == "server":
    kept.append(socket.create_server(("127.0.0.1", 0)))
print(kept[-1].getsockname()[1] if what == "server" else 0, flush=True)
sys.stdin.read()
"""


@contextmanager
def _child(what: str, *ports: int, program: str = sys.executable) -> Iterator[int]:
    """A process that holds what is asked; yields the port it listens on, 0 for none."""
    command = [program, "-c", _CHILD, what, *map(str, ports)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        yield int(child.stdout.readline())
        assert child.stdin is not None
        child.stdin.close()


def _files() -> int:
    return sum(footprint(os.getpid()).files.values())


def test_open_files_and_connections_and_udp_ports_are_counted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, _child("nothing"):
        before = footprint(os.getpid())
        plain = sum(before.files.values())
        with _child("files"):
            assert _files() == 2 * plain + 3
        with _child("connection", server.getsockname()[1]):
            assert _files() == 2 * plain + 1
        with _child("udp"):
            assert footprint(os.getpid()).udp_ports == before.udp_ports + 1


def test_what_servers_keep_for_later_is_not_counted(tmp_path: Path) -> None:
    redis, postgres = tmp_path / "redis-server", tmp_path / "postgres"
    for name in (redis, postgres):
        name.symlink_to(os.path.realpath(sys.executable))
    with _child("server", program=str(redis)) as port, _child("nothing"):
        before = footprint(os.getpid()).files[_NAME]
        with _child("connection", port):
            assert footprint(os.getpid()).files[_NAME] == 2 * before
    with _child("files", program=str(postgres)):
        with_tables = footprint(os.getpid()).files["postgres"]
    with _child("nothing", program=str(postgres)):
        assert footprint(os.getpid()).files["postgres"] == with_tables
