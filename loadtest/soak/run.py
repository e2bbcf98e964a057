"""Dial the callers of a run, one after another or several at once, and judge each by its row."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loadtest.soak.draw import Wish
from loadtest.soak.rows import check

SCENARIO = Path(__file__).with_name("scenario.yaml")
_LONGEST_CALL_S = 240.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """One call of the run.

    Attributes:
        report: the caller's call.json; empty when the caller itself failed.
        faults: sentences; empty when the call was answered, heard right and stored right.
    """

    wish: Wish
    report: dict[str, Any]
    faults: tuple[str, ...]

    @property
    def ear_ms(self) -> list[float]:
        """Response times at the ear; barge-ins answer into speech and have none."""
        turns = self.report.get("turns", [])
        return [t["response_ear_ms"] for t in turns if t["response_ear_ms"] is not None and not t["barged_in"]]

    @property
    def barge_ins(self) -> int:
        """How often the caller spoke into the agent's words."""
        return len(self.report.get("barge_ins", []))

    @property
    def void(self) -> list[str]:
        """Why this call's times are not to be believed; empty when they are."""
        return list(self.report.get("void", []))

    @property
    def is_unjudged(self) -> bool:
        """Whether it went wrong while the machine was too busy to tell whose fault that was."""
        return bool(self.faults and self.void)

    @property
    def stops_ms(self) -> list[float]:
        """How long the agent went on after the caller cut in."""
        stops = self.report.get("barge_ins", [])
        return [b["barge_stop_ms"] for b in stops if b["barge_stop_ms"] is not None]


class Callers:
    """Runs calls.

    Args:
        to: SIP URI of the number dialled.
        database_url: where the rows are read.
        out: folder; each call gets one below it.
    """

    def __init__(self, to: str, database_url: str, out: Path) -> None:
        self._to = to
        self._database_url = database_url
        self._out = out
        self._since = datetime.now(UTC)

    async def one_after_another(self, wishes: list[Wish], calls: int, tell: Callable[[Outcome], None]) -> list[Outcome]:
        """Dial each wish when the call before it has ended, until `calls` are judged or the wishes run out."""
        outcomes: list[Outcome] = []
        for wish in wishes:
            outcomes.append(await self.dial(wish))
            tell(outcomes[-1])
            if sum(not outcome.is_unjudged for outcome in outcomes) == calls:
                break
        return outcomes

    async def at_once(
        self, wishes: list[Wish], *, lines: int, duration_s: float, tell: Callable[[Outcome], None]
    ) -> list[Outcome]:
        """Keep `lines` calls up until `duration_s` has passed or the wishes run out."""
        ends_at = time.monotonic() + duration_s
        waiting = list(reversed(wishes))
        outcomes: list[Outcome] = []

        async def line() -> None:
            while waiting and time.monotonic() < ends_at:
                outcome = await self.dial(waiting.pop())
                outcomes.append(outcome)
                tell(outcome)

        async with asyncio.TaskGroup() as group:
            for number in range(lines):
                group.create_task(line(), name=f"soak.line-{number + 1}")
        return outcomes

    async def dial(self, wish: Wish) -> Outcome:
        """One call, from the INVITE to the comparison with its row."""
        folder = self._out / f"{wish.index:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        report = await self._call(wish, folder)
        if not report:
            return Outcome(wish, {}, (f"the caller failed; see {folder}/caller.log",))
        faults = list(report["failures"])
        faults += await check(self._database_url, wish, self._since)
        return Outcome(wish, report, tuple(faults))

    async def _call(self, wish: Wish, folder: Path) -> dict[str, Any]:
        settings = [part for key, value in wish.values().items() for part in ("--set", f"{key}={value}")]
        with (folder / "caller.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "loadtest.caller", "run", str(SCENARIO),
                "--to", self._to, "--out", str(folder), *settings,
                stdout=log, stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
            try:
                async with asyncio.timeout(_LONGEST_CALL_S):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
        document = folder / "call.json"
        if not document.exists():
            return {}
        report: dict[str, Any] = json.loads(document.read_text())
        return report
