"""The call's record, written while the call goes on and never in its way.

Writes go through a bounded queue to one task that keeps their order and repeats them while PostgreSQL
is away. Every write bears repeating, so a reply lost on the way does no harm. A write that cannot succeed
is given up, so that it takes no other with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from agent.dialogue.citing import citations_in
from agent.dialogue.proposal import Proposal
from agent.dialogue.unfinished import UnfinishedNumbers
from agent.domain.call import CallState
from agent.domain.codec import encode
from agent.domain.errors import FleetError
from agent.domain.events import Said
from agent.domain.left import Left
from agent.domain.redaction import redact
from agent.runtime.logs import get_logger
from agent.runtime.tasks import TaskSet
from agent.storage import call_state, calls, citations, cut_off
from agent.storage.calls import CallKey, ClosedCall, Recording, Timing, Turn
from agent.storage.pool import Pool, tenant_tx

if TYPE_CHECKING:
    from agent.storage.pool import Connection

_log = get_logger("agent.dialogue.record")
_QUEUE_LIMIT = 256
_RETRY_S = 0.5
_BUDGET_S = 2.0
#: One write is repeated for so long; the others wait behind it.
_GIVE_UP_AFTER_S = 60.0
#: Share of the last wait that is kept for ending the record when the writes before take too long.
_END_SHARE = 0.3

Write: TypeAlias = "Callable[[Connection], Awaitable[object]]"


class CallRecord:
    """Writes one call down.

    Args:
        pool: with the application's role.
        key: which call.
        epoch: our right to write its state.
        clock: now, aware UTC.
        first_seq: number of the first turn to come; greater than 0 when a call is taken over.
        mask: takes names and numbers out of the questions that are kept for the business.
        give_up_after_s: how long one write is repeated.

    Attributes:
        superseded: set when another agent has taken the call over, or its record has been ended: stop
            speaking. Nothing more is written then.
        lost_writes: given up, or refused because too many waited.
    """

    def __init__(
        self,
        pool: Pool,
        key: CallKey,
        epoch: int,
        clock: Callable[[], datetime],
        *,
        first_seq: int = 0,
        keeps_words: bool = True,
        mask: Callable[[str], str] = redact,
        give_up_after_s: float = _GIVE_UP_AFTER_S,
    ) -> None:
        self._pool = pool
        self._key = key
        self._epoch = epoch
        self._clock = clock
        self._seq = first_seq
        self._keeps_words = keeps_words
        self._mask = mask
        self._queue: asyncio.Queue[Write] = asyncio.Queue(_QUEUE_LIMIT)
        self._unanswered = 0
        self._unfinished = UnfinishedNumbers()
        self._tasks = TaskSet("record")
        self._give_up_after_s = give_up_after_s
        self.superseded = asyncio.Event()
        self.lost_writes = 0
        self._tasks.start(self._write_in_order(), name="writer")
        self._tasks.start(self._renew_lease(), name="lease")

    def committed(self, proposal: Proposal) -> None:
        """A step of the dialogue counts: keep what the caller said and the state after it."""
        self._cite(proposal)
        if isinstance(proposal.event, Said):
            self.turn("caller", proposal.text, events=[encode(proposal.event.facts)])
        elif proposal.text:
            self.turn("caller", proposal.text, events=[encode(proposal.event)])
        self.settled(proposal.state)

    def settled(self, state: CallState) -> None:
        """The state changed."""
        document = state.to_json()

        async def save(connection: Connection) -> None:
            self._hold(await call_state.save_state(connection, self._key, self._epoch, document))

        self._put(save)

    def turn(
        self,
        role: Literal["caller", "agent"],
        text: str,
        *,
        heard_text: str | None = None,
        events: list[Mapping[str, Any]] | None = None,
        timings: Mapping[str, Timing] | None = None,
    ) -> None:
        """Keep a turn."""
        turn = Turn(
            seq=self._seq,
            role=role,
            at=self._clock(),
            text=self._kept(text),
            interrupted=heard_text is not None,
            heard_text=None if heard_text is None else self._kept(heard_text),
            events=(events or []) if self._keeps_words else [],
            timings=timings or {},
        )
        self._seq += 1
        for ready in self._unfinished.release(turn):
            self._keep(ready)

    def _cite(self, proposal: Proposal) -> None:
        """What stands behind the reply to the turn that is kept next, and the questions that have no answer."""
        seq, found = self._seq, citations_in(proposal)
        if found:
            self._put(lambda c: citations.add_citations(c, self._key, seq, found))
        asked = proposal.state.side.unanswered
        if len(asked) != self._unanswered and self._keeps_words:
            words = [self._mask(redact(question.words)) for question in asked]
            self._put(lambda c: citations.add_unanswered(c, self._key, words))
        self._unanswered = len(asked)

    def _kept(self, text: str) -> str:
        return redact(text) if self._keeps_words else ""

    def _keep(self, turn: Turn) -> None:
        self._put(lambda c: calls.add_turn(c, self._key, turn))

    def answered(self, recording: Recording) -> None:
        """The caller is through."""
        at = self._clock()
        self._put(lambda c: calls.mark_answered(c, self._key, at, recording))

    def recording(self, recording: Recording) -> None:
        """The caller's consent changed."""
        self._put(lambda c: calls.set_recording(c, self._key, recording))

    def called_back(self, left: Left) -> None:
        """The caller has been told what was left of their last call."""
        self._put(lambda c: cut_off.forget(c, self._key.tenant_id, left.caller_number))

    @property
    def turns(self) -> int:
        """Turns kept so far."""
        return self._seq

    async def close(self, end: ClosedCall, *, left: Left | None = None, budget_s: float = 8.0) -> None:
        """Write what is still waiting, then end the record. Never raises: the call is over anyway.

        What the call has left to do or to tell is kept with its end.

        A call that another agent has taken over goes on, and its record is left alone.
        """
        for turn in self._unfinished.release_all():
            self._keep(turn)
        try:
            async with asyncio.timeout(budget_s * (1 - _END_SHARE)):
                await self._queue.join()
        except TimeoutError:
            self._lose(self._queue.qsize() + 1, "the call ended")
        await self._tasks.aclose()
        if self.superseded.is_set():
            return
        try:
            async with asyncio.timeout(budget_s * _END_SHARE):
                await self._until_done(lambda c: self._end(c, end, left))
        except TimeoutError:
            self._lose(1, "the record could not be ended")

    async def _end(self, connection: Connection, end: ClosedCall, left: Left | None) -> None:
        if await calls.close_call(connection, self._key, end) and left is not None:
            await cut_off.keep(connection, self._key.tenant_id, left)

    def _put(self, write: Write) -> None:
        try:
            self._queue.put_nowait(write)
        except asyncio.QueueFull:
            self._lose(1, "too many wait")

    def _hold(self, is_ours: bool) -> None:
        if not is_ours and not self.superseded.is_set():
            _log.warning("record.superseded", epoch=self._epoch)
            self.superseded.set()

    def _lose(self, writes: int, reason: str) -> None:
        self.lost_writes += writes
        _log.error("record.write_lost", reason=reason, lost=self.lost_writes)

    async def _renew_lease(self) -> None:
        """Say that this call lives, whatever waits in the queue; else the keeper gives it to another agent."""

        async def renew(connection: Connection) -> None:
            self._hold(await call_state.renew_lease(connection, self._key, self._epoch))

        while not self.superseded.is_set():
            await asyncio.sleep(call_state.LEASE_S / 2)
            await self._done(renew)

    async def _write_in_order(self) -> None:
        while True:
            write = await self._queue.get()
            if not self.superseded.is_set():
                await self._until_done(write)
            self._queue.task_done()

    async def _until_done(self, write: Write) -> None:
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + self._give_up_after_s
        while not await self._done(write):
            if self.superseded.is_set():
                return
            if loop.time() >= give_up_at:
                self._lose(1, "repeated for too long")
                return
            await asyncio.sleep(_RETRY_S)

    async def _done(self, write: Write) -> bool:
        """Whether the write needs no repeating."""
        try:
            async with tenant_tx(self._pool, self._key.tenant_id, budget_s=_BUDGET_S) as connection:
                await write(connection)
        except FleetError as error:
            _log.warning("record.write_failed", error=str(error), retryable=error.retryable)
            if error.retryable:
                return False
            self._lose(1, "refused")
        except Exception as error:
            # one that cannot be written must not stop all that come after; its text may quote the caller
            self._lose(1, f"broken: {type(error).__name__}")
        return True
