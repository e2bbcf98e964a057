"""Hanging up on a caller, who otherwise waits in a silent room: asked again until it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from agent.domain.errors import FleetError
from agent.runtime.logs import get_logger
from sip.rooms import Rooms

#: Seconds before each attempt. A server that restarts is back within the half minute they span.
PATIENTLY_S = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 10.0)
#: For a job that is ending: LiveKit kills it after ten seconds, and its call's record is still to be closed.
BRIEFLY_S = (0.0, 1.0)

_log = get_logger("sip.hanging_up")


async def hang_up(rooms: Rooms, room: str, pauses_s: Sequence[float] = PATIENTLY_S) -> bool:
    """Delete a room: the carrier gets BYE, or 486 while the phone still rings. Never raises.

    Args:
        pauses_s: before each attempt, in seconds; one attempt for each.
    Returns: whether the room is gone; if not, it ends when the caller hangs up.
    """
    for attempt, pause_s in enumerate(pauses_s, start=1):
        await asyncio.sleep(pause_s)
        try:
            await rooms.delete_room(room)
            return True
        except FleetError as error:
            _log.warning("hang_up.failed", attempt=attempt, error=str(error), blame=error.blame.value)
    _log.error("hang_up.given_up", attempts=len(pauses_s))
    return False
