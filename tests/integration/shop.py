"""A small business for the tests, stored as its document would be."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4

from agent.domain.openings import Opening
from agent.domain.tenant import LocalInterval, Recording, Service, Staff, Tenant, staff_id, tenant_id
from agent.storage.pool import Connection, Pool, fleet_tx
from agent.storage.tenants import apply_tenant

MONDAY = datetime(2027, 3, 1, tzinfo=UTC)


def shop(slug: str | None = None) -> Tenant:
    """A tenant open every day from 09:00 to 17:00 UTC, with one service and two staff."""
    slug = slug or f"shop-{uuid4().hex[:8]}"
    return Tenant(
        id=tenant_id(slug),
        slug=slug,
        name="The Shop",
        timezone="UTC",
        language="en",
        greeting="Hello.",
        ai_disclosure="",
        recording=Recording.OFF,
        recording_text="",
        services=(Service("cut", "Haircut", (), duration_min=30, buffer_min=15),),
        staff=tuple(Staff(staff_id(slug, name), name, name.title(), frozenset({"cut"})) for name in ("ana", "ben")),
        opening_rules={day: (LocalInterval(time(9), time(17)),) for day in range(7)},
        closures=(),
        numbers=(f"+1{uuid4().int % 9_000_000_000 + 1_000_000_000}",),
        area_code="555",
    )


async def stored_shop(keeper_pool: Pool) -> Tenant:
    """A shop with a slug of its own, applied to the database."""
    tenant = shop()
    async with fleet_tx(keeper_pool) as connection:
        await store(connection, tenant)
    return tenant


async def store(connection: Connection, tenant: Tenant) -> None:
    """Apply as much of a tenant as appointments and calls refer to; its document is only its name."""
    await apply_tenant(
        connection,
        tenant.id,
        slug=tenant.slug,
        config={"name": tenant.name},
        numbers=tenant.numbers,
        staff={person.id: person.name for person in tenant.staff},
    )


def opening(person: UUID, *, day: int = 0, hour: int = 10, minute: int = 0) -> Opening:
    """A haircut of `shop` that starts at this UTC time, `day` days after a Monday in the future."""
    start = MONDAY + timedelta(days=day, hours=hour, minutes=minute)
    return Opening(person, start, start + timedelta(minutes=30), start, start + timedelta(minutes=45))
