"""Appointments of the shop to be changed, and what the book holds of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from agent.domain.appointments import Appointment, Hold
from agent.domain.openings import Opening
from agent.domain.tenant import Tenant
from agent.scheduling.desk import Desk
from agent.storage.pool import Pool, tenant_tx
from tests.integration.shop import MONDAY, opening

PHONE = "+12125550100"


async def held(desk: Desk, tenant: Tenant, wanted: Opening) -> Hold:
    hold = await desk.hold(tenant, uuid4(), wanted, "cut")
    assert hold is not None
    return hold


async def booked(
    desk: Desk, tenant: Tenant, *, day: int = 0, hour: int = 10, name: str = "Dana Smith", phone: str = PHONE
) -> Appointment:
    hold = await held(desk, tenant, opening(tenant.staff[0].id, day=day, hour=hour))
    appointment = await desk.confirm(
        tenant, hold, intent_key=f"{name} {day} {hour}", service_id="cut", name=name, phone=phone
    )
    assert appointment is not None
    return appointment


async def rows(pool: Pool, tenant: Tenant) -> list[tuple[str, datetime]]:
    async with tenant_tx(pool, tenant.id) as connection:
        found = await connection.fetch("SELECT status, start_at FROM appointments ORDER BY start_at, status")
    return [(row["status"], row["start_at"]) for row in found]


def at(day: int, hour: int = 10) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour)
