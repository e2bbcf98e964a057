"""One voice's speaking of one clause: listened to while it is made, judged, cut, and told of when it is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

from agent.domain.errors import Blame
from agent.domain.providers import Attempt, Reports, Unit, Used
from agent.providers.edges import BYTES_A_SECOND, Edges, without_edges
from agent.providers.nonsense import fault_of_beginning, fault_of_length, is_too_long
from agent.providers.voice import Unspoken, Voice

_JUDGED_BYTES = BYTES_A_SECOND // 10
#: A sample rate shows only in vowels; by then one has come.
_JUDGED_FOR_BYTES = BYTES_A_SECOND // 2
_MOST_BYTES = 60 * BYTES_A_SECOND


class Take:
    """Audio in the making.

    Args:
        spoken: the clause in its spoken form.
        first_s: until its first sound.
        stall_s: beyond the audio that has come, before it counts as stalled.

    Attributes:
        listeners: who wants it now.
        is_over: nothing more comes of it.
    """

    def __init__(
        self, voice: Voice, spoken: str, rate: float, reports: Reports, *, first_s: float, stall_s: float
    ) -> None:
        self.voice = voice
        self.spoken = spoken
        self.rate = voice.nearest_rate(rate)
        self.listeners = 0
        self.is_over = False
        self._first_s = first_s
        self._stall_s = stall_s
        self._reports = reports
        self._edges = Edges()
        self._raw_bytes = 0
        self._lead_bytes = 0
        self._unjudged = b""
        self._heard = bytearray()
        self._is_whole = False
        self._fault: Unspoken | None = None
        self._news = asyncio.Event()
        self._asked_at = 0.0
        self._sounded_at: float | None = None

    async def listen(self) -> AsyncIterator[bytes]:
        """All of it from the beginning, as it comes. Raises Unspoken."""
        begun = 0
        while True:
            if begun < len(self._heard):
                piece = bytes(self._heard[begun:])
                begun += len(piece)
                yield piece
            elif self._fault is not None:
                raise self._fault
            elif self.is_over:
                return
            else:
                await self._news.wait()
                self._news.clear()

    async def make(self) -> bytes | None:
        """Have the voice speak; returns the whole, or None when it did not come. Never raises but when cancelled."""
        loop = asyncio.get_running_loop()
        self._asked_at = loop.time()
        try:
            async with (
                asyncio.timeout_at(self._asked_at + self._first_s) as limit,
                aclosing(self.voice.request(self.spoken, self.rate)) as pieces,
            ):
                async for piece in pieces:
                    self._take(piece)
                    if self._sounded_at is not None:
                        heard_until = self._sounded_at + (self._raw_bytes - self._lead_bytes) / BYTES_A_SECOND
                        limit.reschedule(max(loop.time(), heard_until) + self._stall_s)
            self._finish()
        except TimeoutError:
            self._fault = Unspoken("no sound in time" if self._sounded_at is None else "stalled")
        except Unspoken as fault:
            self._fault = fault
        finally:
            self.end()
            self._report()
        return bytes(self._heard) if self._fault is None else None

    def end(self) -> None:
        """Let listeners go: no more comes of it."""
        if self._fault is None and not self._is_whole:
            self._fault = Unspoken("broken off", blame=Blame.INDETERMINATE)
        self.is_over = True
        self._news.set()

    def _take(self, piece: bytes) -> None:
        self._raw_bytes += len(piece)
        if self._raw_bytes > _MOST_BYTES:
            raise Unspoken("too long", is_nonsense=True)
        if not self.voice.is_hosted:
            self._publish(without_edges(piece))
            return
        self._unjudged += self._edges.push(piece)
        while len(self._unjudged) >= _JUDGED_BYTES and len(self._heard) < _JUDGED_FOR_BYTES:
            self._judge(self._unjudged[:_JUDGED_BYTES])
            self._unjudged = self._unjudged[_JUDGED_BYTES:]
        if len(self._heard) >= _JUDGED_FOR_BYTES:
            self._publish(self._unjudged)
            self._unjudged = b""
        if is_too_long(len(self.spoken), self._raw_bytes / BYTES_A_SECOND * self.rate):
            raise Unspoken("too long", is_nonsense=True)

    def _judge(self, piece: bytes) -> None:
        if fault := fault_of_beginning(bytes(self._heard) + piece):
            raise Unspoken(fault, is_nonsense=True)
        self._publish(piece)

    def _finish(self) -> None:
        if self.voice.is_hosted:
            rest = self._unjudged + self._edges.end()
            seconds = (len(self._heard) + len(rest)) / BYTES_A_SECOND
            if fault := fault_of_length(len(self.spoken), seconds, self.rate):
                raise Unspoken(fault, is_nonsense=True)
            self._publish(rest)
        if not self._heard:
            raise Unspoken("no sound", is_nonsense=True)
        self._is_whole = True

    def _publish(self, pcm: bytes) -> None:
        if pcm:
            if self._sounded_at is None:
                self._sounded_at = asyncio.get_running_loop().time()
                self._lead_bytes = self._raw_bytes - len(pcm)
            self._heard += pcm
            self._news.set()

    def _report(self) -> None:
        provider = self.voice.provider
        first_s = None if self._sounded_at is None else self._sounded_at - self._asked_at
        if self._raw_bytes:
            self._reports.used(Used(provider, Unit.CHARACTERS, len(self.spoken)))
        if self._is_whole:
            self._reports.attempted(Attempt(provider, Blame.SUCCESS, first_s))
        elif self._fault is not None and self._fault.blame is not Blame.INDETERMINATE:
            self._reports.attempted(Attempt(provider, self._fault.blame, first_s, str(self._fault)))
