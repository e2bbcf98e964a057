"""One recogniser of a chain, and one stream of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from livekit import rtc
from livekit.agents import APIConnectOptions, APIStatusError, stt

from agent.domain.errors import Blame
from agent.domain.providers import Attempt, Provider, Reports, Unit, Used
from agent.providers.suspicion import Patience, Suspicion

#: A handshake takes 0.2 s across a continent; a caller waits for it when it follows a failure.
CONNECT = APIConnectOptions(max_retry=0, timeout=1.0)
#: A refusal that another try does not mend: the key, the account, the request itself.
_OUR_FAULTS = frozenset({400, 401, 402, 403, 404})
_USED_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Member:
    """A recogniser and how long it is waited for.

    Attributes:
        patience: None for one that is never suspected of being mute.
    """

    provider: Provider
    recogniser: stt.STT[Any]
    patience: Patience | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a stream ended: the blame, and a few words for logs."""

    blame: Blame
    reason: str


def failure_of(error: BaseException) -> Failure:
    """What an exception of a recogniser's stream means; it may quote what was sent, so its text is not kept."""
    status = _status(error)
    if status is not None:
        blame = Blame.CLIENT if status in _OUR_FAULTS else Blame.UPSTREAM
        return Failure(blame, f"status {status}")
    return Failure(Blame.UPSTREAM, type(error).__name__)


def _status(error: BaseException | None) -> int | None:
    while error is not None:
        if isinstance(error, APIStatusError):
            return error.status_code
        if isinstance(error, aiohttp.ClientResponseError):
            return error.status
        error = error.__cause__ or error.__context__
    return None


#: What a stream tells whoever owns it: an event, or why it ended.
Told = tuple["Listener", stt.SpeechEvent | Failure]


@dataclass(eq=False)
class Listener:
    """One open stream.

    Attributes:
        inbox: bounded; what is told waits there for the owner.
        has_words: it gave words at least once.
        first_s: from the latest pause to all words before it.
    """

    member: Member
    inbox: asyncio.Queue[Told]
    reports: Reports
    suspicion: Suspicion = field(init=False)
    has_words: bool = False
    first_s: float | None = None
    _stream: stt.RecognizeStream = field(init=False)
    _reading: asyncio.Task[None] = field(init=False)
    _unpaid_s: float = 0.0

    def __post_init__(self) -> None:
        self.suspicion = Suspicion(self.member.patience)
        self._stream = self.member.recogniser.stream(conn_options=CONNECT)
        self._reading = asyncio.create_task(self._read(), name="stt_listener.read")

    def hear(self, frames: Iterable[rtc.AudioFrame]) -> None:
        """Give it audio; one that has ended takes no more, and says so by itself."""
        for frame in frames:
            try:
                self._stream.push_frame(frame)
            except RuntimeError:
                return
            self._unpaid_s += frame.duration
        if self._unpaid_s >= _USED_EVERY_S:
            self._pay()

    def end_input(self) -> None:
        """There is no more audio."""
        try:
            self._stream.end_input()
        except RuntimeError:
            return

    def attempted(self, blame: Blame, reason: str = "", first_s: float | None = None) -> None:
        """Report how it did."""
        self.reports.attempted(Attempt(self.member.provider, blame, first_s, reason))

    async def aclose(self) -> None:
        """Close the stream."""
        self._pay()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await self._stream.aclose()

    def _pay(self) -> None:
        if self._unpaid_s > 0:
            self.reports.used(Used(self.member.provider, Unit.AUDIO_S, self._unpaid_s))
            self._unpaid_s = 0.0

    async def _read(self) -> None:
        """A vendor's client may raise anything; whatever it is, the next recogniser is asked."""
        telling = asyncio.create_task(self._tell(), name="stt_listener.tell")
        try:
            await asyncio.wait({telling})
        finally:
            telling.cancel()
        error = None if telling.cancelled() else telling.exception()
        await self.inbox.put((self, Failure(Blame.UPSTREAM, "ended") if error is None else failure_of(error)))

    async def _tell(self) -> None:
        async for event in self._stream:
            await self.inbox.put((self, event))
