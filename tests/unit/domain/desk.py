"""A front desk for tests: the rules driven by a tiny engine over an in-memory appointment book."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

from agent.bootstrap.tenant_document import load_tenant
from agent.domain.appointments import Appointment, Hold
from agent.domain.call import CallState, Stage, Transition, advance, new_call
from agent.domain.events import (
    Answered,
    AppointmentGone,
    AppointmentsFound,
    Booked,
    BookingLost,
    Cancelled,
    Event,
    Held,
    HoldLost,
    Listed,
    Moved,
    OpeningsFound,
    Said,
    StoreFailed,
    Taken,
)
from agent.domain.facts import Expect
from agent.domain.identity import is_same_full_name, is_same_name
from agent.domain.lines import Line, LineKey
from agent.domain.notes import Message, Text
from agent.domain.openings import Opening, window_for
from agent.domain.requests import (
    CancelAppointment,
    ConfirmBooking,
    Effect,
    FindAppointments,
    HoldOpening,
    JoinWaitlist,
    MoveAppointment,
    Read,
    ReleaseHold,
    SendText,
    TakeMessage,
)
from agent.domain.search import find_openings
from agent.domain.tenant import Tenant
from agent.domain.transfers import Transfer, TransferFailed, TransferRefusal
from agent.understanding import understand

TENANT = load_tenant(Path("infra/local/tenants/riverside-dental.yaml"))
NOW = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
CALLER = "+15550190001"


@dataclass
class Desk:
    """Drives one call and keeps what happened. On the telephones beside it nobody takes a call.

    Attributes:
        losing: the next so many holds are lost to somebody else.
        losing_bookings: the next so many confirmations are.
        failing: the next so many replies of storage are failures.
        customers: name and number of each appointment, by its id.
        reads: every look-up of existing appointments.
        said, lines: what was spoken last.
        messages: what was left, by its key; `texts`: what is to be texted.
    """

    state: CallState = field(default_factory=lambda: new_call(CALLER))
    holds: dict[UUID, Hold] = field(default_factory=dict)
    booked: dict[str, Appointment] = field(default_factory=dict)
    customers: dict[UUID, tuple[str, str]] = field(default_factory=dict)
    reads: list[FindAppointments] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    texts: list[Text] = field(default_factory=list)
    tenant: Tenant = TENANT
    said: list[LineKey] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    losing: int = 0
    losing_bookings: int = 0
    failing: int = 0

    @property
    def is_hung_up(self) -> bool:
        return self.state.stage is Stage.ENDED

    def answer(self) -> list[LineKey]:
        return self.happen(Answered())

    def hear(self, text: str) -> list[LineKey]:
        facts = understand(text, expects=self.state.expects, tenant=self.tenant, now=NOW)
        return self.happen(Said(facts))

    def happen(self, event: Event) -> list[LineKey]:
        """Advance, perform, and advance with the replies; the keys spoken on the way."""
        self.said, self.lines = [], []
        pending: list[Event] = [event]
        for _ in range(20):
            if not pending:
                return self.said
            step = advance(self.state, pending.pop(0), NOW, self.tenant)
            assert CallState.from_json(step.state.to_json()) == step.state
            self.state = step.state
            self.lines += step.say
            self.said += [line.key for line in step.say]
            pending += self._perform(step)
        raise AssertionError("the rules and storage go on for ever")

    def _perform(self, step: Transition) -> list[Event]:
        replies = [self._find(read) for read in step.reads]
        for effect in step.effects:
            self.effects.append(effect)
            reply = self._run(effect)
            replies += [reply] if reply else []
        return replies

    def has_booked(self, service_id: str, text: str, name: str = "Dana Smith", phone: str = CALLER) -> Appointment:
        """An appointment made in an earlier call, at a time as it is said."""
        when = understand(text, expects=Expect.WHEN, tenant=TENANT, now=NOW).when
        window = window_for(when, TENANT) if when else None
        assert window is not None
        (best,) = find_openings(TENANT, service_id, window, {}, now=NOW, limit=1)
        appointment = Appointment(uuid5(TENANT.id, f"earlier {len(self.booked)}"), service_id, best.opening)
        self.booked[str(appointment.id)] = appointment
        self.customers[appointment.id] = (name, phone)
        return appointment

    def _find_appointments(self, read: FindAppointments) -> Event:
        self.reads.append(read)
        if self._fails():
            return StoreFailed()
        return AppointmentsFound(
            tuple(
                appointment
                for appointment in sorted(self.booked.values(), key=lambda each: each.opening.start_at)
                if self._is_found(appointment, read)
            )
        )

    def _is_found(self, appointment: Appointment, read: FindAppointments) -> bool:
        name, phone = self.customers[appointment.id]
        if read.phone is not None:
            return phone == read.phone and (read.name is None or is_same_name(read.name, name))
        on = appointment.opening.start_at.astimezone(TENANT.zone).date()
        return read.name is not None and is_same_full_name(read.name, name) and on == read.on

    def _find(self, read: Read) -> Event:
        if isinstance(read, FindAppointments):
            return self._find_appointments(read)
        if self._fails():
            return StoreFailed()
        busy: dict[UUID, list[tuple[datetime, datetime]]] = {}
        taken = [hold.opening for key, hold in self.holds.items() if key != read.ignoring_hold]
        taken += [known.opening for known in self.booked.values() if known.id != read.ignoring_appointment]
        for opening in taken:
            busy.setdefault(opening.staff_id, []).append((opening.busy_from, opening.busy_to))
        found = find_openings(TENANT, read.service_id, read.window, busy, now=NOW, limit=read.limit, staff=read.staff)
        return OpeningsFound(found)

    def _run(self, effect: Effect) -> Event | None:
        if isinstance(effect, ReleaseHold):
            del self.holds[effect.hold_id]
            return None
        if self._fails():
            return StoreFailed()
        match effect:
            case HoldOpening(_, opening, _):
                return self._hold(opening)
            case ConfirmBooking():
                return self._book(effect)
            case MoveAppointment():
                return self._move(effect)
            case CancelAppointment(_, appointment):
                known = self._give_up(appointment)
                return Cancelled(appointment) if known else AppointmentGone()
            case JoinWaitlist():
                return Listed()
            case TakeMessage(key, message, _):
                was_known = key in self.messages
                self.messages[key] = message
                return Taken(was_known)
            case SendText(text):
                self.texts.append(text)
                return Taken()
            case Transfer():
                return TransferFailed(TransferRefusal.NO_ANSWER)

    def _hold(self, opening: Opening) -> Event:
        if self.losing:
            self.losing -= 1
            self._occupy(opening)
            return HoldLost()
        hold = Hold(uuid5(TENANT.id, f"{len(self.effects)}"), opening, NOW + timedelta(minutes=10))
        self.holds[hold.id] = hold
        return Held(hold)

    def _book(self, effect: ConfirmBooking) -> Event:
        self.holds.pop(effect.hold.id, None)
        if effect.intent_key in self.booked:
            return Booked(replace(self.booked[effect.intent_key], was_known=True))
        if self.losing_bookings:
            self.losing_bookings -= 1
            self._occupy(effect.hold.opening)
            return BookingLost()
        appointment = Appointment(uuid5(TENANT.id, effect.intent_key), effect.service_id, effect.hold.opening)
        self.booked[effect.intent_key] = appointment
        self.customers[appointment.id] = (effect.name, effect.phone)
        return Booked(appointment)

    def _move(self, effect: MoveAppointment) -> Event:
        if self.losing_bookings:
            self.losing_bookings -= 1
            del self.holds[effect.hold.id]
            self._occupy(effect.hold.opening)
            return BookingLost()
        if not self._give_up(effect.appointment):
            return AppointmentGone()
        del self.holds[effect.hold.id]
        moved = replace(effect.appointment, id=uuid5(TENANT.id, effect.change_key), opening=effect.hold.opening)
        self.booked[effect.booking_key] = moved
        self.customers[moved.id] = self.customers[effect.appointment.id]
        return Moved(moved)

    def _give_up(self, appointment: Appointment) -> bool:
        keys = [key for key, known in self.booked.items() if known.id == appointment.id]
        for key in keys:
            del self.booked[key]
        return bool(keys)

    def _occupy(self, opening: Opening) -> None:
        other = Appointment(uuid5(TENANT.id, f"other {len(self.booked)}"), "cleaning", opening)
        self.booked[f"somebody else's {len(self.booked)}"] = other
        self.customers[other.id] = ("Somebody Else", "+15550199999")

    def _fails(self) -> bool:
        is_failing = self.failing > 0
        self.failing -= is_failing
        return is_failing


def local(at: datetime) -> str:
    """ "Thu 15:00": a start as the tenant's wall clock shows it."""
    return f"{at.astimezone(TENANT.zone):%a %d %H:%M}"
