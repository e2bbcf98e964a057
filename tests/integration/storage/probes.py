"""Every request storage answers for one tenant, asked in the name of another.

A probe does what its function does for the tenant it is given, with everything that identifies the row taken from a
world that may be somebody else's. Asked by the world's owner it must find or change something, or the probe could
not fail; asked by another tenant it must do neither.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from agent.domain.appointments import Hold
from agent.domain.cost import Charge, Item
from agent.domain.errors import Blame
from agent.domain.intent import Operation
from agent.domain.left import Left
from agent.domain.notes import Text, TextKind
from agent.storage import (
    appointments,
    call_state,
    calls,
    changes,
    consents,
    cut_off,
    holds,
    messages,
    outbox,
    spend,
    tenant_versions,
    tenants,
    texts,
    waitlist,
)
from agent.storage.appointments import Customer
from agent.storage.calls import CallKey, ClosedCall, Turn
from agent.storage.pool import Connection
from agent.storage.taking import Wish
from agent.storage.waitlist import NewPlace
from tests.integration.storage.world import ANY_TIME, FAR_AHEAD, INTENT, LONG_AGO, NEW_PHONE, PHONE, World, message_to

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


@probe(holds.hold)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    held = await holds.hold(c, Wish(tenant_id, world.call.id, "cut", world.held.opening), ttl_s=900)
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


@probe(holds.release)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await holds.release(c, tenant_id, world.held.id) or None


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


@probe(spend.model_tokens)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await spend.model_tokens(c, tenant_id, since=LONG_AGO)


@probe(spend.record)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    more = Charge(Item("model", "openai/gpt-4.1", "tokens_in"), world.tokens * 2000, world.tokens * 2)
    return await spend.record(c, key_of(tenant_id, world), 1, (more,))


@probe(spend.spent_elsewhere)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await spend.spent_elsewhere(c, key_of(tenant_id, world), 2, day_at=LONG_AGO, month_at=LONG_AGO)


@probe(spend.by_day)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    return await spend.by_day(c, tenant_id, since=LONG_AGO)


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


@probe(calls.latest)
async def _(c: Connection, tenant_id: UUID, world: World) -> object:
    found = await calls.latest(c, tenant_id)
    return found and found.tenant_id
