"""The runner: starts the parts in order, keeps them healthy, stops them in reverse order.

It runs inside the stack's namespace, which lives as long as any process in it. Everything it knows is in the
stack's record on disk, so that whoever comes after its death can clear up.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import time
from collections.abc import Iterator

from infra.local.child import Child
from infra.local.errors import StackError
from infra.local.fleet import build_parts
from infra.local.health import http_get_json
from infra.local.part import Part
from infra.local.places import Places
from infra.local.ports import check_ports
from infra.local.postgres import check_database
from infra.local.proc import identify
from infra.local.record import FleetFigures, Phase, StackRecord, write_record
from infra.local.surroundings import LOOPBACK, Surroundings

_WRITE_EVERY_S = 1.0


class Runner:
    """One run of one stack."""

    def __init__(self, around: Surroundings, stack_file: str) -> None:
        identity = identify(os.getpid())
        assert identity is not None
        self._around = around
        self._stack_file = stack_file
        self._changed = asyncio.Event()
        self._children: dict[str, Child] = {}
        self._record = StackRecord(
            phase=Phase.STARTING,
            runner=identity,
            isolated=around.isolated,
            address=around.sip_address,
            sip_port=around.settings.sip.port,
            env=around.exports() | {"VOICEFLEET_SUPERVISOR_PID": str(identity.pid)},
        )

    async def run(self) -> int:
        """Run until told to stop (0) or until the start fails (1)."""
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with asyncio.TaskGroup() as tasks:
            writer = tasks.create_task(self._write_always(), name="record")
            fleet = tasks.create_task(self._ask_keepers(), name="fleet")
            try:
                await self._until_stopped(stop)
            except StackError as error:
                self._record.sentence = str(error)
            finally:
                failed = bool(self._record.sentence)
                if not failed:
                    self._enter(Phase.STOPPING)
                await self._stop_all()
                fleet.cancel()
                writer.cancel()
        self._enter(Phase.FAILED if failed else Phase.DOWN)
        self._write()
        return 1 if failed else 0

    async def _until_stopped(self, stop: asyncio.Event) -> None:
        parts = build_parts(self._around)
        if self._around.database_url is not None:
            await check_database(self._around.database_url, isolated=self._around.isolated)
        check_ports(_ports_of(self._around, parts), self._stack_file)
        self._around.render()
        _empty_redis(self._around.places)
        for part in parts:
            log = self._around.places.log(part.name)
            self._children[part.name] = Child(
                part, restart=self._around.settings.restart, log=log, changed=self._changed.set
            )
        self._record.parts = [child.record for child in self._children.values()]
        stopped = asyncio.create_task(stop.wait(), name="stop")
        tended = asyncio.create_task(self._tend_all(), name="parts")
        try:
            await asyncio.wait([stopped, tended], return_when=asyncio.FIRST_COMPLETED)
            if tended.done() and not stopped.done():
                tended.result()
        finally:
            for task in (stopped, tended):
                task.cancel()
            await asyncio.gather(stopped, tended, return_exceptions=True)

    async def _tend_all(self) -> None:
        """Start every part after those it needs and keep it running from then on."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for child in self._children.values():
                    tasks.create_task(self._tend(child), name=f"tend {child.part.name}")
                for child in self._children.values():
                    await child.ready.wait()
                self._enter(Phase.UP)
                await asyncio.Event().wait()
        except ExceptionGroup as group:  # not except*, which may wrap what is raised inside it
            raise _first_error(group) from None

    async def _tend(self, child: Child) -> None:
        for name in child.part.after:
            if name in self._children:
                await self._children[name].ready.wait()
        await child.start()
        await child.watch()

    async def _stop_all(self) -> None:
        """Stop every part once those that need it have stopped."""
        stopped = {name: asyncio.Event() for name in self._children}

        async def stop(child: Child) -> None:
            for name, other in self._children.items():
                if child.part.name in other.part.after:
                    await stopped[name].wait()
            try:
                await child.stop()
            finally:
                stopped[child.part.name].set()

        await asyncio.gather(*(stop(child) for child in self._children.values()))

    async def _write_always(self) -> None:
        while True:
            self._write()
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_WRITE_EVERY_S):
                    await self._changed.wait()

    async def _ask_keepers(self) -> None:
        keepers = self._around.settings.keepers
        while True:
            for port in range(keepers.first_port, keepers.first_port + keepers.count):
                answer = await http_get_json(LOOPBACK, port, "/status")
                self._record.fleet = _figures(answer)
                if self._record.fleet is not None:
                    break
            await asyncio.sleep(_WRITE_EVERY_S)

    def _enter(self, phase: Phase) -> None:
        self._record.phase = phase
        self._changed.set()

    def _write(self) -> None:
        self._record.written_at = time.time()
        write_record(self._around.places, self._record)


@contextlib.contextmanager
def only_runner(places: Places) -> Iterator[None]:
    """Hold the stack's lock; the kernel lets go of it when we die.

    Raises:
        StackError: another runner holds it.
    """
    with (places.state / "runner.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(f"stack {places.name} already has a runner") from None
        yield


def _ports_of(around: Surroundings, parts: list[Part]) -> dict[str, int]:
    running = {part.name for part in parts}
    owners = {"livekit": "livekit-server", "sip": "livekit-sip", "emulators": "emulators"}
    ports = {}
    for key, port in around.settings.ports().items():
        section, _, which = key.partition(".")
        index = which.partition(" + ")[2]
        owner = owners.get(section) or f"{section.removesuffix('s')}-{int(index) + 1}"
        if owner in running:
            ports[key] = port
    return ports


def _empty_redis(places: Places) -> None:
    folder = places.state / "redis"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)


def _figures(answer: dict[str, object] | None) -> FleetFigures | None:
    wanted = ("calls", "seats_total", "seats_free")
    numbers = [answer.get(key) for key in wanted] if answer else []
    if not all(isinstance(number, int) for number in numbers) or not numbers:
        return None
    calls, total, free = (int(str(number)) for number in numbers)
    return FleetFigures(calls=calls, seats_total=total, seats_free=free)


def _first_error(group: ExceptionGroup[Exception]) -> Exception:
    """The sentence for the user; the whole group where something else is among it: a fault of ours."""
    expected, unexpected = group.split(StackError)
    if expected is None or unexpected is not None:
        return group
    first: BaseException = expected
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return StackError(str(first))
