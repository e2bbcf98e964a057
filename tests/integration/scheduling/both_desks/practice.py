"""The dental practice, somebody on the telephone with it, and who occupies its staff."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from agent.bootstrap.tenant_document import load_tenant
from agent.dialogue.text_call import TextCall
from agent.domain.appointments import Appointment
from agent.domain.openings import opening_of, utc_or_none
from agent.domain.state import Stage
from agent.domain.tenant import Tenant, tenant_id
from agent.scheduling.desk import Desk as StoredDesk
from agent.scheduling.memory_desk import MemoryDesk
from agent.storage.pool import Pool, fleet_tx
from tests.integration.shop import MONDAY, store

#: Friday, 9 AM in New York; the shop's clock of the tests lies in the future of the database's.
NOW = MONDAY - timedelta(days=3) + timedelta(hours=14)
THURSDAY = date(2027, 3, 4)
CALLER = "+12125550100"
DENTAL = load_tenant(Path("infra/local/tenants/riverside-dental.yaml"))


async def as_stored(keeper_pool: Pool) -> Tenant:
    """The dental practice under a name of its own, so that no test meets another's bookings."""
    slug = f"dental-{uuid4().hex[:8]}"
    staff = tuple(replace(person, id=uuid4()) for person in DENTAL.staff)
    numbers = (f"+1{uuid4().int % 9_000_000_000 + 1_000_000_000}",)
    tenant = replace(DENTAL, id=tenant_id(slug), slug=slug, staff=staff, numbers=numbers)
    async with fleet_tx(keeper_pool) as connection:
        await store(connection, tenant)
    return tenant


class Caller:
    """Somebody on the telephone with the practice."""

    def __init__(self, tenant: Tenant, desk: StoredDesk | MemoryDesk, number: str = CALLER) -> None:
        self.call = TextCall(tenant, desk, lambda: NOW, caller_number=number)

    async def says(self, *turns: str) -> str:
        """The reply to the last of these turns."""
        if self.call.state.stage is Stage.RINGING:
            await self.call.answer()
        spoken = ""
        for words in turns:
            spoken = (await self.call.say(words)).spoken
        return spoken


async def occupy(
    desk: StoredDesk | MemoryDesk, tenant: Tenant, person: int, day: date, *hours: float, service: str = "filling"
) -> list[Appointment]:
    """Somebody else's appointments with one of the staff, from these local hours on."""
    made = []
    for hour in hours:
        at = datetime.min + timedelta(hours=hour)
        start = utc_or_none(day, at.time(), tenant)
        assert start is not None
        opening = opening_of(tenant.service(service), tenant.staff[person].id, start)
        hold = await desk.hold(tenant, uuid4(), opening, service)
        assert hold is not None
        booked = await desk.confirm(
            tenant, hold, intent_key=uuid4().hex, service_id=service, name="Other", phone="+12125550199"
        )
        assert booked is not None
        made.append(booked)
    return made
