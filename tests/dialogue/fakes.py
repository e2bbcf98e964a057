"""A desk in memory and a journal that only listens: the dialogue's neighbours, without their servers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from agent.bootstrap.tenant_document import load_tenant
from agent.dialogue.conversation import Conversation, Proposal
from agent.domain.call import CallState, new_call
from agent.domain.errors import DependencyUnavailable
from agent.domain.events import Answered, Appointment, Hold, MoveRefusal
from agent.domain.openings import MAX_OFFERS, Opening, Window, find_openings
from agent.domain.tenant import Tenant

#: A Monday, 9 AM in New York.
NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
TENANT = load_tenant(Path("infra/local/tenants/riverside-dental.yaml"))
CALLER = "+15550123456"


@dataclass
class Desk:
    """Openings, holds and bookings in memory.

    Attributes:
        is_down: every request fails as it does when PostgreSQL is away.
        gate: everything waits until it is set.
    """

    holds: dict[UUID, Hold] = field(default_factory=dict)
    booked: dict[str, Appointment] = field(default_factory=dict)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    taken: set[datetime] = field(default_factory=set)
    is_down: bool = False
    confirmations: int = 0
    changes: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def find_openings(
        self,
        tenant: Tenant,
        service_id: str,
        window: Window,
        *,
        now: datetime,
        limit: int = MAX_OFFERS,
        ignoring_hold: UUID | None = None,
    ) -> tuple[Opening, ...]:
        await self.gate.wait()
        self._answer()
        busy = [(at, at + timedelta(minutes=30)) for at in self.taken]
        return find_openings(
            tenant, service_id, window, {staff.id: busy for staff in tenant.staff}, now=now, limit=limit
        )

    async def hold(self, tenant: Tenant, call_id: UUID, opening: Opening, service_id: str) -> Hold | None:
        await self.gate.wait()
        self._answer()
        if opening.start_at in self.taken:
            return None
        hold = Hold(uuid4(), opening, NOW + timedelta(minutes=5))
        self.holds[hold.id] = hold
        return hold

    async def confirm(
        self, tenant: Tenant, hold: Hold, *, intent_key: str, service_id: str, name: str, phone: str
    ) -> Appointment | None:
        await self.gate.wait()
        self._answer()
        self.confirmations += 1
        known = self.booked.get(intent_key)
        if known is not None:
            return replace(known, was_known=True)
        self.booked[intent_key] = Appointment(uuid4(), service_id, hold.opening)
        self.names[intent_key] = (name, phone)
        return self.booked[intent_key]

    async def find_appointments(
        self, tenant: Tenant, *, phone: str | None, name: str | None, on: date | None, now: datetime
    ) -> tuple[Appointment, ...]:
        await self.gate.wait()
        self._answer()
        return tuple(known for key, known in self.booked.items() if self.names[key][1] == phone)

    async def move(
        self, tenant: Tenant, appointment: Appointment, hold: Hold, *, change_key: str, booking_key: str
    ) -> Appointment | MoveRefusal:
        await self.gate.wait()
        self._answer()
        self.changes += 1
        if booking_key in self.booked:
            return replace(self.booked[booking_key], was_known=True)
        key = self._key_of(appointment)
        if key is None:
            return MoveRefusal.APPOINTMENT_GONE
        del self.booked[key]
        self.names[booking_key] = self.names[key]
        self.booked[booking_key] = replace(appointment, id=self.holds.pop(hold.id).id, opening=hold.opening)
        return self.booked[booking_key]

    async def cancel(self, tenant: Tenant, appointment: Appointment, *, change_key: str) -> Appointment | None:
        await self.gate.wait()
        self._answer()
        self.changes += 1
        key = self._key_of(appointment)
        if key is None:
            return None
        return self.booked.pop(key)

    def _key_of(self, appointment: Appointment) -> str | None:
        return next((key for key, known in self.booked.items() if known.id == appointment.id), None)

    async def release(self, tenant: Tenant, hold_id: UUID) -> bool:
        self._answer()
        return self.holds.pop(hold_id, None) is not None

    def _answer(self) -> None:
        if self.is_down:
            raise DependencyUnavailable("PostgreSQL at test: unreachable")


@dataclass
class Journal:
    """Keeps what it is told."""

    proposals: list[Proposal] = field(default_factory=list)
    states: list[CallState] = field(default_factory=list)

    def committed(self, proposal: Proposal) -> None:
        self.proposals.append(proposal)
        self.states.append(proposal.state)

    def settled(self, state: CallState) -> None:
        self.states.append(state)


class Caller:
    """Talks to a conversation the way LiveKit does: a speculation, then the commit of the same words."""

    def __init__(self, desk: Desk | None = None, state: CallState | None = None) -> None:
        self.desk = desk or Desk()
        self.journal = Journal()
        self.call_id = uuid4()
        self.prefetched: list[str] = []
        self.conversation = Conversation(
            TENANT,
            self.call_id,
            state or new_call(CALLER),
            self.desk,
            lambda: self._now,
            self.journal,
            self.prefetched.append,
        )
        self._turn = 0
        self._now = NOW

    async def answered(self) -> str:
        return await read((await self.conversation.happen(Answered())).speech)

    async def says(self, words: str) -> str:
        """One turn; returns the reply."""
        self._turn += 1
        turn_id = f"turn-{self._turn}"
        await self.conversation.reply_to(words, f"speculation-{self._turn}", asked_at=self.later())
        await self.conversation.commit(words, turn_id)
        return await read(await self.conversation.reply_to(words, turn_id, asked_at=self.later()))

    def later(self) -> float:
        """The next moment of this call's clock, as Unix time."""
        self._now += timedelta(seconds=1)
        return self._now.timestamp()


async def read(speech: object) -> str:
    """All of a reply, or a failure when it never ends."""
    async with asyncio.timeout(5):
        return " ".join([piece async for piece in speech])  # type: ignore[attr-defined]
