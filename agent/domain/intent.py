"""The identity of what a caller wants done, so that it is done once."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from enum import Enum
from uuid import UUID

from agent.domain.openings import Window


class Operation(Enum):
    """What is done to an appointment, or in want of one."""

    BOOK = "book"
    MOVE = "move"
    CANCEL = "cancel"
    WAIT = "wait"


def intent_key(tenant_id: UUID, caller_number: str, service_id: str, start_at: datetime, operation: Operation) -> str:
    """A key equal for the same wish of the same caller, whichever call or agent carries it.

    Args:
        caller_number: E.164; the number called from, or the one the caller gave when it was withheld.
        start_at: aware; the zone does not matter.
    Returns: 64 hexadecimal characters.
    """
    parts = (
        str(tenant_id),
        caller_number,
        service_id,
        start_at.astimezone(UTC).isoformat(timespec="seconds"),
        operation.value,
    )
    return _digest(parts)


def change_key(tenant_id: UUID, appointment_id: UUID, operation: Operation, start_at: datetime | None = None) -> str:
    """A key equal for the same change of the same appointment, whoever asks for it and from wherever.

    Args:
        start_at: aware; where it is moved to, None when it is cancelled.
    Returns: 64 hexadecimal characters.
    """
    start = "" if start_at is None else start_at.astimezone(UTC).isoformat(timespec="seconds")
    return _digest((str(tenant_id), str(appointment_id), operation.value, start))


def waiting_key(tenant_id: UUID, caller_number: str, service_id: str, window: Window) -> str:
    """A key equal for the same wish to wait of the same caller, whichever call or agent carries it.

    Args:
        caller_number: as for `intent_key`.
    Returns: 64 hexadecimal characters.
    """
    wished = (window.earliest_at, window.latest_at)
    bounds = tuple(at.astimezone(UTC).isoformat(timespec="seconds") for at in wished)
    hours = tuple("" if at is None else at.isoformat() for at in (window.not_before, window.not_after))
    return _digest((str(tenant_id), caller_number, service_id, *bounds, *hours, Operation.WAIT.value))


def _digest(parts: tuple[str, ...]) -> str:
    # The unit separator cannot occur in any part, so no two part lists join to the same text.
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
