"""Speech by voice and words: from the cache, from a take that is being made already, or from a new one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from agent.domain.providers import Reports
from agent.providers.edges import SAMPLE_RATE_HZ
from agent.providers.speech_cache import SpeechCache
from agent.providers.take import Take
from agent.providers.voice import Voice
from agent.runtime.tasks import TaskSet

#: Takes that nobody listens to any more, but that are paid for; of more than these the oldest is broken off.
_MOST_UNHEARD = 4


class Takes:
    """What one call's voices are saying now, each clause once however many want it.

    A hosted voice's take goes on when its last listener leaves: the vendor is paid by the request, and a reply that was
    prepared in vain is mostly asked for again. A local one ends, because it costs the machine that others wait for.

    Args:
        stall_s: beyond the audio that has come, before a take counts as stalled.
    """

    def __init__(self, cache: SpeechCache, reports: Reports, stall_s: float) -> None:
        self._cache = cache
        self._reports = reports
        self._stall_s = stall_s
        self._making: dict[tuple[str, str], tuple[Take, asyncio.Task[None]]] = {}
        self._tasks = TaskSet("takes")

    async def cached(self, voice: Voice, spoken: str, rate: float) -> bytes | None:
        """What this voice said once; None if it never did."""
        return await self._cache.read(voice.cached_as(rate), SAMPLE_RATE_HZ, spoken)

    async def audio(self, voice: Voice, spoken: str, rate: float, first_s: float) -> AsyncIterator[bytes]:
        """Of these words, wherever it comes from; the other arguments are those of `of`. Raises Unspoken."""
        if (known := await self.cached(voice, spoken, rate)) is not None:
            yield known
            return
        with self.of(voice, spoken, rate, first_s) as take:
            async for piece in take.listen():
                yield piece

    @contextmanager
    def of(self, voice: Voice, spoken: str, rate: float, first_s: float) -> Iterator[Take]:
        """The take of these words, listened to for as long as the context is open.

        Args:
            first_s: until its first sound, if it begins now.
        """
        key = (voice.cached_as(rate), spoken)
        if key not in self._making:
            take = Take(voice, spoken, rate, self._reports, first_s=first_s, stall_s=self._stall_s)
            self._making[key] = (take, self._tasks.start(self._make(key, take), name="make"))
        take, _ = self._making[key]
        take.listeners += 1
        try:
            yield take
        finally:
            take.listeners -= 1
            if take.listeners == 0 and not take.is_over:
                self._leave(key, is_paid=voice.is_hosted)

    async def aclose(self) -> None:
        """Break off what is being made."""
        making, self._making = self._making, {}
        await self._tasks.aclose()
        for take, _ in making.values():
            take.end()  # a task that never ran did not

    async def _make(self, key: tuple[str, str], take: Take) -> None:
        try:
            whole = await take.make()
        finally:
            if self._making.get(key, (None,))[0] is take:
                del self._making[key]
        if whole is not None:
            await self._cache.keep(key[0], SAMPLE_RATE_HZ, take.spoken, whole)

    def _leave(self, key: tuple[str, str], *, is_paid: bool) -> None:
        if key not in self._making:
            return
        if not is_paid:
            self._break_off(key)
            return
        unheard = [each for each, (take, _) in self._making.items() if take.listeners == 0 and take.voice.is_hosted]
        for each in unheard[:-_MOST_UNHEARD]:
            self._break_off(each)

    def _break_off(self, key: tuple[str, str]) -> None:
        _, task = self._making.pop(key)  # who asks for it now has it made anew
        task.cancel()
