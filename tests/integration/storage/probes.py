"""Every request storage answers for one tenant, asked in the name of another.

A probe does what its function does for the tenant it is given, with everything that identifies the row taken from a
world that may be somebody else's. Asked by the world's owner it must find or change something, or the probe could
not fail; asked by another tenant it must do neither.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from agent.domain.appointments import Appointment, Hold
from agent.domain.errors import Blame
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
    changes,
    consents,
    cut_off,
    messages,
    outbox,
    tenant_versions,
    tenants,
    texts,
    waitlist,
)
from agent.storage.appointments import Customer, Wish
from agent.storage.call_state import open_call
from agent.storage.calls import CallKey, ClosedCall, NewCall, Turn
from agent.storage.outbox import Letter
from agent.storage.pool import Connection, Pool, tenant_tx
from agent.storage.waitlist import NewPlace
from tests.integration.shop import opening, stored_shop

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
    """

    tenant: Tenant
    call: CallKey
    held: Hold
    booked: Appointment
    free: Opening
    agreed: str
    letter: Letter
    place: UUID

    @property
    def marks(self) -> set[str]:
        """What only its own rows hold."""
        ids = (self.tenant.id, self.call.id, self.held.id, self.booked.id, self.letter.id, self.place)
        return {str(each) for each in (*ids, *(person.id for person in self.tenant.staff))}


async def make_world(pool: Pool, keeper_pool: Pool) -> World:
    tenant = replace(await stored_shop(keeper_pool), texts=TextRules(True, "https://book.example/shop"))
    key = CallKey(tenant.id, uuid4(), datetime.now(UTC))
    await open_call(pool, NewCall(key, ROOM, tenant.numbers[0], PHONE, "sip", "worker-1"))
    first, second = (person.id for person in tenant.staff)
    async with tenant_tx(pool, tenant.id) as connection:
        await calls.add_turn(connection, key, Turn(0, "caller", datetime.now(UTC), "hello"))
        held = await appointments.hold(connection, Wish(tenant.id, key.id, "cut", opening(first)), ttl_s=300)
        other = await appointments.hold(connection, Wish(tenant.id, key.id, "cut", opening(second)), ttl_s=300)
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
    return World(tenant, key, held, booked, opening(first, hour=14), agreed, letter, place)


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


Ask = Callable[[Connection, UUID, World], Awaitable[Any]]
PROBES: dict[str, Ask] = {}


def probe(function: Callable[..., Any]) -> Callable[[Ask], Ask]:
    """Name the storage function a probe is of."""

    def register(ask: Ask) -> Ask:
        PROBES[f"{function.__module__.removeprefix('agent.storage.')}.{function.__name__}"] = ask
        return ask

    return register


def key_of(tenant_id: UUID, world: World) -> CallKey:
    return CallKey(tenant_id, world.call.id, world.call.started_at)


def customer() -> Customer:
    return Customer("Someone Else", "+15550100002")


@probe(appointments.busy)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    found = await appointments.busy(
        c, tenant_id, [person.id for person in world.tenant.staff], from_at=LONG_AGO, to_at=FAR_AHEAD
    )
    return [(str(staff), times) for staff, times in found.items() if times]


@probe(appointments.hold)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    held = await appointments.hold(c, Wish(tenant_id, world.call.id, "cut", world.held.opening), ttl_s=900)
    return held and held.id


@probe(appointments.confirm)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await appointments.confirm(
        c, tenant_id, world.held, service_id="cut", intent_key=INTENT, customer=customer()
    )


@probe(appointments.book_held)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await appointments.book_held(
        c, tenant_id, world.held, service_id="cut", intent_key="new", customer=customer()
    )


@probe(appointments.book_anew)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    gone = Hold(world.held.id, world.free, world.held.expires_at)
    return await appointments.book_anew(c, tenant_id, gone, "cut", "anew", customer())


@probe(appointments.release)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await appointments.release(c, tenant_id, world.held.id) or None


@probe(appointments.by_intent_key)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await appointments.by_intent_key(c, tenant_id, INTENT)


@probe(changes.upcoming_by_phone)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await changes.upcoming_by_phone(c, tenant_id, PHONE, now=LONG_AGO)


@probe(changes.upcoming_between)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await changes.upcoming_between(c, tenant_id, LONG_AGO, FAR_AHEAD)


@probe(changes.cancel)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await changes.cancel(c, tenant_id, world.booked, change_key="change")


@probe(changes.move)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await changes.move(c, tenant_id, world.booked, world.held, change_key="change", booking_key="moved")


@probe(calls.mark_answered)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await calls.mark_answered(c, key_of(tenant_id, world), datetime.now(UTC), "announced")


@probe(calls.set_recording)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await calls.set_recording(c, key_of(tenant_id, world), "declined")


@probe(calls.close_call)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    end = ClosedCall(datetime.now(UTC) + timedelta(minutes=1), Blame.SUCCESS, "booked", "caller")
    return await calls.close_call(c, key_of(tenant_id, world), end) or None


@probe(calls.add_turn)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await calls.add_turn(c, key_of(tenant_id, world), Turn(1, "agent", datetime.now(UTC), "forged"))


@probe(calls.turns_of)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await calls.turns_of(c, key_of(tenant_id, world)) or None


