"""Stacks of the test's own: real servers, a namespace each, folders under pytest's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.local.proc import MARKER
from infra.local.servers import CHECKOUT

#: Everything of ours: these tests are about the runner and the servers.
_OURS = (
    "sip-filter", "migrate", "tenant-apply", "knowledge-riverside-dental", "sip-apply", "inference", "worker-1",
    "worker-2", "keeper-1", "keeper-2",
)  # fmt: skip
EVERYTHING = ("redis", "postgres", "livekit-server", "livekit-sip", *_OURS)
_COMMAND_DEADLINE_S = 120.0


@dataclass(frozen=True, slots=True)
class LocalStack:
    """One stack and the commands a user has."""

    file: Path
    state: Path
    prefix: tuple[str, ...] = ()

    def __call__(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m infra.local …`."""
        command = [*self.prefix, sys.executable, "-m", "infra.local", "--stack", "test", *words]
        given = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "EXPOSE")}
        return subprocess.run(
            command,
            cwd=CHECKOUT,
            env={**given, "STACK_FILE": str(self.file), **env},
            capture_output=True,
            text=True,
            timeout=_COMMAND_DEADLINE_S,
            check=False,
        )

    def record(self) -> dict[str, Any]:
        """What the runner wrote last."""
        document = json.loads((self.state / "state.json").read_text())
        assert isinstance(document, dict)
        return document

    def pid(self, part: str) -> int:
        """The process of a part, or of the runner."""
        record = self.record()
        if part == "runner":
            return int(record["runner"]["pid"])
        return int(next(one["identity"]["pid"] for one in record["parts"] if one["name"] == part))

    def inside(self) -> tuple[str, ...]:
        """Words before a command that takes this stack's namespace for its machine."""
        user = ("--user", "--preserve-credentials") if os.geteuid() else ()
        return ("nsenter", "--target", str(self.pid("runner")), "--net", *user, "--")

    def processes(self) -> list[int]:
        """Every process on the machine that carries this stack's mark, whoever its parent is."""
        mark = f"{MARKER}={self.state}".encode()
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _has(entry, mark)]


def _has(entry: Path, mark: bytes) -> bool:
    try:
        return mark in (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


@pytest.fixture
def new_stack(tmp_path: Path) -> Iterator[Callable[..., LocalStack]]:
    """Makes stacks; all are stopped at the end."""
    made: list[LocalStack] = []

    def make(name: str = "one", *, more: str = "", skip: tuple[str, ...] = _OURS) -> LocalStack:
        folder = tmp_path / name
        folder.mkdir()
        file = folder / "stack.toml"
        file.write_text(f'skip = {json.dumps(list(skip))}\n[paths]\nstate = "{folder / "state"}"\n{more}')
        stack = LocalStack(file=file, state=folder / "state")
        made.append(stack)
        return stack

    yield make
    for stack in made:
        stack("down")


@pytest.fixture
def stack(new_stack: Callable[..., LocalStack]) -> LocalStack:
    """One stack of servers, not started."""
    return new_stack()
