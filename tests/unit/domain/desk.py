"""A front desk for tests: the rules driven by a tiny engine over an in-memory appointment book."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

from agent.bootstrap.tenant_document import load_tenant
from agent.domain.call import CallState, Stage, Transition, advance, new_call
from agent.domain.events import (
    Answered,
    Appointment,
    Booked,
    BookingLost,
    ConfirmBooking,
    Effect,
    Event,
    FindOpenings,
    Held,
    Hold,
    HoldLost,
    HoldOpening,
    LineKey,
    OpeningsFound,
    ReleaseHold,
    Said,
    StoreFailed,
)
from agent.domain.openings import Opening, find_openings
from agent.understanding import understand

TENANT = load_tenant(Path("infra/local/tenants/riverside-dental.yaml"))
NOW = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
CALLER = "+15550190001"


@dataclass
class Desk:
    """Drives one call and keeps what happened.

    Attributes:
        losing: the next so many holds are lost to somebody else.
        losing_bookings: the next so many confirmations are.
        failing: the next so many replies of storage are failures.
    """

    state: CallState = field(default_factory=lambda: new_call(CALLER))
    holds: dict[UUID, Hold] = field(default_factory=dict)
    booked: dict[str, Appointment] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)
    said: list[LineKey] = field(default_factory=list)
    losing: int = 0
    losing_bookings: int = 0
    failing: int = 0

    @property
    def is_hung_up(self) -> bool:
        return self.state.stage is Stage.ENDED

    def answer(self) -> list[LineKey]:
        return self.happen(Answered())

    def hear(self, text: str) -> list[LineKey]:
        facts = understand(text, expects=self.state.expects, tenant=TENANT, now=NOW)
        return self.happen(Said(facts))

    def happen(self, event: Event) -> list[LineKey]:
        """Advance, perform, and advance with the replies; the keys spoken on the way."""
        self.said = []
        pending: list[Event] = [event]
        for _ in range(20):
            if not pending:
                return self.said
            step = advance(self.state, pending.pop(0), NOW, TENANT)
            assert CallState.from_json(step.state.to_json()) == step.state
            self.state = step.state
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

    def _find(self, read: FindOpenings) -> Event:
        if self._fails():
            return StoreFailed()
        busy: dict[UUID, list[tuple[datetime, datetime]]] = {}
        taken = [hold.opening for key, hold in self.holds.items() if key != read.ignoring_hold]
        for opening in taken + [appointment.opening for appointment in self.booked.values()]:
            busy.setdefault(opening.staff_id, []).append((opening.busy_from, opening.busy_to))
        found = find_openings(TENANT, read.service_id, read.window, busy, now=NOW, limit=read.limit)
        return OpeningsFound(found)

    def _run(self, effect: Effect) -> Event | None:
        if isinstance(effect, ReleaseHold):
            del self.holds[effect.hold_id]
            return None
        if self._fails():
            return StoreFailed()
        return self._hold(effect.opening) if isinstance(effect, HoldOpening) else self._book(effect)

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
        if self.losing_bookings:
            self.losing_bookings -= 1
            self._occupy(effect.hold.opening)
            return BookingLost()
        appointment = Appointment(uuid5(TENANT.id, effect.intent_key), effect.service_id, effect.hold.opening)
        self.booked[effect.intent_key] = appointment
        return Booked(appointment)

    def _occupy(self, opening: Opening) -> None:
        other = Appointment(uuid5(TENANT.id, f"other {len(self.booked)}"), "cleaning", opening)
        self.booked[f"somebody else's {len(self.booked)}"] = other

    def _fails(self) -> bool:
        is_failing = self.failing > 0
        self.failing -= is_failing
        return is_failing


def local(at: datetime) -> str:
    """ "Thu 15:00": a start as the tenant's wall clock shows it."""
    return f"{at.astimezone(TENANT.zone):%a %d %H:%M}"
