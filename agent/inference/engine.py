"""One engine as the front sees it: a bounded line of requests before a supervised child process.

Requests of priority PARTIAL never wait, so the line holds FINAL ones only and is served in order.
A child that dies, or sits on a request for too long, is replaced with growing pauses; whatever it
was asked or was about to be asked fails at once, since its caller is waiting.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.inference import frames
from agent.inference.messages import EngineHealth, Priority, Refusal
from agent.runtime.logs import get_logger

_log = get_logger("agent.inference.engine")
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 10.0
#: A child that lived this long starts with the shortest pause again.
_STEADY_S = 30.0
_START_S = 90.0
#: Far beyond any request of ours: a child silent for this long is stuck.
_STUCK_S = 20.0
_STOP_S = 2.0

Reply = Callable[[Mapping[str, Any], bytes], None]


@dataclass(eq=False, slots=True)
class Request:
    """One request of a client. `reply` is called once, unless the request is cancelled first.

    Attributes:
        deadline_at: on the event loop's clock; not started by then, never started.
        queued_at: on the event loop's clock.
    """

    header: dict[str, Any]
    payload: bytes
    priority: Priority
    deadline_at: float
    queued_at: float
    reply: Reply
    is_cancelled: bool = False

    def refuse(self, code: Refusal, message: str) -> None:
        """Answer that there will be no result."""
        if not self.is_cancelled:
            self.reply({"ok": False, "code": code.value, "message": message}, b"")


@dataclass(eq=False, slots=True)
class Engine:
    """Call `run` in a task; `submit` and `cancel` from the same event loop.

    Args:
        name: of the engine, in health and logs.
        command: starts the child; ` --fd N` is appended.
        slots: requests the child works on at the same time.
        queue_limit: requests that may wait.
        env: the child's environment.
    """

    name: str
    command: Sequence[str]
    slots: int
    queue_limit: int
    env: Mapping[str, str]
    restarts: int = 0
    _waiting: deque[Request] = field(default_factory=deque)
    _running: dict[int, tuple[Request, float]] = field(default_factory=dict)
    _next_id: int = 0
    _is_ready: bool = False
    _process: asyncio.subprocess.Process | None = None
    _to_child: asyncio.StreamWriter | None = None

    def health(self) -> EngineHealth:
        """How the engine is now."""
        return EngineHealth(
            ready=self._is_ready,
            queued=len(self._waiting),
            running=len(self._running),
            slots=self.slots,
            restarts=self.restarts,
            pid=self._process.pid if self._process is not None else None,
        )

    def submit(self, request: Request) -> None:
        """Start the request, let it wait, or refuse it."""
        is_idle = len(self._running) < self.slots and not self._waiting
        if not self._is_ready:
            request.refuse(Refusal.UNAVAILABLE, f"{self.name} is not ready")
        elif request.priority is Priority.PARTIAL and not is_idle:
            request.refuse(Refusal.BUSY, f"{self.name} has no idle slot for a partial")
        elif not is_idle and len(self._waiting) >= self.queue_limit and not self._drop_late():
            request.refuse(Refusal.QUEUE_FULL, f"{self.name} has {self.queue_limit} requests waiting")
        else:
            self._waiting.append(request)
            self._start_waiting()

    def cancel(self, request: Request) -> None:
        """Forget the request; one already started runs to its end unheard."""
        request.is_cancelled = True
        if request in self._waiting:
            self._waiting.remove(request)

    async def run(self) -> None:
        """Keep a child alive until cancelled."""
        loop = asyncio.get_running_loop()
        pause_s = _FIRST_PAUSE_S
        while True:
            started_at = loop.time()
            try:
                await self._live()
            except (OSError, frames.FrameError, TimeoutError) as error:
                _log.warning("inference.child_failed", engine=self.name, error=repr(error))
            finally:
                await self._bury()
            pause_s = _FIRST_PAUSE_S if loop.time() - started_at > _STEADY_S else pause_s
            self.restarts += 1
            _log.error("inference.child_ended", engine=self.name, restarts=self.restarts, pause_s=pause_s)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    async def _live(self) -> None:
        reader = await self._launch()
        async with asyncio.timeout(_START_S):
            first = await frames.read(reader)
        if first is None:
            return
        self._is_ready = True
        _log.info("inference.engine_ready", engine=self.name, slots=self.slots)
        reading = asyncio.create_task(frames.read(reader), name=f"inference.{self.name}.read")
        try:
            while True:
                await asyncio.wait({reading}, timeout=_STUCK_S)
                self._check_stuck()
                if not reading.done():
                    continue
                if (frame := reading.result()) is None:
                    return
                self._finish(frame)
                reading = asyncio.create_task(frames.read(reader), name=f"inference.{self.name}.read")
        finally:
            reading.cancel()

    async def _launch(self) -> asyncio.StreamReader:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *self.command,
                    "--fd",
                    str(theirs.fileno()),
                    pass_fds=(theirs.fileno(),),
                    env=dict(self.env),
                    stdin=asyncio.subprocess.DEVNULL,
                )
            except BaseException:
                ours.close()
                raise
        reader, self._to_child = await asyncio.open_unix_connection(sock=ours)
        return reader

    def _check_stuck(self) -> None:
        now = asyncio.get_running_loop().time()
        if any(now - started_at > _STUCK_S for _, started_at in self._running.values()):
            raise TimeoutError(f"no answer for {_STUCK_S:g} s")

    def _start_waiting(self) -> None:
        now = asyncio.get_running_loop().time()
        while self._waiting and len(self._running) < self.slots:
            request = self._waiting.popleft()
            if now >= request.deadline_at:
                request.refuse(Refusal.DEADLINE, f"waited too long for {self.name}")
                continue
            self._next_id += 1
            self._running[self._next_id] = (request, now)
            assert self._to_child is not None, "requests are accepted only while a child is ready"
            # the payload is small, bounded and at most `slots` are under way: no drain needed
            self._to_child.write(frames.encode({**request.header, "id": self._next_id}, request.payload))

    def _finish(self, frame: frames.Frame) -> None:
        header = dict(frame.header)
        request, started_at = self._running.pop(header.pop("id"))
        if not request.is_cancelled:
            header["queue_ms"] = round((started_at - request.queued_at) * 1e3, 2)
            request.reply(header, frame.payload)
        self._start_waiting()

    def _drop_late(self) -> bool:
        now = asyncio.get_running_loop().time()
        late = [request for request in self._waiting if now >= request.deadline_at]
        for request in late:
            self._waiting.remove(request)
            request.refuse(Refusal.DEADLINE, f"waited too long for {self.name}")
        return bool(late)

    async def _bury(self) -> None:
        self._is_ready = False
        lost = [request for request, _ in self._running.values()] + list(self._waiting)
        self._running.clear()
        self._waiting.clear()
        for request in lost:
            request.refuse(Refusal.UNAVAILABLE, f"{self.name} ended unexpectedly")
        if self._to_child is not None:
            self._to_child.close()
            self._to_child = None
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        try:
            async with asyncio.timeout(_STOP_S):
                await process.wait()
        except TimeoutError:
            _log.warning("inference.child_killed", engine=self.name)
        finally:
            if process.returncode is None:
                process.kill()
