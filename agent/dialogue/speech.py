"""Words on their way to the caller: written by the conversation, read by whoever speaks them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator


class Speech:
    """A reply that may still be growing; each reader gets it from the beginning."""

    def __init__(self, *pieces: str) -> None:
        self._pieces = [piece for piece in pieces if piece]
        self._is_complete = False
        self._changed = asyncio.Event()

    @property
    def text(self) -> str:
        """What there is so far."""
        return " ".join(self._pieces)

    @property
    def is_awaited(self) -> bool:
        """Whether its first words are still to come."""
        return not self._pieces and not self._is_complete

    def add(self, piece: str) -> None:
        """Append words."""
        if piece:
            self._pieces.append(piece)
            self._changed.set()

    def finish(self) -> None:
        """Nothing more follows."""
        self._is_complete = True
        self._changed.set()

    async def __aiter__(self) -> AsyncIterator[str]:
        index = 0
        while True:
            while index < len(self._pieces):
                yield self._pieces[index]
                index += 1
            if self._is_complete:
                return
            self._changed.clear()
            await self._changed.wait()
