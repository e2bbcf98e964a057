"""A call's audio on its way through a chain of recognisers: what one fails to hear is played to the next."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, stt, utils

from agent.domain.errors import Blame
from agent.domain.events import INAUDIBLE
from agent.domain.providers import Reports
from agent.providers.kept_audio import KeptAudio
from agent.providers.roster import Roster
from agent.providers.stt_member import Failure, Listener, Member, Told
from agent.runtime.logs import get_logger
from agent.runtime.tasks import TaskSet

SAMPLE_RATE_HZ = 16_000
#: Key in the `metadata` of words under which the name of the provider stands that heard them.
HEARD_BY = "provider"
_MOST_TOLD = 1000
#: How long a spare may take to hear what the first did not; a local one decodes it on a busy machine.
_HEAR_OUT_S = 2.5
_TRY_AGAIN_S = 2.0
_MUTE = Failure(Blame.UPSTREAM, "mute")
#: A local recogniser could not be asked, or made nothing of it that can have been said.
_INAUDIBLE = Failure(Blame.INDETERMINATE, "inaudible")
_Kind = stt.SpeechEventType
_WORDS = frozenset({_Kind.INTERIM_TRANSCRIPT, _Kind.PREFLIGHT_TRANSCRIPT, _Kind.FINAL_TRANSCRIPT})
_log = get_logger("agent.providers.chain_stream")


class ChainStream(stt.RecognizeStream):
    """Call audio in, speech events of whichever member hears it out.

    Args:
        parent: reported as the source of the events.
        on_heard_by: told who hears the caller from now on.
    """

    def __init__(
        self,
        parent: stt.STT[Any],
        roster: Roster,
        reports: Reports,
        conn_options: APIConnectOptions,
        on_heard_by: Callable[[Member], None],
    ) -> None:
        super().__init__(stt=parent, conn_options=conn_options, sample_rate=SAMPLE_RATE_HZ)
        self._on_heard_by = on_heard_by
        self._roster = roster
        self._reports = reports
        self._inbox: asyncio.Queue[Told] = asyncio.Queue(_MOST_TOLD)
        self._kept = KeptAudio()
        self._current: Listener | None = None
        self._spare: Listener | None = None
        self._spare_told: list[stt.SpeechEvent] = []
        self._spare_due_at = 0.0
        self._retry_at = 0.0
        self._is_lost = False
        self._has_reconnected = False
        self._has_ended = False
        self._closing = TaskSet("stt_chain")

    async def _run(self) -> None:
        self._go_on_with(self._roster.again())
        feeding = asyncio.create_task(self._feed(), name="stt_chain.feed")
        try:
            while not (self._has_ended and self._current is None):
                told = await self._next()
                if told is None:
                    self._on_time()
                else:
                    self._on_told(*told)
        finally:
            await utils.aio.cancel_and_wait(feeding)
            self._close(self._spare)
            self._close(self._current)
            await self._closing.join(timeout_s=1.0)
            await self._closing.aclose()

    async def _feed(self) -> None:
        async for item in self._input_ch:
            if isinstance(item, rtc.AudioFrame):
                self._kept.push(item)
                for listener in (self._current, self._spare):
                    if listener is not None:
                        listener.hear((item,))
        self._has_ended = True
        if self._current is not None:
            self._current.end_input()

    async def _next(self) -> Told | None:
        """What is told next; None when something is due before."""
        due_at = self._due_at()
        try:
            async with asyncio.timeout(None if due_at is None else max(0.0, due_at - time.time())):
                return await self._inbox.get()
        except TimeoutError:
            return None

    def _due_at(self) -> float | None:
        if self._current is None:
            return self._retry_at
        owes_at = self._current.suspicion.due_s
        if self._spare is None or (self._spare_told and owes_at is not None):
            return owes_at
        return self._spare_due_at

    def _on_time(self) -> None:
        if self._current is None:
            if not self._has_ended:
                self._go_on_with(self._roster.again())
        elif self._spare is None:
            self._doubt(self._current)
        elif self._spare_told and self._owes_words(self._current):
            self._fail(self._current, _MUTE)
        elif not self._current.suspicion.is_paused:
            self._spare_due_at = time.time() + _HEAR_OUT_S
        else:  # nobody heard words: it was noise
            self._nothing_said(self._current)

    def _doubt(self, current: Listener) -> None:
        """It owes words: let the next one hear the same."""
        spare = self._roster.next(time.time(), but=current.member)
        if spare is not None:
            self._spare = self._open(spare)
            self._spare_due_at = time.time() + _HEAR_OUT_S
        elif current.suspicion.is_of_words:
            self._fail(current, _MUTE)
        else:
            self._nothing_said(current)

    def _nothing_said(self, current: Listener) -> None:
        current.suspicion.over()
        self._kept.settled()
        self._drop_spare()

    def _on_told(self, listener: Listener, told: stt.SpeechEvent | Failure) -> None:
        if listener is not self._current and listener is not self._spare:
            return
        if isinstance(told, stt.SpeechEvent):
            self._on_event(listener, told)
        elif self._has_ended:
            self._close(self._current)
            self._current = None
        elif listener is self._spare:
            self._note_failure(listener, told)
            self._drop_spare()
        else:
            self._fail(listener, told)

    def _on_event(self, listener: Listener, event: stt.SpeechEvent) -> None:
        now = time.time()
        if event.type is _Kind.START_OF_SPEECH:
            listener.suspicion.began(now)
            self._kept.speech_began()
        elif event.type is _Kind.END_OF_SPEECH:
            listener.suspicion.paused(event.speech_end_time or now)
        elif event.type in _WORDS and event.alternatives:
            self._on_words(listener, event, now)

    def _on_words(self, listener: Listener, event: stt.SpeechEvent, now: float) -> None:
        is_settled = event.type is not _Kind.INTERIM_TRANSCRIPT
        is_inaudible = event.alternatives[0].text == INAUDIBLE
        if listener is self._spare:
            if not is_inaudible and len(self._spare_told) < _MOST_TOLD:
                self._spare_told.append(event)  # they count if the first one's do not come
            return
        if is_inaudible and self._roster.next(now, but=listener.member) is not None:
            self._fail(listener, _INAUDIBLE)
            return
        if is_settled or not listener.suspicion.is_paused:
            self._drop_spare()
        listener.suspicion.told(now, is_settled=is_settled)
        listener.has_words = True
        self._is_lost = self._is_lost and is_inaudible
        if event.type is _Kind.PREFLIGHT_TRANSCRIPT:
            listener.first_s = max(0.0, now - (event.speech_end_time or now))
        self._kept.speech_began()
        said = event.alternatives[0]
        said.metadata = {**(said.metadata or {}), HEARD_BY: listener.member.provider.name}
        self._event_ch.send_nowait(event)
        if event.type is _Kind.FINAL_TRANSCRIPT:
            self._on_final(listener, is_inaudible=is_inaudible)

    def _owes_words(self, listener: Listener) -> bool:
        due_at = listener.suspicion.due_s
        return due_at is not None and due_at <= time.time()

    def _on_final(self, listener: Listener, *, is_inaudible: bool) -> None:
        if is_inaudible:
            listener.attempted(Blame.INDETERMINATE, "inaudible")
        else:
            listener.attempted(Blame.SUCCESS, first_s=listener.first_s)
        self._has_reconnected = False
        self._nothing_said(listener)
        better = self._roster.better_than(listener.member, time.time())
        if better is not None:
            _log.info("stt.returned", provider=better.provider.name)
            self._close(listener)
            self._go_on_with(better)

    def _fail(self, current: Listener, failure: Failure) -> None:
        """It is heard no more: the spare that hears already, itself anew, or the next one goes on."""
        self._close(current)
        if self._spare is not None:
            self._note_failure(current, failure)
            self._take_over(self._spare)
        elif self._may_reconnect(current, failure):
            self._has_reconnected = True
            current.attempted(failure.blame, failure.reason)
            self._go_on_with(current.member)
        else:
            self._note_failure(current, failure)
            self._go_on_with(self._roster.next(time.time()))

    def _take_over(self, spare: Listener) -> None:
        told, self._spare_told = self._spare_told, []
        self._current, self._spare = spare, None
        self._on_heard_by(spare.member)
        for event in told:
            self._on_words(spare, event, time.time())

    def _may_reconnect(self, listener: Listener, failure: Failure) -> bool:
        """A connection that worked and broke is worth another."""
        is_broken = listener.has_words and failure not in (_MUTE, _INAUDIBLE) and failure.blame is not Blame.CLIENT
        return is_broken and not self._has_reconnected and not self._roster.is_left_alone(listener.member)

    def _note_failure(self, listener: Listener, failure: Failure) -> None:
        provider = listener.member.provider
        _log.warning("stt.failed_over", provider=provider.name, blame=failure.blame.value, reason=failure.reason)
        listener.attempted(failure.blame, failure.reason)
        self._roster.failed(listener.member, failure, time.time())

    def _go_on_with(self, member: Member | None) -> None:
        if member is not None:
            self._current = self._open(member)
            self._on_heard_by(member)
            return
        self._current = None
        self._retry_at = time.time() + _TRY_AGAIN_S
        if not self._is_lost:
            self._is_lost = True
            self._emit_error(APIConnectionError("no recogniser hears the caller"), recoverable=False)

    def _open(self, member: Member) -> Listener:
        listener = Listener(member, self._inbox, self._reports)
        listener.hear(self._kept.frames)
        return listener

    def _drop_spare(self) -> None:
        self._close(self._spare)
        self._spare = None
        self._spare_told.clear()

    def _close(self, listener: Listener | None) -> None:
        if listener is not None:
            self._closing.start(listener.aclose(), name="close")
