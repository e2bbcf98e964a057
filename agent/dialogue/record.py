"""The call's record, written while the call goes on and never in its way.

Writes go through a bounded queue to one task that keeps their order and repeats them while PostgreSQL
is away. Every write bears repeating, so a reply lost on the way does no harm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from agent.dialogue.conversation import Proposal
from agent.domain.call import CallState
from agent.domain.codec import encode
from agent.domain.errors import FleetError
from agent.domain.events import Said
from agent.runtime.logs import get_logger
from agent.runtime.tasks import TaskSet
from agent.storage import call_state, calls
from agent.storage.calls import CallKey, ClosedCall, Recording, Turn
from agent.storage.pool import Pool, tenant_tx

if TYPE_CHECKING:
    from agent.storage.pool import Connection

_log = get_logger("agent.dialogue.record")
_QUEUE_LIMIT = 256
_RETRY_S = 0.5
_BUDGET_S = 2.0

Write: TypeAlias = "Callable[[Connection], Awaitable[object]]"


class CallRecord:
    """Writes one call down.

    Args:
        pool: with the application's role.
        key: which call.
        epoch: our right to write its state.
        clock: now, aware UTC.
        first_seq: number of the first turn to come; greater than 0 when a call is taken over.
    """

    def __init__(
        self, pool: Pool, key: CallKey, epoch: int, clock: Callable[[], datetime], *, first_seq: int = 0
    ) -> None:
        self._pool = pool
        self._key = key
        self._epoch = epoch
        self._clock = clock
        self._seq = first_seq
        self._queue: asyncio.Queue[Write] = asyncio.Queue(_QUEUE_LIMIT)
        self._tasks = TaskSet("record")
        self.lost_writes = 0
        self._tasks.start(self._write_in_order(), name="writer")
        self._tasks.start(self._renew_lease(), name="lease")

    def committed(self, proposal: Proposal) -> None:
        """A step of the dialogue counts: keep what the caller said and the state after it."""
        if isinstance(proposal.event, Said):
            self.turn("caller", proposal.text, events=[encode(proposal.event.facts)])
        self.settled(proposal.state)

    def settled(self, state: CallState) -> None:
        """The state changed."""
        document = state.to_json()
        self._put(lambda c: call_state.save_state(c, self._key, self._epoch, document))

    def turn(
        self,
        role: Literal["caller", "agent"],
        text: str,
        *,
        heard_text: str | None = None,
        events: list[Mapping[str, Any]] | None = None,
        timings: Mapping[str, float] | None = None,
    ) -> None:
        """Keep a turn."""
        turn = Turn(
            seq=self._seq,
            role=role,
            at=self._clock(),
            text=text,
            interrupted=heard_text is not None,
            heard_text=heard_text,
            events=events or [],
            timings=timings or {},
        )
        self._seq += 1
        self._put(lambda c: calls.add_turn(c, self._key, turn))

    def answered(self, recording: Recording) -> None:
        """The caller is through."""
        at = self._clock()
        self._put(lambda c: calls.mark_answered(c, self._key, at, recording))

    def recording(self, recording: Recording) -> None:
        """The caller's consent changed."""
        self._put(lambda c: calls.set_recording(c, self._key, recording))

    @property
    def turns(self) -> int:
        """Turns kept so far."""
        return self._seq

    async def close(self, end: ClosedCall, *, budget_s: float = 8.0) -> None:
        """Write what is still waiting, then end the record. Never raises: the call is over anyway."""
        self._put(lambda c: calls.close_call(c, self._key, end))
        try:
            async with asyncio.timeout(budget_s):
                await self._queue.join()
        except TimeoutError:
            _log.error("record.incomplete", writes_left=self._queue.qsize())
        await self._tasks.aclose()

    def _put(self, write: Write) -> None:
        try:
            self._queue.put_nowait(write)
        except asyncio.QueueFull:
            self.lost_writes += 1
            _log.error("record.queue_full", lost=self.lost_writes)

    async def _renew_lease(self) -> None:
        """Say that this call lives; when nobody does, the keeper closes its record."""
        while True:
            await asyncio.sleep(call_state.LEASE_S / 2)
            if self._queue.empty():
                self._put(lambda c: call_state.renew_lease(c, self._key, self._epoch))

    async def _write_in_order(self) -> None:
        while True:
            write = await self._queue.get()
            await self._until_done(write)
            self._queue.task_done()

    async def _until_done(self, write: Write) -> None:
        is_done = await self._done(write)
        while not is_done:
            await asyncio.sleep(_RETRY_S)
            is_done = await self._done(write)

    async def _done(self, write: Write) -> bool:
        """Whether the write needs no repeating."""
        try:
            async with tenant_tx(self._pool, self._key.tenant_id, budget_s=_BUDGET_S) as connection:
                await write(connection)
        except FleetError as error:
            _log.warning("record.write_failed", error=str(error), retryable=error.retryable)
            return not error.retryable
        return True
