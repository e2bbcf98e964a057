"""Holds and bookings of the shop, made and looked at."""

from __future__ import annotations

from uuid import uuid4

from agent.domain.appointments import Appointment, Hold
from agent.domain.openings import Opening
from agent.domain.tenant import Tenant
from agent.scheduling.desk import Desk
from agent.storage.pool import Pool, fleet_tx, tenant_tx


async def hold_of(desk: Desk, tenant: Tenant, wanted: Opening) -> Hold:
    got = await desk.hold(tenant, uuid4(), wanted, "cut")
    assert got is not None
    return got


async def book(desk: Desk, tenant: Tenant, held: Hold, intent: str, name: str = "Kim") -> Appointment | None:
    return await desk.confirm(tenant, held, intent_key=intent, service_id="cut", name=name, phone="+12125550100")


async def run_out(keeper_pool: Pool, held: Hold) -> None:
    async with fleet_tx(keeper_pool) as connection:
        await connection.execute(
            "UPDATE appointments SET hold_expires_at = now() - interval '1 s' WHERE id = $1", held.id
        )


async def statuses(pool: Pool, tenant: Tenant) -> list[str]:
    async with tenant_tx(pool, tenant.id) as connection:
        rows = await connection.fetch("SELECT status FROM appointments ORDER BY created_at, id")
    return [row["status"] for row in rows]
