"""One supervised process: start, health, restart with back-off, stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable
from pathlib import Path

from infra.local.errors import StackError
from infra.local.health import ask
from infra.local.part import Part
from infra.local.proc import MARKER, Identity, identify, send, session_members, wait_gone
from infra.local.record import PartRecord, PartState
from infra.local.servers import CHECKOUT
from infra.local.settings import Restart

_START_PROBE_EVERY_S = 0.1
_TAIL_LINES = 15
_FINAL_STATES = frozenset({PartState.WAITING, PartState.DONE, PartState.FAILED})


class Child:
    """Runs a part until it is told to stop.

    Args:
        log: the file that receives its output.
        changed: called whenever `record` has changed.
    """

    def __init__(self, part: Part, *, restart: Restart, log: Path, changed: Callable[[], None]) -> None:
        self.part = part
        self.record = PartRecord(name=part.name)
        self.ready = asyncio.Event()
        self._restart = restart
        self._log = log
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._leader: Identity | None = None
        self._deaths = 0

    async def start(self) -> None:
        """Start it and wait until it is healthy, or for a step, done.

        Raises:
            StackError: it was not in time, or it died again and again; one sentence and the end of its log.
        """
        part, started = self.part, time.monotonic()
        try:
            async with asyncio.timeout(part.deadline_s):
                if part.is_step:
                    await self._run_step()
                else:
                    await self._until_healthy(give_up=True)
        except TimeoutError:
            why = self.record.detail or "is not done"
            what = f"not healthy after {part.deadline_s:g} s: {why}"
            self._set(PartState.FAILED, what)
            raise StackError(self._sentence(what)) from None
        except StackError as error:
            self._set(PartState.FAILED, str(error).partition("; the end of")[0].removeprefix(f"{part.name}: "))
            raise
        self.record.took_s = time.monotonic() - started
        self.ready.set()
        self._changed()

    async def watch(self) -> None:
        """Keep it running: probe it, start it again when it dies. Returns only by cancellation."""
        while not self.part.is_step:
            died = await self._until_dead()
            self._note_death(died)
            await asyncio.sleep(self._delay_s())
            self.record.restarts += 1
            await self._until_healthy(give_up=False)

    async def stop(self) -> None:
        """End it and everything it started; returns when nothing is left."""
        if self._process is not None and self._process.returncode is None and self._leader is not None:
            send(self._leader, self.part.stop_signal)
            try:
                async with asyncio.timeout(self.part.stop_grace_s):
                    await self._process.wait()
            except TimeoutError:
                send(self._leader, signal.SIGKILL)
                await self._process.wait()
        await self._end_leftovers()
        if self.record.state not in _FINAL_STATES:
            self._set(PartState.STOPPED, "")

    async def _run_step(self) -> None:
        await self._spawn()
        assert self._process is not None
        code = await self._process.wait()
        await self._end_leftovers()
        if code != 0:
            raise StackError(self._sentence(f"failed with exit code {code}"))
        self._set(PartState.DONE, _last_line(self._log))

    async def _until_healthy(self, *, give_up: bool) -> None:
        """Start it, again if it dies meanwhile, until it is healthy."""
        while True:
            try:
                await self._spawn()
            except StackError as error:
                if give_up:
                    raise
                self._note_death(str(error))
                await asyncio.sleep(self._delay_s())
                continue
            assert self._process is not None
            while self._process.returncode is None:
                why = await self._ask()
                if why is None and self._process.returncode is None:
                    self._set(PartState.HEALTHY, "")
                    return
                self._set(self.record.state, why or "")
                await self._death_or(_START_PROBE_EVERY_S)
            await self._process.wait()
            self._note_death(f"ended with {_ending(self._process.returncode)} before it was healthy")
            if give_up and self._deaths >= self._restart.loop_after:
                raise StackError(self._sentence(self.record.detail))
            await asyncio.sleep(self._delay_s())
            self.record.restarts += 1

    async def _until_dead(self) -> str:
        assert self._process is not None
        healthy_since = time.monotonic()
        while self._process.returncode is None:
            await self._death_or(self.part.probe_every_s)
            if self._process.returncode is not None:
                break
            why = await self._ask()
            self._set(PartState.HEALTHY if why is None else PartState.UNHEALTHY, why or "")
            if time.monotonic() - healthy_since > self._restart.steady_after_s:
                self._deaths = 0
        return f"ended with {_ending(self._process.returncode)}"

    async def _spawn(self) -> None:
        await self._end_leftovers()
        if self.part.prepare is not None:
            await asyncio.to_thread(self.part.prepare)
        with self._log.open("ab") as output:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *self.part.argv,
                    env=self.part.env,
                    cwd=CHECKOUT,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            except OSError as error:
                what = f"cannot start {self.part.argv[0]}: {error.strerror}"
                raise StackError(f"{self.part.name}: {what}") from None
        self._leader = identify(self._process.pid)
        self.record.identity = self._leader
        self.record.since_at = time.time()
        looping = self.record.state is PartState.CRASH_LOOP
        self._set(PartState.CRASH_LOOP if looping else PartState.STARTING, self.record.detail)

    async def _death_or(self, timeout_s: float) -> None:
        assert self._process is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._process.wait()

    async def _end_leftovers(self) -> None:
        """Kill what a dead process left of its session, which could hold its ports and files."""
        if self._leader is None:
            return
        left = session_members(self._leader, self.part.env.get(MARKER, ""))
        for one in left:
            send(one, signal.SIGKILL)
        await asyncio.to_thread(wait_gone, left, timeout_s=5.0)
        self._leader = None
        self.record.identity = None

    async def _ask(self) -> str | None:
        assert self.part.probe is not None
        return await ask(self.part.probe, timeout_s=self.part.probe_timeout_s)

    def _note_death(self, how: str) -> None:
        self._deaths += 1
        if self._deaths >= self._restart.loop_after:
            self._set(PartState.CRASH_LOOP, f"{how}; {self._deaths} deaths in a row")
        else:
            self._set(PartState.RESTARTING, how)

    def _delay_s(self) -> float:
        doubled: float = self._restart.first_delay_s * 2 ** min(self._deaths - 1, 30)
        return min(self._restart.max_delay_s, doubled)

    def _set(self, state: PartState, detail: str) -> None:
        if (state, detail) != (self.record.state, self.record.detail):
            self.record.state, self.record.detail = state, detail
            self._changed()

    def _sentence(self, what: str) -> str:
        return f"{self.part.name}: {what}{log_tail(self._log)}"


def log_tail(log: Path, lines: int = _TAIL_LINES) -> str:
    """The end of a log, as an appendix to a sentence."""
    try:
        text = log.read_text(errors="replace").splitlines()[-lines:]
    except OSError:
        text = []
    if not text:
        return f" ({log} is empty)"
    return "\n".join([f"; the end of {log}:", *(f"    {line}" for line in text)])


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"
