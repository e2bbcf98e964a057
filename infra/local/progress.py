"""Long steps of `make setup`, shown while they run: what, and for how long so far."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

_TAIL_LINES = 12
#: On a terminal the line is rewritten; elsewhere a new one is printed this often.
_SAY_EVERY_S = 15.0


class SetupError(Exception):
    """Something `make setup` cannot mend itself; the message says what to do."""


def run_step(
    title: str, command: list[str], *, log: Path, env: dict[str, str] | None = None, folder: Path | None = None
) -> None:
    """Run a command with its output in a log, showing how long it has run.

    Raises:
        SetupError: it failed; with the end of its log and where the rest is.
    """
    started = time.monotonic()
    with log.open("ab") as output:
        output.write(f"\n$ {' '.join(command)}\n".encode())
        output.flush()
        offset = output.tell()
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env, cwd=folder
            )
        except OSError as error:
            raise SetupError(f"{title}: cannot run {command[0]}: {error.strerror}") from None
        try:
            _watch(title, process, started)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    elapsed_s = time.monotonic() - started
    if process.returncode != 0:
        _end_line()
        with log.open("rb") as text:
            text.seek(offset)
            tail = text.read().decode(errors="replace").splitlines()[-_TAIL_LINES:]
        raise SetupError("\n".join([f"{title}: failed after {elapsed_s:.0f} s; the end of {log}:", *tail]))
    _show(f"{title}: done in {elapsed_s:.0f} s")
    _end_line()


def _watch(title: str, process: subprocess.Popen[bytes], started: float) -> None:
    _show(f"{title} …")
    said = started
    while True:
        try:
            process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            now = time.monotonic()
            if sys.stdout.isatty() or now - said >= _SAY_EVERY_S:
                said = now
                _show(f"{title} … {now - started:.0f} s")
        else:
            return


def _show(line: str) -> None:
    if not sys.stdout.isatty():
        print(line, flush=True)
        return
    width = os.get_terminal_size().columns - 1
    sys.stdout.write(f"\r\033[K{line[:width]}")
    sys.stdout.flush()


def _end_line() -> None:
    if sys.stdout.isatty():
        sys.stdout.write("\n")
        sys.stdout.flush()
