"""`make demo`: one booking by voice over real SIP, judged by what the caller heard and what PostgreSQL holds."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
from rich.console import Console
from rich.table import Table

from infra.local.errors import StackError
from infra.local.servers import CHECKOUT
from loadtest.soak.spoken import spoken_day
from loadtest.soak.store import fetch

SCENARIO = CHECKOUT / "loadtest" / "caller" / "scenarios" / "demo.yaml"
FROM_NUMBER = "+15550123456"
_ZONE = ZoneInfo("America/New_York")  # of the demo tenant
_SPOKEN_PHONE = "5 5 5, 0 1 2, 3 4 5 6"  # digit by digit, as people say it
#: The scenario's two times lie in it.
_AFTERNOON = time(15, 0)
#: The demo tenant is open in the afternoon of these; Tuesday is 1.
_DAYS = (1, 2, 3)
_CALL_DEADLINE_S = 300.0


@dataclass(frozen=True, slots=True)
class Wish:
    """The day the demo's caller asks for; the rest is in the scenario and comes back as its goal."""

    day: date

    def at(self, clock: time) -> datetime:
        """A time of that day in the tenant's zone."""
        return datetime.combine(self.day, clock, _ZONE)

    @property
    def spoken_day(self) -> str:
        """As a caller says it: 'Thursday, December 3rd'."""
        return spoken_day(self.day)


def run_demo(prefix: list[str], env: dict[str, str], *, to: str, folder: Path) -> int:
    """Dial, talk, compare, print; 0 only if everything was as asked.

    Args:
        prefix: words that start a command inside the stack's namespace.
        env: environment of a process of the stack.
        to: SIP URI to dial.
        folder: for the call's recording and report.
    """
    database_url = env["DATABASE_URL"]
    wish = asyncio.run(_free_wish(database_url, datetime.now(_ZONE).date()))
    began = datetime.now(UTC)
    command = [
        *prefix, sys.executable, "-m", "loadtest.caller", "run", str(SCENARIO), "--to", to,
        "--from", FROM_NUMBER, "--out", str(folder), "--set", f"day={wish.spoken_day}",
        "--set", f"phone={_SPOKEN_PHONE}",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, cwd=CHECKOUT, env=env, timeout=_CALL_DEADLINE_S, check=False)
    except subprocess.TimeoutExpired:
        raise StackError(f"the caller was not done after {_CALL_DEADLINE_S:g} s") from None
    report = _read_report(folder / "call.json", done.returncode)
    rows = asyncio.run(_booked_rows(database_url, began))
    faults = [*judge_report(report, done.returncode), *row_differences(wish, report["expected"], rows)]
    _print_result(rows, faults, folder)
    return 1 if faults else 0


def _read_report(path: Path, exit_code: int) -> dict[str, Any]:
    try:
        report = json.loads(path.read_text())
    except (OSError, ValueError):
        raise StackError(f"the caller left no report at {path} (exit code {exit_code})") from None
    assert isinstance(report, dict)
    return report


def judge_report(report: dict[str, Any], exit_code: int) -> list[str]:
    """What was wrong with the call as the caller heard it, in sentences."""
    faults = [str(sentence) for sentence in report["failures"]]
    silent = [str(turn["line"]) for turn in report["turns"] if turn["reply"] == "NO_REPLY"]
    faults += [f"{line}: got no reply" for line in silent]
    if not report["barge_ins"]:
        faults.append("the caller never spoke into the agent's words")
    faults += [
        f"{barge['line']}: the barge-in did not stop the agent"
        for barge in report["barge_ins"]
        if barge["barge_stop_ms"] is None
    ]
    if exit_code != 0 and not faults:
        faults.append(f"the caller ended with exit code {exit_code}")
    return faults


def row_differences(wish: Wish, goal: dict[str, str], rows: list[dict[str, Any]]) -> list[str]:
    """How the stored booking differs from what the caller asked for, in sentences.

    Args:
        goal: the scenario's, with service, time ('3:30 PM'), name and phone.
    """
    if len(rows) != 1:
        return [f"{len(rows)} bookings are stored instead of 1"]
    row = rows[0]
    start_at = wish.at(datetime.strptime(goal["time"], "%I:%M %p").time())
    facts = (
        ("service", goal["service"], row["service_id"]),
        ("start", start_at.isoformat(), row["start_at"].astimezone(_ZONE).isoformat()),
        ("name", goal["name"].lower(), str(row["name"]).lower()),
        ("phone", _digits(goal["phone"]), _digits(row["phone"])),
    )
    return [f"booked {what} is {got!r}, asked for was {want!r}" for what, want, got in facts if want != got]


def _digits(phone: object) -> str:
    return re.sub(r"\D", "", str(phone))[-10:]


async def _free_wish(database_url: str, today: date) -> Wish:
    """The first suitable day whose afternoon nobody has booked, by this demo or otherwise."""
    for ahead in range(3, 60):
        wish = Wish(today + timedelta(days=ahead))
        if wish.day.weekday() not in _DAYS or (wish.day.month, wish.day.day) in {(12, 25), (1, 1)}:
            continue
        taken = await _fetch(
            database_url,
            """SELECT 1 AS one FROM appointments
               WHERE status IN ('held', 'confirmed') AND busy_from < $2 AND busy_to > $1""",
            wish.at(_AFTERNOON),
            wish.at(_AFTERNOON) + timedelta(hours=2),
        )
        if not taken:
            return wish
    raise StackError("the demo has booked every day there is; `make down`, then remove var/<stack>/pgdata")


async def _booked_rows(database_url: str, since: datetime) -> list[dict[str, Any]]:
    return await _fetch(
        database_url,
        """SELECT a.service_id, a.start_at, a.end_at, s.name AS staff, a.name, a.phone, a.status
           FROM appointments a
           JOIN calls c ON c.id = a.call_id
           JOIN staff s ON s.tenant_id = a.tenant_id AND s.id = a.staff_id
           WHERE c.caller_e164 = $1 AND c.started_at >= $2 AND a.status = 'confirmed'""",
        FROM_NUMBER,
        since - timedelta(seconds=1),
    )


async def _fetch(database_url: str, statement: str, *arguments: object) -> list[dict[str, Any]]:
    try:
        return await fetch(database_url, statement, *arguments)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise StackError(f"PostgreSQL cannot be asked: {error}") from None


def _print_result(rows: list[dict[str, Any]], faults: list[str], folder: Path) -> None:
    console = Console(highlight=False)
    for row in rows:
        table = Table(title="booked, as PostgreSQL has it", title_justify="left", show_header=False)
        for name in ("service_id", "staff", "name", "phone", "status"):
            table.add_row(name.removesuffix("_id"), str(row[name]))
        table.add_row("start", f"{row['start_at'].astimezone(_ZONE):%A %d %B %Y %H:%M} (the business's time)")
        console.print(table)
    console.print(f"recording {folder / 'call.wav'}", soft_wrap=True)
    for fault in faults:
        console.print(f"[red]wrong:[/] {fault}", soft_wrap=True)
    console.print("the demo failed" if faults else "the demo booked what was asked for")
