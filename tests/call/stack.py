"""A stack of the tests' own, as a user would start it, and what can be asked of it from outside."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from infra.local.network import enter
from infra.local.proc import Identity, send
from infra.local.servers import CHECKOUT

SEATS_EACH = 3
WORKERS = 2
_SETTINGS = """
[paths]
state = "{state}"
[emulators]
enabled = true
[workers]
count = {workers}
seats = {seats}
"""
_COMMAND_DEADLINE_S = 240.0
_SQL_DEADLINE_S = 5.0
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class CallStack:
    """One running stack.

    Attributes:
        name: as `--stack` has it.
        file: its settings.
        state: logs, recordings and the runner's record.
    """

    name: str
    file: Path
    state: Path

    def infra(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m infra.local …` for this stack."""
        command = [sys.executable, "-m", "infra.local", "--stack", self.name, *words]
        return subprocess.run(
            command, cwd=CHECKOUT, env=self._environment(), capture_output=True, text=True,
            timeout=_COMMAND_DEADLINE_S, check=False,
        )  # fmt: skip

    def begin_inside(self, *words: str, log: Path) -> subprocess.Popen[bytes]:
        """Start a command in the stack's namespace and environment; its output goes to `log`."""
        record = self.record()
        command = [*enter(Identity(**record["runner"])), *words]
        with log.open("wb") as output:
            return subprocess.Popen(
                command, cwd=CHECKOUT, env={**self._environment(), **record["env"]},
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def record(self) -> dict[str, Any]:
        """What the runner wrote last."""
        document = json.loads((self.state / "state.json").read_text())
        assert isinstance(document, dict)
        return document

    def part(self, name: str) -> dict[str, Any]:
        """What the runner knows of a part."""
        found = next(one for one in self.record()["parts"] if one["name"] == name)
        assert isinstance(found, dict)
        return found

    def pid(self, part: str) -> int:
        """The process of a part; 0 while it has none."""
        identity = self.part(part)["identity"]
        return int(identity["pid"]) if identity else 0

    def signal(self, part: str, number: signal.Signals) -> int:
        """Signal a part's own process, not its children; returns its pid."""
        identity = Identity(**self.part(part)["identity"])
        send(identity, number)
        return identity.pid

    def log_of(self, part: str) -> str:
        """Everything a part has written so far."""
        return (self.state / "logs" / f"{part}.log").read_text(errors="replace")

    def free_seats(self) -> int | None:
        """As the keeper counts them; None while no keeper answers."""
        fleet = self.record()["fleet"]
        return int(fleet["seats_free"]) if fleet else None

    def rows(self, statement: str, *arguments: object) -> list[dict[str, Any]]:
        """Ask PostgreSQL, past row-level security."""
        return asyncio.run(self._rows(statement, *arguments))

    async def _rows(self, statement: str, *arguments: object) -> list[dict[str, Any]]:
        async with asyncio.timeout(_SQL_DEADLINE_S):
            connection = await asyncpg.connect(self.record()["env"]["DATABASE_URL"])
            try:
                await connection.execute("SET ROLE voicefleet_keeper")
                return [dict(row) for row in await connection.fetch(statement, *arguments)]
            finally:
                await connection.close()

    def calls(self, caller: str) -> list[dict[str, Any]]:
        """Call records of one calling number."""
        return self.rows("SELECT * FROM calls WHERE caller_e164 = $1 ORDER BY started_at", caller)

    def ended_call(self, caller: str) -> dict[str, Any]:
        """The one call record of a calling number, once it is closed."""
        (call,) = self.ended_calls(caller, 1)
        return call

    def ended_calls(self, caller: str, count: int) -> list[dict[str, Any]]:
        """All call records of a calling number in order, once there are so many and each is closed."""
        try:
            wait_until(
                lambda: [row["status"] for row in self.calls(caller)] == ["ended"] * count,
                f"{count} calls from {caller} are recorded and closed",
                within_s=20.0,
            )
        except AssertionError as error:
            raise AssertionError(f"{error}; its records: {self.calls(caller)}") from None
        return self.calls(caller)

    def appointments(self, caller: str) -> list[dict[str, Any]]:
        """Everything held or booked in calls from one number."""
        return self.rows(
            "SELECT a.* FROM appointments a JOIN calls c ON c.id = a.call_id"
            " WHERE c.caller_e164 = $1 ORDER BY a.start_at",
            caller,
        )

    def bookings(self, caller: str) -> list[dict[str, Any]]:
        """Confirmed appointments from one number; nothing may be held beside them any more."""
        rows = self.appointments(caller)
        assert not [row for row in rows if row["status"] == "held"], f"the call from {caller} still holds an opening"
        return [row for row in rows if row["status"] == "confirmed"]

    def _environment(self) -> dict[str, str]:
        given = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "EXPOSE", "STACK")}
        return {**given, "STACK_FILE": str(self.file)}


def new_stack(folder: Path) -> CallStack:
    """Settings for a stack that keeps everything in `folder`; nothing is started."""
    state = folder / "state"
    file = folder / "stack.toml"
    file.write_text(_SETTINGS.format(state=state, workers=WORKERS, seats=SEATS_EACH))
    return CallStack(name=f"test-call-{os.getpid()}", file=file, state=state)


def wait_until(condition: Callable[[], object], what: str, *, within_s: float) -> None:
    """Wait for something that must become true.

    Args:
        what: the condition as a sentence.
    """
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s:g} s: {what}")
        time.sleep(_POLL_S)  # there is nothing to wait on in another process