@probe(call_state.save_state)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await call_state.save_state(c, key_of(tenant_id, world), 1, {"stage": "forged"}) or None


@probe(call_state.renew_lease)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await call_state.renew_lease(c, key_of(tenant_id, world), 1, lease_s=900) or None


@probe(call_state.state_of)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await call_state.state_of(c, key_of(tenant_id, world))


@probe(cut_off.keep)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await cut_off.keep(c, tenant_id, Left(PHONE, None), for_s=900)


@probe(cut_off.find)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await cut_off.find(c, tenant_id, PHONE)


@probe(cut_off.forget)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await cut_off.forget(c, tenant_id, PHONE) or None


@probe(cut_off.became)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    told = await cut_off.became(c, tenant_id, Left(PHONE, Operation.BOOK, key=INTENT))
    about = await cut_off.became(c, tenant_id, Left(PHONE, Operation.MOVE, appointment=world.booked))
    return told, world.booked.id if about.stands else None


@probe(waitlist.join)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await waitlist.join(c, tenant_id, NewPlace(world.call.id, INTENT, ANY_TIME, "Someone Else", PHONE))


@probe(waitlist.waiting_for)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await waitlist.waiting_for(c, tenant_id, world.booked.opening)


@probe(waitlist.match)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await waitlist.match(c, tenant_id, world.place, world.free) or None


@probe(waitlist.entries)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await waitlist.entries(c, tenant_id, now=LONG_AGO)


@probe(tenants.load_tenant)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    # The only thing it can be told is a tenant's id: whose document that brings is checked.
    return await tenants.load_tenant(c, tenant_id)


@probe(tenant_versions.versions_of)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return [(each, tenant_id) for each in await tenant_versions.versions_of(c, tenant_id)]


@probe(tenant_versions.load_version)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    found = await tenant_versions.load_version(c, tenant_id, 1)
    return found and (found, tenant_id)


@probe(messages.take)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    confirmed = replace(message_to(world.tenant.id), is_confirmed=True)
    return await messages.take(c, tenant_id, world.call.id, confirmed, key=INTENT, caller_number=PHONE)


@probe(messages.newest)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await messages.newest(c, tenant_id)


@probe(consents.agrees_to_texts)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await consents.agrees_to_texts(c, tenant_id, world.agreed) and world.tenant.id


@probe(consents.agree_to_texts)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await consents.agree_to_texts(c, tenant_id, world.call.id, NEW_PHONE, asked="offer_link", words="yes")


@probe(texts.send_agreed)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    text = Text(TextKind.CONFIRMATION, NEW_PHONE, "ask_text", "yes", world.booked)
    return await texts.send_agreed(c, replace(world.tenant, id=tenant_id), world.call.id, text)


@probe(texts.confirm_if_agreed)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    asker = replace(world.tenant, id=tenant_id)
    return await texts.confirm_if_agreed(c, asker, world.booked, world.agreed) and world.tenant.id


@probe(outbox.enqueue)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await outbox.enqueue(c, tenant_id, "sms_link", f"sms_link {uuid4()}", {"to": world.agreed})


@probe(outbox.mark_sent)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await outbox.mark_sent(c, replace(world.letter, tenant_id=tenant_id))


@probe(outbox.mark_failed)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await outbox.mark_failed(c, replace(world.letter, tenant_id=tenant_id), "no line", again_in_s=60)


#: The application has no right to these, not even for its own tenant.
KEEPERS_ONLY = frozenset({"outbox.mark_sent", "outbox.mark_failed"})
#: Public functions that serve no one tenant, and why none of them can mix two.
FLEET_WIDE: Mapping[str, str] = {
    "appointments.take_turns": "waits for a lock; the lock's name holds the tenant's id",
    "appointments.clear_in_turn": "waits for a lock; a member of staff belongs to one tenant",
    "appointments.expire_stale": "the keeper's broom: turns what has run out into what has run out, of every tenant",
    "call_state.open_call": "opens transactions of its own; tried in test_two_tenants",
    "call_state.active_calls": "the keeper's view of every tenant; tried under the application's role",
    "catalogue.describe_schema": "reads the catalogue, no rows",
    "catalogue.write_schema": "reads the catalogue, no rows",
    "cut_off.forget_expired": "the keeper's broom: what has expired, of every tenant",
    "migrate.migrate": "the schema's owner, before anything runs",
    "migrate.pending_migrations": "reads which files were applied",
    "outbox.claim_due": "the keeper's, who sends for every tenant; each letter names its own",
    "partitions.ensure_partitions": "makes empty tables",
    "tenant_versions.keep": "part of apply_tenant",
    "tenants.apply_tenant": "the keeper's; what belongs to another tenant is refused (test_tenants)",
    "tenants.tenant_by_number": "the one question before a tenant is known; tells an id and no more (test_isolation)",
    "tenants.tenant_by_slug": "the keeper's, by an operator's hand",
    "tenants.tenants_named": "the keeper's, by an operator's hand",
    "workers.fleet_seats": "seats belong to the fleet",
    "workers.forget_silent": "seats belong to the fleet",
    "workers.leave": "seats belong to the fleet",
    "workers.renew": "seats belong to the fleet",
}
