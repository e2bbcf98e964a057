"""`status` and `logs`: what the terminal shows."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from infra.local.errors import StackError
from infra.local.places import Places
from infra.local.record import GOOD_STATES, PartRecord, Phase, StackRecord

_COLUMNS = ("process", "pid", "health", "up for", "restarts", "")


def print_status(name: str, record: StackRecord, *, note: str = "") -> None:
    """One line a process, then calls and seats.

    Args:
        note: what is wrong with the stack as a whole.
    """
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in _COLUMNS:
        is_number = column in ("pid", "restarts")
        table.add_column(column, no_wrap=column != "", justify="right" if is_number else "left")
    for part in record.parts:
        table.add_row(*_row(part))
    console.print(table)
    where = "in a network namespace of its own" if record.isolated else f"on {record.address}"
    console.print(f"\nstack {name} is {record.phase} {where}{record.shown_sip}")
    if record.fleet is not None:
        fleet = record.fleet
        seats = f"{fleet.seats_free} of {fleet.seats_total} seats free"
        console.print(f"{fleet.calls} calls in progress, {seats}")
    elif record.phase is Phase.UP:
        console.print("calls and seats are unknown: no keeper answers")
    if note:
        console.print(note, soft_wrap=True, markup=False)


def follow_logs(places: Places, names: list[str], *, lines: int, follow: bool) -> None:
    """Print the last lines of each log, then what is added to them.

    Args:
        names: processes; empty means all.
    Raises:
        StackError: a name has no log.
    """
    logs = {path.stem: path for path in sorted(places.logs.glob("*.log"))}
    for name in names:
        if name not in logs:
            raise StackError(f"no log of {name!r} (there are: {', '.join(logs) or 'none'})")
    chosen = {name: logs[name] for name in names or logs}
    offsets: dict[Path, int] = {}
    for name, path in chosen.items():
        content = path.read_bytes()
        offsets[path] = len(content)
        for line in content.decode(errors="replace").splitlines()[-lines:] if lines else []:
            _print_line(name, line)
    while follow:
        time.sleep(0.25)
        for name, path in chosen.items():
            offsets[path] = _print_added(name, path, offsets[path])


def _row(part: PartRecord) -> tuple[str, ...]:
    colour = "green" if part.state in GOOD_STATES else "red"
    up_for = ""
    if part.identity is not None and part.since_at is not None:
        up_for = _duration(time.time() - part.since_at)
    pid = str(part.identity.pid) if part.identity else ""
    restarts = str(part.restarts) if part.restarts else ""
    return (part.name, pid, f"[{colour}]{part.state}[/]", up_for, restarts, escape(part.detail))


def _duration(seconds: float) -> str:
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _print_added(name: str, path: Path, offset: int) -> int:
    with path.open("rb") as log:
        log.seek(offset)
        added = log.read()
    complete = added[: added.rfind(b"\n") + 1]
    for line in complete.decode(errors="replace").splitlines():
        _print_line(name, line)
    return offset + len(complete)


def _print_line(name: str, line: str) -> None:
    sys.stdout.write(f"{name:<15} {line}\n")
    sys.stdout.flush()
