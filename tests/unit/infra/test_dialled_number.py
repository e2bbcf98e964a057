"""Whom `make call` rings, read from the INVITE that arrives where the stack's record says livekit-sip listens."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
from pathlib import Path

from infra.local.places import find_places, make_places
from infra.local.proc import identify
from infra.local.record import Phase, StackRecord, write_record
from infra.local.servers import CHECKOUT
from infra.local.settings import load_settings

_INVITE_DEADLINE_S = 240.0  # of two seconds of work, beside tests that take the processor first
_SCENARIO = "loadtest/caller/scenarios/hangup-ringing.yaml"  # speaks no word, so nothing is loaded


def test_make_call_rings_the_business_whose_number_is_named(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sip:
        sip.bind(("127.0.0.1", 0))
        sip.settimeout(_INVITE_DEADLINE_S)
        port = sip.getsockname()[1]
        caller = subprocess.Popen(
            shlex.split(_recipe("NUMBER=+15550100300")),
            cwd=CHECKOUT,
            env={**os.environ, "STACK_FILE": str(_stack_at(port, tmp_path))},
            stdout=subprocess.DEVNULL,
        )
        try:
            request_line = sip.recv(65535).decode().splitlines()[0]
        finally:
            caller.terminate()
            caller.wait(timeout=_INVITE_DEADLINE_S)
    assert request_line == f"INVITE sip:+15550100300@127.0.0.1:{port} SIP/2.0"


def _recipe(variable: str) -> str:
    """The command with which `make call` dials, once the stack is up."""
    outside_make = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    planned = subprocess.run(
        ["make", "-n", "call", f"SCENARIO={_SCENARIO}", variable],
        cwd=CHECKOUT, env=outside_make, capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip
    return planned.stdout.splitlines()[-1]


def _stack_at(sip_port: int, folder: Path) -> Path:
    """The stack file of one that is up for all that its record says; this process is its runner."""
    file = folder / "stack.toml"
    file.write_text(f'[paths]\nstate = "{folder / "state"}"\nrun = "{folder / "run"}"\n')
    places = find_places("local", load_settings(file))
    make_places(places)
    runner = identify(os.getpid())
    assert runner is not None
    write_record(places, StackRecord(Phase.UP, runner, isolated=False, address="127.0.0.1", sip_port=sip_port))
    return file
