"""`python -m tests`: every test; `make test` does it. Arguments go to pytest, in one process then.

First what computes, in two processes; then, with the machine to themselves, the tests that talk in real time. Beside
other work the callers' recognisers waited up to 19 s for a processor, and a caller who hears too late says nothing.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

REAL_TIME = (
    "tests/integration/emulators/test_recogniser.py",
    "tests/integration/inference/test_local_stream.py",
    "tests/call",
)
#: What they start takes most of their time. About half of all that computes.
_PROCESSES = tuple(f"tests/integration/{part}" for part in ("caller", "infra", "inference", "keeper", "sip", "worker"))
_PYTEST = [sys.executable, "-m", "pytest"]
_LOOK_EVERY_S = 0.5


def main(arguments: list[str]) -> int:
    """Returns the exit code of the first process that failed, else 0."""
    if arguments:
        return subprocess.run([*_PYTEST, *arguments], check=False).returncode
    codes = [*_computing(), subprocess.run([*_PYTEST, *REAL_TIME], check=False).returncode]
    return next((code for code in codes if code), 0)


def _computing() -> tuple[int, int]:
    """The exit codes of the tests that start processes and of all others; these run first to the eye."""
    left_out = [f"--ignore={path}" for path in REAL_TIME]
    with tempfile.NamedTemporaryFile(prefix="voicefleet-tests-", suffix=".log") as output:
        print(f"tests of processes: in a pytest of their own, whose output is in {output.name} meanwhile", flush=True)
        processes = subprocess.Popen(
            [*_PYTEST, *_PROCESSES, *left_out, "--color=no"], stdout=output, stderr=subprocess.STDOUT
        )
        others = subprocess.Popen([*_PYTEST, *(f"--ignore={path}" for path in _PROCESSES), *left_out])
        try:
            code = others.wait()
            _follow(processes, Path(output.name))
        except KeyboardInterrupt:
            others.wait()  # interrupted too, both of them; what was started is taken down
            processes.wait()
            raise
    return processes.returncode, code


def _follow(process: subprocess.Popen[bytes], log: Path) -> None:
    """Show what the process has written and goes on writing, until it ends."""
    with log.open(encoding="utf-8", errors="replace") as lines:
        is_over = False
        while not is_over:
            is_over = process.poll() is not None
            sys.stdout.write(lines.read())
            sys.stdout.flush()
            if not is_over:
                time.sleep(_LOOK_EVERY_S)


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
