"""Turns what the rules ask for into calls on the desk, and its answers into events."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import date, datetime
from typing import Protocol, TypeVar
from uuid import UUID

from agent.domain.appointments import Appointment, Hold, MoveRefusal
from agent.domain.errors import FleetError
from agent.domain.events import (
    AppointmentGone,
    AppointmentsFound,
    Booked,
    BookingLost,
    Cancelled,
    Event,
    Held,
    HoldLost,
    Moved,
    OpeningsFound,
    StoreFailed,
    Taken,
)
from agent.domain.notes import Message, Text
from agent.domain.openings import Opening, Window
from agent.domain.requests import (
    CancelAppointment,
    ConfirmBooking,
    Effect,
    FindAppointments,
    FindOpenings,
    HoldOpening,
    MoveAppointment,
    Read,
    ReleaseHold,
    SendText,
    TakeMessage,
)
from agent.domain.tenant import Tenant
from agent.runtime import traces
from agent.runtime.logs import get_logger

_log = get_logger("agent.dialogue.effects")
T = TypeVar("T")


class Desk(Protocol):
    """Where openings are found and kept; `agent.scheduling.desk.Desk` over PostgreSQL."""

    async def find_openings(
        self,
        tenant: Tenant,
        service_id: str,
        window: Window,
        *,
        now: datetime,
        limit: int = ...,
        ignoring_hold: UUID | None = None,
        ignoring_appointment: UUID | None = None,
    ) -> tuple[Opening, ...]: ...

    async def hold(
        self, tenant: Tenant, call_id: UUID, opening: Opening, service_id: str, *, replacing: Opening | None = None
    ) -> Hold | None: ...

    async def confirm(
        self, tenant: Tenant, hold: Hold, *, intent_key: str, service_id: str, name: str, phone: str
    ) -> Appointment | None: ...

    async def release(self, tenant: Tenant, hold_id: UUID) -> bool: ...

    async def find_appointments(
        self, tenant: Tenant, *, phone: str | None, name: str | None, on: date | None, now: datetime
    ) -> tuple[Appointment, ...]: ...

    async def move(
        self, tenant: Tenant, appointment: Appointment, hold: Hold, *, change_key: str, booking_key: str
    ) -> Appointment | MoveRefusal: ...

    async def cancel(self, tenant: Tenant, appointment: Appointment, *, change_key: str) -> Appointment | None: ...

    async def take_message(
        self, tenant: Tenant, call_id: UUID, message: Message, *, key: str, caller_number: str | None
    ) -> bool: ...

    async def send_text(self, tenant: Tenant, call_id: UUID, text: Text) -> bool: ...


async def perform_read(desk: Desk, tenant: Tenant, read: Read, now: datetime) -> Event:
    """Look something up. Pure: may be repeated or thrown away."""
    with traces.tracer().start_as_current_span(traces.CALENDAR_LOOKUP):
        match read:
            case FindOpenings(service_id, window, limit, ignoring_hold, ignoring_appointment):
                found = await _attempt(
                    desk.find_openings(
                        tenant,
                        service_id,
                        window,
                        now=now,
                        limit=limit,
                        ignoring_hold=ignoring_hold,
                        ignoring_appointment=ignoring_appointment,
                    )
                )
                return StoreFailed() if isinstance(found, StoreFailed) else OpeningsFound(found)
            case FindAppointments(phone, name, on):
                known = await _attempt(desk.find_appointments(tenant, phone=phone, name=name, on=on, now=now))
                return StoreFailed() if isinstance(known, StoreFailed) else AppointmentsFound(known)


async def perform_effect(desk: Desk, tenant: Tenant, call_id: UUID, effect: Effect) -> Event | None:
    """Do it. Returns the event that answers it, None for effects without an answer."""
    with traces.tracer().start_as_current_span(traces.CALENDAR_WRITE):
        match effect:
            case HoldOpening(service_id, opening, replacing):
                hold = await _attempt(desk.hold(tenant, call_id, opening, service_id, replacing=replacing))
                if isinstance(hold, StoreFailed):
                    return hold
                return HoldLost() if hold is None else Held(hold)
            case ReleaseHold(hold_id):
                await _attempt(desk.release(tenant, hold_id))
                return None
            case ConfirmBooking(key, hold, service_id, name, phone):
                booked = await _attempt(
                    desk.confirm(tenant, hold, intent_key=key, service_id=service_id, name=name, phone=phone)
                )
                if isinstance(booked, StoreFailed):
                    return booked
                return BookingLost() if booked is None else Booked(booked)
            case MoveAppointment(key, booking_key, appointment, hold):
                moved = await _attempt(desk.move(tenant, appointment, hold, change_key=key, booking_key=booking_key))
                if isinstance(moved, MoveRefusal):
                    return BookingLost() if moved is MoveRefusal.OPENING_TAKEN else AppointmentGone()
                return moved if isinstance(moved, StoreFailed) else Moved(moved)
            case CancelAppointment(key, appointment):
                off = await _attempt(desk.cancel(tenant, appointment, change_key=key))
                if isinstance(off, StoreFailed):
                    return off
                return AppointmentGone() if off is None else Cancelled(off)
            case TakeMessage(key, message, caller_number):
                return _taken(
                    await _attempt(desk.take_message(tenant, call_id, message, key=key, caller_number=caller_number))
                )
            case SendText(text):
                return _taken(await _attempt(desk.send_text(tenant, call_id, text)))


def _taken(is_new: bool | StoreFailed) -> Event:
    return is_new if isinstance(is_new, StoreFailed) else Taken(was_known=not is_new)


async def _attempt(work: Awaitable[T]) -> T | StoreFailed:
    try:
        return await work
    except FleetError as error:
        _log.warning("store.failed", error=str(error), blame=error.blame.value, retryable=error.retryable)
        return StoreFailed()
