"""`python -m tests`: every test; `make test` does it. Arguments go to pytest, in one process then.

Calls take minutes, of which they wait most; the other tests compute. So the calls run in one pytest and everything
else, at a lower priority than even the callers' recognisers, in a second beside it. The calls' output follows.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CALLS = "tests/call"
_PYTEST = [sys.executable, "-m", "pytest"]
_LOOK_EVERY_S = 0.5
#: Well above that of the callers' recognisers, which is 10: at 12 one of them took 15 s. The lowest, 19, left
#: processors idle beside waiting work.
_NICE = 15


def main(arguments: list[str]) -> int:
    """Returns the exit code: of the calls when these failed, else of the others."""
    if arguments:
        return subprocess.run([*_PYTEST, *arguments], check=False).returncode
    with tempfile.NamedTemporaryFile(prefix="voicefleet-calls-", suffix=".log") as output:
        print(f"calls: in a pytest of their own, whose output comes last; meanwhile it is in {output.name}", flush=True)
        calls = subprocess.Popen([*_PYTEST, CALLS, "--color=no"], stdout=output, stderr=subprocess.STDOUT)
        others = subprocess.Popen([*_PYTEST, f"--ignore={CALLS}"], preexec_fn=_yield_to_calls)
        try:
            code = others.wait()
            _follow(calls, Path(output.name))
        except KeyboardInterrupt:
            others.wait()  # interrupted too, both of them; the calls take their stack down
            calls.wait()
            raise
    return calls.returncode or code


def _yield_to_calls() -> None:
    os.nice(_NICE)


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
