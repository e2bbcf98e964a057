"""Silences are counted in a row, and any sound starts the wait anew."""

from __future__ import annotations

import asyncio

from agent.dialogue.silence import SilenceWatch

DEADLINE_S = 5.0


class Heard:
    def __init__(self) -> None:
        self.counts: asyncio.Queue[int] = asyncio.Queue(8)

    async def __call__(self, count: int) -> None:
        self.counts.put_nowait(count)

    async def next(self) -> int:
        async with asyncio.timeout(DEADLINE_S):
            return await self.counts.get()


async def test_silences_in_a_row_are_counted() -> None:
    heard = Heard()
    watch = SilenceWatch(heard, after_s=0.01)
    for expected in (1, 2, 3):
        watch.quiet()
        assert await heard.next() == expected
    await watch.aclose()


async def test_after_the_caller_spoke_the_next_silence_is_the_first() -> None:
    heard = Heard()
    watch = SilenceWatch(heard, after_s=0.01)
    watch.quiet()
    assert await heard.next() == 1
    watch.caller_spoke()
    watch.quiet()
    assert await heard.next() == 1
    await watch.aclose()


async def test_a_sound_ends_the_wait() -> None:
    heard = Heard()
    watch = SilenceWatch(heard, after_s=3600.0)
    watch.quiet()
    watch.sound()
    await watch.aclose()
    assert heard.counts.empty()
