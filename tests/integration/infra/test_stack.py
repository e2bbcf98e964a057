"""The runner with the real servers: up, healthy, mended after every kill, down without a trace."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.servers import server_binary
from tests.integration.infra.conftest import EVERYTHING, LocalStack

_SERVERS = ("redis", "postgres", "livekit-server", "livekit-sip")


def test_up_ends_healthy_and_down_leaves_nothing(stack: LocalStack) -> None:
    up = stack("up")
    assert up.returncode == 0, up.stderr
    assert {line.split()[0] for line in up.stdout.splitlines() if " healthy " in line} == set(_SERVERS)
    status = stack("status")
    assert status.returncode == 0
    assert all(f"{name} " in status.stdout for name in _SERVERS)
    run = Path(stack.record()["env"]["VOICEFLEET_INFERENCE_SOCKET"]).parent
    assert run.is_dir()
    down = stack("down")
    assert down.returncode == 0
    assert stack.processes() == []
    assert not run.exists()
    assert stack("status").returncode == 1
    assert "was not up" in stack("down").stdout


def test_a_command_runs_in_the_namespace_with_the_stacks_environment(stack: LocalStack) -> None:
    assert stack("up").returncode == 0
    inside = stack("run", "--", "sh", "-c", "readlink /proc/self/ns/net; echo $LIVEKIT_URL; exit 7")
    assert inside.returncode == 7
    namespace, url = inside.stdout.split()
    assert namespace != os.readlink("/proc/self/ns/net")
    assert url == "ws://127.0.0.1:7880"


def test_a_given_command_that_does_not_exist_is_named(stack: LocalStack) -> None:
    assert "is not up; `make up` starts it" in stack("run", "--", "true").stderr


def test_after_kill_9_of_any_process_or_of_all_up_is_healthy_again(stack: LocalStack) -> None:
    assert stack("up").returncode == 0
    for victims in [*((name,) for name in _SERVERS), ("runner",), ("runner", *_SERVERS)]:
        killed = {name: stack.pid(name) for name in victims}
        for pid in killed.values():
            os.kill(pid, signal.SIGKILL)
        up = stack("up")
        assert up.returncode == 0, (victims, up.stderr)
        for name, pid in killed.items():
            assert stack.pid(name) != pid
        status = stack("status")
        assert status.returncode == 0, (victims, status.stdout)
    assert stack("down").returncode == 0
    assert stack.processes() == []


def test_a_postmaster_pid_file_that_names_a_stranger_does_not_stop_postgres(stack: LocalStack) -> None:
    assert stack("up").returncode == 0
    assert stack("down").returncode == 0
    pid_file = stack.state / "pgdata" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{stack.state / 'pgdata'}\n")
    up = stack("up")
    assert up.returncode == 0, up.stderr


def test_two_stacks_with_the_same_ports_run_side_by_side(new_stack: Callable[..., LocalStack]) -> None:
    one, other = new_stack("one"), new_stack("other")
    for stack in (one, other):
        up = stack("up")
        assert up.returncode == 0, up.stderr
    assert one.record()["sip_port"] == other.record()["sip_port"]
    assert one("down").returncode == 0
    assert other("status").returncode == 0


@pytest.mark.parametrize(
    ("script", "deadline_s", "sentence"),
    [
        ("echo bad config; exit 0", 30, "livekit-server: ended with exit code 0 before it was healthy"),
        ("echo listening elsewhere; exec sleep 60", 2, "livekit-server: not healthy after 2 s: "),
    ],
)
def test_a_server_that_started_but_is_not_healthy_fails_the_start_and_is_stopped(
    new_stack: Callable[..., LocalStack], tmp_path: Path, script: str, deadline_s: int, sentence: str
) -> None:
    binaries = tmp_path / "cache" / "bin"
    binaries.mkdir(parents=True)
    for name in ("livekit-server", "livekit-sip"):
        impostor = server_binary(tmp_path / "cache", name)
        impostor.write_text(f"#!/bin/sh\n{script}\n")
        impostor.chmod(0o755)
    stack = new_stack(more=f'cache = "{tmp_path / "cache"}"\n[deadlines]\nlivekit_s = {deadline_s}\n')
    up = stack("up")
    assert up.returncode == 1
    assert up.stderr.startswith(sentence)
    assert script.split(";")[0].removeprefix("echo ") in up.stderr
    assert stack.processes() == []
    status = stack("status")
    assert status.returncode == 1
    assert sentence in status.stdout.replace("\n", " ")


def test_an_exposed_stack_names_who_holds_its_port(new_stack: Callable[..., LocalStack]) -> None:
    one, other = new_stack("one"), new_stack("other")
    assert one("up").returncode == 0
    # "The machine" of the second stack is the first one's namespace: its ports are taken there.
    up = LocalStack(file=other.file, state=other.state, prefix=one.inside())("--expose", "up")
    assert up.returncode == 1
    holder = f"livekit-server- (pid {one.pid('livekit-server')})"
    assert f"port 7880 is in use by {holder}; set livekit.port in {other.file}" in up.stderr
    assert other.processes() == []


def test_an_exposed_stack_says_what_to_dial(new_stack: Callable[..., LocalStack]) -> None:
    machine, exposed = new_stack("machine", skip=EVERYTHING), new_stack("exposed")
    assert machine("up").returncode == 0
    inside = LocalStack(file=exposed.file, state=exposed.state, prefix=machine.inside())
    up = inside("--expose", "up")
    assert up.returncode == 0, up.stderr
    assert up.stdout.splitlines()[-1] == "dial sip:+15550100100@10.77.0.1:5060 with any softphone"
    assert exposed.record()["isolated"] is False
    assert "already up exposed; `make down` first" in exposed("up").stderr
    assert exposed("status").returncode == 0


def test_without_an_address_exposing_is_refused(stack: LocalStack) -> None:
    alone = ("unshare", *(("--user", "--map-current-user") if os.geteuid() else ()), "--net", "--")
    up = LocalStack(file=stack.file, state=stack.state, prefix=alone)("--expose", "up")
    assert up.returncode == 1
    assert up.stderr.strip() == "this machine has no non-loopback IPv4 address to answer on; run without EXPOSE"


def test_a_database_that_cannot_be_reached_is_named_without_its_password(stack: LocalStack) -> None:
    up = stack("up", DATABASE_URL="postgresql://someone:hunter2@127.0.0.1:5999/fleet")
    assert up.returncode == 1
    assert "PostgreSQL at 127.0.0.1:5999 unreachable: " in up.stderr
    assert "hunter2" not in up.stdout + up.stderr
    assert stack.processes() == []
