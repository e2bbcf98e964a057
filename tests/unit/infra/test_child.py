"""One supervised process, with real processes that die, hang and leave children behind."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.child import Child
from infra.local.errors import StackError
from infra.local.health import Probe
from infra.local.part import Part
from infra.local.proc import MARKER, Identity, identify, is_alive
from infra.local.record import PartState
from infra.local.settings import Restart

_FAST = Restart(first_delay_s=0.01, max_delay_s=0.04, steady_after_s=60, loop_after=3)
_DEADLINE_S = 20.0


def _part(script: str, *, probe: Probe | None, deadline_s: float = 15.0, grace_s: float = 5.0) -> Part:
    return Part(
        name="thing",
        argv=(sys.executable, "-c", script),
        env={**os.environ, MARKER: "test"},
        after=(),
        probe=probe,
        deadline_s=deadline_s,
        probe_every_s=0.02,
        stop_grace_s=grace_s,
    )


def _exists(path: Path) -> Probe:
    async def probe() -> str | None:
        return None if await asyncio.to_thread(path.exists) else "no file yet"

    return probe


class _Child(Child):
    """A child whose changes can be waited for."""

    def __init__(self, part: Part, folder: Path) -> None:
        self.news = asyncio.Event()
        super().__init__(part, restart=_FAST, log=folder / "thing.log", changed=self.news.set)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(_DEADLINE_S):
            while not condition():
                self.news.clear()
                await self.news.wait()


async def test_a_step_that_exits_0_is_done(tmp_path: Path) -> None:
    child = _Child(_part("print('fine')", probe=None), tmp_path)
    await child.start()
    assert child.record.state is PartState.DONE
    assert (tmp_path / "thing.log").read_text() == "fine\n"


async def test_a_step_that_fails_is_one_sentence_and_the_end_of_its_log(tmp_path: Path) -> None:
    child = _Child(_part("print('no such table'); raise SystemExit(3)", probe=None), tmp_path)
    with pytest.raises(StackError, match=r"thing: failed with exit code 3; the end of .*\n    no such table"):
        await child.start()
    await child.stop()
    assert child.record.state is PartState.FAILED


async def test_a_process_that_exits_0_before_it_is_healthy_is_no_success(tmp_path: Path) -> None:
    child = _Child(_part("print('bad config')", probe=_exists(tmp_path / "never")), tmp_path)
    with pytest.raises(StackError, match=r"thing: ended with exit code 0 .*3 deaths in a row[\s\S]*bad config"):
        await child.start()
    await child.stop()


async def test_a_process_that_never_gets_healthy_is_given_up_at_its_deadline(tmp_path: Path) -> None:
    part = _part("import time; time.sleep(60)", probe=_exists(tmp_path / "never"), deadline_s=0.5)
    child = _Child(part, tmp_path)
    with pytest.raises(StackError, match=r"thing: not healthy after 0\.5 s: no file yet"):
        await child.start()
    await child.stop()
    assert child.record.identity is None


async def test_a_process_that_is_killed_comes_back(tmp_path: Path) -> None:
    healthy = tmp_path / "healthy"
    script = f"import pathlib, time; pathlib.Path({str(healthy)!r}).touch(); time.sleep(60)"
    child = _Child(_part(script, probe=_exists(healthy)), tmp_path)
    await child.start()
    watch = asyncio.create_task(child.watch())
    first = _identity(child)
    os.kill(first.pid, 9)
    await child.until(lambda: child.record.restarts == 1 and child.record.state is PartState.HEALTHY)
    assert _identity(child) != first
    await _finish(watch, child)


async def test_a_process_that_keeps_dying_is_reported_as_a_crash_loop_and_tried_on(tmp_path: Path) -> None:
    healthy, broken = tmp_path / "healthy", tmp_path / "broken"
    script = (
        f"import pathlib, sys, time\nif pathlib.Path({str(broken)!r}).exists(): sys.exit(7)\n"
        f"pathlib.Path({str(healthy)!r}).touch(); time.sleep(60)"
    )
    child = _Child(_part(script, probe=_exists(healthy)), tmp_path)
    await child.start()
    watch = asyncio.create_task(child.watch())
    healthy.unlink()
    broken.touch()
    os.kill(_identity(child).pid, 9)
    await child.until(lambda: child.record.state is PartState.CRASH_LOOP)
    assert "exit code 7" in child.record.detail
    broken.unlink()
    await child.until(lambda: child.record.state is PartState.HEALTHY)
    await _finish(watch, child)


async def test_health_lost_and_found_is_shown(tmp_path: Path) -> None:
    healthy = tmp_path / "healthy"
    healthy.touch()
    child = _Child(_part("import time; time.sleep(60)", probe=_exists(healthy)), tmp_path)
    await child.start()
    watch = asyncio.create_task(child.watch())
    healthy.unlink()
    await child.until(lambda: child.record.state is PartState.UNHEALTHY)
    assert child.record.detail == "no file yet"
    healthy.touch()
    await child.until(lambda: child.record.state is PartState.HEALTHY)
    assert child.record.restarts == 0
    await _finish(watch, child)


async def test_a_process_deaf_to_its_stop_signal_is_killed(tmp_path: Path) -> None:
    healthy = tmp_path / "healthy"
    script = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(healthy)!r}).touch(); time.sleep(60)"
    )
    child = _Child(_part(script, probe=_exists(healthy), grace_s=0.1), tmp_path)
    await child.start()
    process = _identity(child)
    await child.stop()
    assert not is_alive(process)
    assert child.record.state is PartState.STOPPED


async def test_what_a_dead_process_started_is_ended_too(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    script = (
        "import pathlib, subprocess, time\n"
        "grandchild = subprocess.Popen(['sleep', '60'])\n"
        f"new = pathlib.Path({str(pid_file)!r} + '.new'); new.write_text(str(grandchild.pid))\n"
        f"new.rename({str(pid_file)!r}); time.sleep(60)"
    )
    child = _Child(_part(script, probe=_exists(pid_file)), tmp_path)
    await child.start()
    grandchild = identify(int(pid_file.read_text()))
    assert grandchild is not None
    os.kill(_identity(child).pid, 9)
    await child.stop()
    assert not is_alive(grandchild)


async def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    part = Part(name="thing", argv=("/no/such/server",), env={}, after=(), probe=None, deadline_s=5)
    with pytest.raises(StackError, match="thing: cannot start /no/such/server: No such file"):
        await _Child(part, tmp_path).start()


def _identity(child: Child) -> Identity:
    assert child.record.identity is not None
    return child.record.identity


async def _finish(watch: asyncio.Task[None], child: Child) -> None:
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)
    await child.stop()
