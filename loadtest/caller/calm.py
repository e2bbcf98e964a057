"""Wait until the machine has little else to do: what a fleet makes ready at its start is no part of a measurement."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import psutil

#: A fleet without calls takes a few per cent of two cores.
_BUSY_PERCENT = 15.0
_OVER_S = 5.0
_LONGEST_S = 300.0


async def until_calm(tell: Callable[[str], None]) -> None:
    """Return once all processors together were nearly idle for a while, or after five minutes, saying so."""
    psutil.cpu_percent()  # counts from here
    waited_s = 0.0
    while waited_s < _LONGEST_S:
        await asyncio.sleep(_OVER_S)
        waited_s += _OVER_S
        busy = psutil.cpu_percent()
        if busy <= _BUSY_PERCENT:
            return
        tell(f"waiting until the machine is calm: {busy:.0f} % busy")
    tell("the machine does not come to rest: what is measured may be void")
