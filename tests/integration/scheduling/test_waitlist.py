"""The waiting list in a real database: one place a wish, one match a freed time, whoever races; and its command."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, time, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from agent.bootstrap import waiting_list
from agent.bootstrap.tenant_document import document_json, load_document
from agent.domain.appointments import Appointment
from agent.domain.errors import ConfigError
from agent.domain.openings import Window
from agent.domain.staffing import StaffWish
from agent.domain.tenant import Tenant
from agent.domain.waitlist import WaitWish
from agent.scheduling.desk import Desk
from agent.storage.pool import Pool, fleet_tx
from agent.storage.tenants import apply_tenant
from agent.tenants.conversion import to_tenant
from tests.integration.shop import MONDAY, opening, stored_shop

NOW = MONDAY - timedelta(days=3)
PHONE = "+12125550100"
MONDAY_MORNING = WaitWish("cut", Window(MONDAY, MONDAY + timedelta(days=1), time(9), time(12)))


async def booked(desk: Desk, tenant: Tenant, hour: int, person: int = 0) -> Appointment:
    hold = await desk.hold(tenant, uuid4(), opening(tenant.staff[person].id, hour=hour), "cut")
    assert hold is not None
    made = await desk.confirm(tenant, hold, intent_key=uuid4().hex, service_id="cut", name="Other", phone=PHONE)
    assert made is not None
    return made


async def wait(desk: Desk, tenant: Tenant, key: str, wish: WaitWish = MONDAY_MORNING, name: str = "Kim") -> None:
    await desk.wait(tenant, uuid4(), wish, waiting_key=key, name=name, phone=PHONE)


async def test_the_same_wish_twenty_times_at_once_is_one_place(crowd: Desk, tenant: Tenant) -> None:
    places = await asyncio.gather(
        *(crowd.wait(tenant, uuid4(), MONDAY_MORNING, waiting_key="wish", name="Kim", phone=PHONE) for _ in range(20))
    )
    assert len(set(places)) == 1
    assert len(await crowd.waiting(tenant, now=NOW)) == 1


async def test_what_is_stored_is_what_was_wished(desk: Desk, tenant: Tenant) -> None:
    window = Window(MONDAY, MONDAY + timedelta(days=3), time(9), None, ((MONDAY + timedelta(days=1)).date(),))
    staff = StaffWish(only=(tenant.staff[0].id,), but=(tenant.staff[1].id,))
    await wait(desk, tenant, "all", WaitWish("cut", window, staff))
    await wait(desk, tenant, "anybody", WaitWish("cut", window, StaffWish()))
    one, other = await desk.waiting(tenant, now=NOW)
    assert one.wish == WaitWish("cut", window, staff)
    assert other.wish == WaitWish("cut", window, StaffWish())


async def test_cancellations_at_once_are_each_for_somebody_else(crowd: Desk, tenant: Tenant) -> None:
    made = [await booked(crowd, tenant, hour, person) for hour in (9, 10, 11) for person in (0, 1)]
    for n in range(8):
        await wait(crowd, tenant, f"wish {n}")
    await asyncio.gather(*(crowd.cancel(tenant, each, change_key=f"off {each.id}") for each in made))
    entries = await crowd.waiting(tenant, now=NOW)
    matched = [entry.matched.start_at for entry in entries if entry.matched is not None]
    assert sorted(matched) == sorted(each.opening.start_at for each in made)
    assert [entry.freed_at is not None for entry in entries] == [True] * 6 + [False] * 2, "not first come first"


async def test_the_same_cancellation_at_once_frees_one_time_only_and_the_business_is_told_once(
    crowd: Desk, keeper_pool: Pool, tenant: Tenant
) -> None:
    made = await booked(crowd, tenant, 9)
    for n in range(3):
        await wait(crowd, tenant, f"wish {n}")
    await asyncio.gather(*(crowd.cancel(tenant, made, change_key="off") for _ in range(20)))
    (matched,) = [entry for entry in await crowd.waiting(tenant, now=NOW) if entry.freed_at is not None]
    async with fleet_tx(keeper_pool) as connection:
        notices = await connection.fetch(
            "SELECT payload FROM outbox WHERE tenant_id = $1 AND kind = 'waitlist_notice'", tenant.id
        )
    assert [notice["payload"]["waitlist_id"] for notice in notices] == [str(matched.id)], "the business must be told"


async def test_a_cancellation_that_fails_marks_nobody(desk: Desk, tenant: Tenant) -> None:
    made = await booked(desk, tenant, 9)
    await desk.cancel(tenant, made, change_key="theirs")
    await wait(desk, tenant, "wish")
    assert await desk.cancel(tenant, made, change_key="ours") is None
    (entry,) = await desk.waiting(tenant, now=NOW)
    assert entry.freed_at is None


async def test_a_time_freed_at_one_business_is_nothing_to_another(
    desk: Desk, keeper_pool: Pool, tenant: Tenant
) -> None:
    other = await stored_shop(keeper_pool)
    await wait(desk, other, "wish")
    await desk.cancel(tenant, await booked(desk, tenant, 9), change_key="off")
    (entry,) = await desk.waiting(other, now=NOW)
    assert entry.freed_at is None
    assert list(await desk.waiting(tenant, now=NOW)) == []


async def test_a_window_that_is_past_is_not_listed(desk: Desk, tenant: Tenant) -> None:
    await wait(desk, tenant, "wish")
    assert list(await desk.waiting(tenant, now=MONDAY + timedelta(days=2))) == []


async def test_the_command_lists_who_waits_and_what_became_free(
    database: str, desk: Desk, keeper_pool: Pool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = load_document(Path("infra/local/tenants/riverside-dental.yaml"))
    dental = to_tenant(document)
    staff = {person.id: person.name for person in dental.staff}
    async with fleet_tx(keeper_pool) as connection:
        await apply_tenant(
            connection, dental.id, slug=dental.slug, config=document_json(document), numbers=dental.numbers, staff=staff
        )
    monkeypatch.setenv("DATABASE_URL", database)
    assert await waiting_list.show(dental.slug, is_json=False) == 0
    assert capsys.readouterr().out == "nobody is waiting\n"
    assert await waiting_list.show(dental.slug, is_json=True) == 0
    assert capsys.readouterr().out == "", "an object a line, and no line that is none"
    at = datetime(2027, 3, 4, 20, tzinfo=MONDAY.tzinfo)
    wish = WaitWish("cleaning", Window(at, at), StaffWish(only=(dental.staff[0].id,)))
    await wait(desk, dental, "wish", wish, name="Dana Smith")
    await waiting_list.show(dental.slug, is_json=False)
    row = capsys.readouterr().out
    for part in ("Dana Smith", PHONE, "cleaning", "Thu 2027-03-04 15:00", "with Dr. Lee", "waiting"):
        assert part in row
    await waiting_list.show(dental.slug, is_json=True)
    assert json.loads(capsys.readouterr().out)["name"] == "Dana Smith"
    with pytest.raises(ConfigError, match="no tenant of this slug"):
        await waiting_list.show("nobody", is_json=False)
