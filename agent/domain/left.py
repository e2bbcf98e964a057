"""What a call that was cut off left behind, so that its caller need not begin again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from agent.domain.appointments import Appointment
from agent.domain.facts import When
from agent.domain.intent import Operation
from agent.domain.staffing import StaffWish

#: Whoever calls back does so at once; what a caller told is not kept for longer than this.
REMEMBERED_S = 1800.0


@dataclass(frozen=True, slots=True)
class News:
    """What was done last in a call, and to which appointment; as it is now, or was before it was cancelled."""

    operation: Operation
    appointment: Appointment


@dataclass(frozen=True, slots=True)
class Left:
    """Where things stood when a call ended before its caller was done.

    Attributes:
        caller_number: called from, E.164.
        operation: BOOK, MOVE or CANCEL; None is a message.
        is_done: it is stored, and the caller has not heard so.
        appointment: what was made, moved or cancelled, or is to be; None for a booking that is not made.
        key: under which it may be stored although nobody had an answer; None when it was never asked for.
        service_id, when, staff, name, phone: as far as told, of what is not done.
        has_keypad: the caller pressed keys.
    """

    caller_number: str
    operation: Operation | None
    is_done: bool = False
    appointment: Appointment | None = None
    key: str | None = None
    service_id: str | None = None
    when: When | None = None
    staff: StaffWish | None = None
    name: str | None = None
    phone: str | None = None
    has_keypad: bool = False


@dataclass(frozen=True, slots=True)
class Became:
    """What the diary says of it by the time of the next call.

    Attributes:
        made: the booking stored under its key.
        stands: its appointment is still confirmed.
        is_off: its appointment was cancelled under its key.
    """

    made: Appointment | None = None
    stands: bool = False
    is_off: bool = False


def _booking(left: Left, became: Became) -> Left | None:
    return left if became.made is None else _done(left, became.made)


def _move(left: Left, became: Became) -> Left | None:
    return _standing(left, became) if became.made is None else _done(left, became.made)


def _cancellation(left: Left, became: Became) -> Left | None:
    return _done(left, left.appointment) if became.is_off else _standing(left, became)


def _standing(left: Left, became: Became) -> Left | None:
    return left if became.stands else None


def _unchanged(left: Left, became: Became) -> Left | None:
    return left


def _done(left: Left, made: Appointment | None) -> Left:
    return replace(left, is_done=True, appointment=made, name=None, phone=None)


_SETTLED: dict[tuple[Operation | None, bool], Callable[[Left, Became], Left | None]] = {
    (Operation.BOOK, False): _booking,
    (Operation.BOOK, True): _standing,
    (Operation.MOVE, False): _move,
    (Operation.MOVE, True): _standing,
    (Operation.CANCEL, False): _cancellation,
    (Operation.CANCEL, True): _unchanged,
    (None, False): _unchanged,
    (None, True): _unchanged,
}


def settled(left: Left, became: Became) -> Left | None:
    """Where things stand now; None when somebody else has changed the appointment since."""
    return _SETTLED[left.operation, left.is_done](left, became)
