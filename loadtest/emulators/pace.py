"""Pieces of an answer as a provider sends them: in time, or as a fault has it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

from loadtest.emulators.profiles import Fault

_Piece = TypeVar("_Piece", str, bytes)
_DRIP_S = 1.0


class Dropped(Exception):
    """The connection is to be closed in the middle of an answer."""


async def paced(
    pieces: Sequence[_Piece], fault: Fault, *, gap_s: float = 0.0, garbage: _Piece
) -> AsyncIterator[_Piece]:
    """Give one piece after the other.

    Args:
        gap_s: between two, by the clock and not by what sending them takes.
        garbage: in place of each, where the fault is malformed.
    Raises: Dropped: the fault is dropping, and half of them were given.
    """
    start, half = asyncio.get_running_loop().time(), len(pieces) // 2
    gap_s = _DRIP_S if fault is Fault.DRIPPING else gap_s
    for index, piece in enumerate(pieces):
        if fault is Fault.MUTE or (fault is Fault.STALLING and index >= half):
            await asyncio.Event().wait()
        if fault is Fault.DROPPING and index >= half:
            raise Dropped
        late_s = start + index * gap_s - asyncio.get_running_loop().time()
        if late_s > 0:
            await asyncio.sleep(late_s)
        yield garbage if fault is Fault.MALFORMED else piece
