"""What we will most likely say once the effects of a proposal have succeeded.

Only to have its audio ready: the words themselves are always taken from the real outcome.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from agent.domain.appointments import Appointment, Hold
from agent.domain.call import Transition, advance
from agent.domain.events import Booked, Cancelled, Event, Held, Moved, Taken
from agent.domain.lines import Line
from agent.domain.requests import (
    CancelAppointment,
    ConfirmBooking,
    Effect,
    HoldOpening,
    MoveAppointment,
    SendText,
    TakeMessage,
)
from agent.domain.tenant import Tenant

_NOBODY = UUID(int=0)


def likely_lines(proposed: Transition, now: datetime, tenant: Tenant) -> tuple[Line, ...]:
    """The lines that follow if everything goes well; empty when that needs a look-up first."""
    state, lines = proposed.state, proposed.say
    for effect in proposed.effects:
        outcome = _success(effect, now)
        if outcome is None:
            continue
        transition = advance(state, outcome, now, tenant)
        if transition.reads:
            return ()
        state, lines = transition.state, lines + transition.say
    return lines


def _success(effect: Effect, now: datetime) -> Event | None:
    match effect:
        case HoldOpening(_, opening, _):
            return Held(Hold(_NOBODY, opening, now + timedelta(minutes=5)))
        case ConfirmBooking(_, hold, service_id):
            return Booked(Appointment(_NOBODY, service_id, hold.opening))
        case MoveAppointment(_, _, appointment, hold):
            return Moved(replace(appointment, id=_NOBODY, opening=hold.opening))
        case CancelAppointment(_, appointment):
            return Cancelled(appointment)
        case TakeMessage() | SendText():
            return Taken()
        case _:
            return None
