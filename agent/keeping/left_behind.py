"""What a caller was cut off in whose agent was lost: read from the state that agent stored last."""

from __future__ import annotations

from agent.domain.leaving import what_is_left
from agent.domain.left import Left
from agent.domain.state import CallState
from agent.runtime.logs import get_logger
from agent.storage.call_state import state_of
from agent.storage.calls import CallKey
from agent.storage.pool import Connection

_log = get_logger("agent.keeping.left_behind")


async def left_by(connection: Connection, key: CallKey) -> Left | None:
    """What is to be kept for when the caller calls back; None when nothing is, or the state cannot be read."""
    document = await state_of(connection, key)
    if document is None:
        return None
    try:
        return what_is_left(CallState.from_json(dict(document)), key.tenant_id)
    except (ValueError, TypeError, KeyError) as error:  # of another release: its record must be closed all the same
        _log.warning("call.state_unreadable", call_id=str(key.id), error=type(error).__name__)
        return None
