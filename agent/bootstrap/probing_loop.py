"""Tries providers off any call: those left alone, when it is time, and those nobody has used for long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from agent.bootstrap.breaker_board import Board
from agent.bootstrap.breaker_sync import BreakerSync
from agent.domain.breaker import OF_PROBES, PROBE_LEASE_S, Key, key_of
from agent.domain.errors import Blame
from agent.domain.providers import Attempt, Provider, parse_provider
from agent.runtime.job_metrics import PROBES, Record
from agent.runtime.logs import get_logger
from agent.runtime.tasks import TaskSet

_log = get_logger("agent.breakers")

_LOOK_S = 1.0
#: The result must be stored before the lease ends.
_DEADLINE_S = PROBE_LEASE_S - 5.0

#: Tries a provider once with a small real request; keeps a deadline of its own.
Probe = Callable[[Provider], Awaitable[Attempt]]


class ProbingLoop:
    """A worker's share of the fleet's probes.

    Args:
        configured: what the settings name; another one, which a tenant names, is probed in the vendor's first voice.
        idle_s: configured ones nobody has heard of for so long are probed while closed; None probes none of those,
            because hosted ones cost.
    """

    def __init__(
        self,
        board: Board,
        sync: BreakerSync,
        probe: Probe,
        record: Record,
        *,
        configured: Sequence[Provider],
        idle_s: float | None,
    ) -> None:
        self._board = board
        self._sync = sync
        self._probe = probe
        self._record = record
        self._configured = {key_of(provider): provider for provider in configured}
        self._idle_s = idle_s
        self._under_way: set[Key] = set()

    async def run(self) -> None:
        """Look every second. Returns: never; to be cancelled."""
        tasks = TaskSet("probing")
        try:
            while True:
                self.look(tasks)
                await asyncio.sleep(_LOOK_S)
        finally:
            await tasks.aclose()

    def look(self, tasks: TaskSet) -> None:
        """Begin what is due; one probe of a provider at a time."""
        for key in self._board.due(configured=tuple(self._configured), idle_s=self._idle_s):
            if key not in self._under_way:
                self._under_way.add(key)
                tasks.start(self._try(key), name=f"{key[0].value}:{key[1]}")

    async def _try(self, key: Key) -> None:
        try:
            idle_s = self._idle_s if key in self._configured else None
            provider = self._configured.get(key) or _named(key)
            if provider is not None and await self._sync.claim(key, idle_s):
                attempt = await self._attempt(provider)
                self._record(PROBES, 1, (key[0].value, key[1], attempt.blame.value))
                self._board.see(key, OF_PROBES[attempt.blame], attempt.reason)
                self._sync.hurry()
        finally:
            self._under_way.discard(key)

    async def _attempt(self, provider: Provider) -> Attempt:
        try:
            async with asyncio.timeout(_DEADLINE_S):
                return await self._probe(provider)
        except TimeoutError:
            return Attempt(provider, Blame.UPSTREAM, reason=f"nothing within {_DEADLINE_S:g} s")


def _named(key: Key) -> Provider | None:
    """The provider of a stored breaker; None for one that this release does not know."""
    try:
        return parse_provider(key[0], key[1])
    except ValueError:
        return None
