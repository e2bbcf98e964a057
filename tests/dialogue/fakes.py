"""A desk in memory and a journal that only listens: the dialogue's neighbours, without their servers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from agent.bootstrap.tenant_document import load_tenant
from agent.dialogue.conversation import Conversation
from agent.dialogue.proposal import Proposal
from agent.domain.appointments import Appointment, Hold, MoveRefusal
from agent.domain.call import CallState, new_call
from agent.domain.errors import DependencyUnavailable
from agent.domain.events import Answered
from agent.domain.openings import Opening
from agent.domain.ranking import Offer
from agent.domain.tenant import Tenant
from agent.scheduling.memory_desk import MemoryDesk
from agent.understanding import Cascade

#: A Monday, 9 AM in New York.
NOW = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
TENANT = load_tenant(Path("infra/local/tenants/riverside-dental.yaml"))
CALLER = "+15550123456"


class Desk(MemoryDesk):
    """The desk in memory, which can be away or slow, and counts.

    Attributes:
        is_down: every request fails as it does when PostgreSQL is away.
        gate: everything waits until it is set.
        confirmations: how often a booking was asked for; `changes`: how often a move or cancellation.
    """

    def __init__(self) -> None:
        super().__init__(lambda: NOW)
        self.is_down = False
        self.confirmations = 0
        self.changes = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def find_openings(self, *args: Any, **named: Any) -> tuple[Offer, ...]:
        await self._answer()
        return await super().find_openings(*args, **named)

    async def hold(self, *args: Any, **named: Any) -> Hold | None:
        await self._answer()
        return await super().hold(*args, **named)

    async def confirm(self, *args: Any, **named: Any) -> Appointment | None:
        await self._answer()
        self.confirmations += 1
        return await super().confirm(*args, **named)

    async def find_appointments(self, *args: Any, **named: Any) -> tuple[Appointment, ...]:
        await self._answer()
        return await super().find_appointments(*args, **named)

    async def move(self, *args: Any, **named: Any) -> Appointment | MoveRefusal:
        await self._answer()
        self.changes += 1
        return await super().move(*args, **named)

    async def cancel(self, *args: Any, **named: Any) -> Appointment | None:
        await self._answer()
        self.changes += 1
        return await super().cancel(*args, **named)

    async def take_message(self, *args: Any, **named: Any) -> bool:
        await self._answer()
        return await super().take_message(*args, **named)

    async def send_text(self, *args: Any, **named: Any) -> bool:
        await self._answer()
        return await super().send_text(*args, **named)

    async def release(self, tenant: Tenant, hold_id: UUID) -> bool:
        await self._answer()
        return await super().release(tenant, hold_id)

    async def take(self, start_at: datetime) -> None:
        """Other callers get this time, with everybody who works here."""
        for person in TENANT.staff:
            end_at = start_at + timedelta(minutes=30)
            opening = Opening(person.id, start_at, end_at, start_at, end_at)
            assert await super().hold(TENANT, uuid4(), opening, "checkup")

    async def _answer(self) -> None:
        await self.gate.wait()
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

    def __init__(
        self,
        desk: Desk | None = None,
        state: CallState | None = None,
        call_id: UUID | None = None,
        cascade: Cascade | None = None,
        tenant: Tenant = TENANT,
    ) -> None:
        self.desk = desk or Desk()
        self.journal = Journal()
        self.call_id = call_id or uuid4()
        self.prefetched: list[str] = []
        self.conversation = Conversation(
            tenant,
            self.call_id,
            state or new_call(CALLER),
            self.desk,
            lambda: self._now,
            self.journal,
            self.prefetched.append,
            cascade,
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
