"""A tenant with a row of everything, for two of them to be held against each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

from agent.domain.appointments import Appointment, Hold
from agent.domain.cost import Charge, Item
from agent.domain.intent import Operation
from agent.domain.left import Left
from agent.domain.notes import Message, Text, TextKind
from agent.domain.openings import Opening, Window
from agent.domain.tenant import Tenant, TextRules
from agent.domain.waitlist import WaitWish
from agent.storage import (
    appointments,
    call_state,
    calls,
    cut_off,
    holds,
    messages,
    spend,
    texts,
    waitlist,
)
from agent.storage.appointments import Customer
from agent.storage.call_state import open_call
from agent.storage.calls import CallKey, NewCall, Turn
from agent.storage.outbox import Letter
from agent.storage.pool import Pool, tenant_tx
from agent.storage.taking import Wish
from agent.storage.waitlist import NewPlace
from tests.integration.shop import opening, stored_shop
from tests.integration.storage import knowledge

#: Both tenants' customers call from the same number, want the same thing and come under the same keys.
PHONE, NAME, INTENT = "+15550100001", "Dana Smith", "the same intent"
ROOM = "the same room"
NEW_PHONE = "+15550100003"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2040, 1, 1, tzinfo=UTC)
ANY_TIME = WaitWish("cut", Window(LONG_AGO, FAR_AHEAD))


@dataclass(frozen=True)
class World:
    """One tenant with a row of everything.

    Attributes:
        agreed: the only phone that agreed to texts, and to this tenant's only.
        letter: the notice of its only message.
        place: the only one on its waiting list.
        tokens: what a call of its has spent on models, and the same in nano-dollars.
        passage: the only one of its knowledge base.
    """

    tenant: Tenant
    call: CallKey
    held: Hold
    booked: Appointment
    free: Opening
    agreed: str
    letter: Letter
    place: UUID
    tokens: int
    passage: UUID

    @property
    def marks(self) -> set[str]:
        """What only its own rows hold."""
        ids = (self.tenant.id, self.call.id, self.held.id, self.booked.id, self.letter.id, self.place, self.passage)
        return {str(each) for each in (*ids, self.tokens, *(person.id for person in self.tenant.staff))}


async def make_world(pool: Pool, keeper_pool: Pool) -> World:
    tenant = replace(await stored_shop(keeper_pool), texts=TextRules(True, "https://book.example/shop"))
    key = CallKey(tenant.id, uuid4(), datetime.now(UTC))
    await open_call(pool, NewCall(key, ROOM, tenant.numbers[0], PHONE, "sip", "worker-1"))
    first, second = (person.id for person in tenant.staff)
    async with tenant_tx(pool, tenant.id) as connection:
        await calls.add_turn(connection, key, Turn(0, "caller", datetime.now(UTC), "hello"))
        held = await holds.hold(connection, Wish(tenant.id, key.id, "cut", opening(first)), ttl_s=300)
        other = await holds.hold(connection, Wish(tenant.id, key.id, "cut", opening(second)), ttl_s=300)
        assert held
        assert other
        booked = await appointments.confirm(
            connection, tenant.id, other, service_id="cut", intent_key=INTENT, customer=Customer(NAME, PHONE)
        )
        await cut_off.keep(connection, tenant.id, left_by(tenant.id))
        await call_state.save_state(connection, key, 1, {"stage": str(tenant.id)})
        place = await waitlist.join(connection, tenant.id, NewPlace(key.id, INTENT, ANY_TIME, NAME, PHONE))
    assert booked
    agreed = f"+1{uuid4().int % 9_000_000_000 + 1_000_000_000}"
    letter = await _write_down(pool, tenant, key, agreed)
    tokens = await _spend(pool, key)
    passage = await knowledge.tell(pool, keeper_pool, key)
    return World(tenant, key, held, booked, opening(first, hour=14), agreed, letter, place, tokens, passage)


async def _spend(pool: Pool, key: CallKey) -> int:
    """Tokens that an agent before this one used in a call, as many as nobody else's."""
    tokens = uuid4().int % 1_000_000_000 + 1_000_000_000
    charge = Charge(Item("model", "openai/gpt-4.1", "tokens_in"), tokens * 1000, tokens)
    async with tenant_tx(pool, key.tenant_id) as connection:
        await spend.record(connection, key, 1, (charge,))
    return tokens


async def _write_down(pool: Pool, tenant: Tenant, key: CallKey, agreed: str) -> Letter:
    """A message with its notice, which is returned, and a consent with its text."""
    async with tenant_tx(pool, tenant.id) as connection:
        await messages.take(connection, tenant.id, key.id, message_to(tenant.id), key=INTENT, caller_number=PHONE)
        await texts.send_agreed(connection, tenant, key.id, Text(TextKind.LINK, agreed, "offer_link", "yes"))
        row = await connection.fetchrow(
            "SELECT id, tenant_id, kind, key, payload, attempts FROM outbox WHERE kind = 'message_notice'"
        )
    assert row
    return Letter(**row)


def message_to(tenant_id: UUID) -> Message:
    return Message(text=f"I'm running late, {tenant_id}")


def left_by(tenant_id: UUID) -> Left:
    """A draft that only this tenant's row holds."""
    return Left(PHONE, Operation.BOOK, service_id="cut", name=f"Customer of {tenant_id}")
