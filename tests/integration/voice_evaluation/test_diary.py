"""A caller's plan in a real diary, the rows his call made, and nothing of either afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from loadtest.evaluation.business import load_business
from loadtest.evaluation.plans import Booking, Goal, Plan
from loadtest.voice_evaluation.diary import Diary, DiaryError
from loadtest.voice_evaluation.evidence import gather
from loadtest.voice_evaluation.run import Setting, VoiceEvaluation
from loadtest.voice_evaluation.telephone import SIP_CALL_ID, Job

BUSINESS = load_business(Path("infra/local/tenants/riverside-dental.yaml"))
AT = datetime(2126, 12, 10, 10, 30)
OWN = Booking("filling", AT, "David Lewis", "+15550123456")


def plan(*booked: Booking, others: tuple[tuple[str, datetime], ...] = ()) -> Plan:
    return Plan(
        1, datetime(2026, 11, 21, 9), OWN.name, OWN.phone, OWN.phone, (Goal("cancel", own=OWN),), booked, others
    )


@pytest.fixture(scope="module")
def tenant_id(database: str) -> UUID:
    """The demo tenant, as far as a diary needs it."""
    tenant = uuid4()
    asyncio.run(_store(database, tenant))
    return tenant


async def _store(database: str, tenant: UUID) -> None:
    connection = await asyncpg.connect(database)
    try:
        slug = BUSINESS.document["slug"]
        await connection.execute("INSERT INTO tenants (id, slug, config) VALUES ($1, $2, '{}')", tenant, slug)
        for person in BUSINESS.document["staff"]:
            await connection.execute(
                "INSERT INTO staff (id, tenant_id, name) VALUES ($1, $2, $3)", uuid4(), tenant, person["name"]
            )
        await connection.execute("SELECT ensure_month_partitions(now(), 0)")
    finally:
        await connection.close()


@pytest.fixture
async def connection(database: str, tenant_id: UUID) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    found = await asyncpg.connect(database)
    yield found
    await found.close()


@pytest.fixture
def diary(database: str, tenant_id: UUID) -> Diary:
    return Diary(database, BUSINESS)


async def test_a_plan_stands_while_its_caller_calls_and_is_gone_afterwards(diary: Diary) -> None:
    rows = await diary.put(plan(OWN, others=(("cleaning", AT),)))
    assert await diary.taken() == (AT, AT)
    found = await diary.rows(None, rows)
    assert {(row["start"], row["phone"], row["is_new"]) for row in found} == {
        (AT.isoformat(), OWN.phone, False),
        (AT.isoformat(), None, False),
    }
    await diary.clear(None, rows)
    assert await diary.taken() == ()


async def test_a_plan_that_does_not_fit_leaves_nothing_behind(diary: Diary) -> None:
    with pytest.raises(DiaryError, match="nobody has time for whitening"):
        await diary.put(plan(OWN, others=(("whitening", AT), ("whitening", AT))))
    assert await diary.taken() == ()


async def test_what_a_call_booked_is_read_with_its_record_and_given_back(
    database: str, diary: Diary, tenant_id: UUID, connection: asyncpg.Connection[asyncpg.Record]
) -> None:
    call_id = uuid4()
    await connection.execute(
        """
        INSERT INTO calls (id, tenant_id, started_at, room, sip_call_id, called_e164, status, ended_at, outcome)
        VALUES ($1, $2, now(), 'room', 'sip-1', '+15550100100', 'ended', now(), 'success')
        """,
        call_id,
        tenant_id,
    )
    rows = await diary.put(plan())
    booked = await diary.put(plan(OWN))
    await connection.execute("UPDATE appointments SET call_id = $1 WHERE id = ANY($2)", call_id, list(booked))
    evidence = await gather(database, "sip-1")
    assert evidence.call_id == call_id
    assert evidence.row["outcome"] == "success"
    (row,) = await diary.rows(evidence.call_id, rows)
    assert (row["service_id"], row["start"], row["name"], row["is_new"]) == ("filling", AT.isoformat(), OWN.name, True)
    await diary.clear("sip-1", rows)
    assert await diary.taken() == ()
    assert [row["status"] for row in await diary.rows(call_id, {})] == ["cancelled"]


async def test_what_a_caller_booked_whose_process_died_is_given_back(
    database: str, diary: Diary, tenant_id: UUID, connection: asyncpg.Connection[asyncpg.Record],
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    async def dies(job: Job, folder: Path) -> None:
        call_id = uuid4()
        (folder / SIP_CALL_ID).write_text("sip-2")
        await connection.execute(
            """
            INSERT INTO calls (id, tenant_id, started_at, room, sip_call_id, called_e164, status, ended_at, outcome)
            VALUES ($1, $2, now(), 'room', 'sip-2', '+15550100100', 'ended', now(), 'client')
            """,
            call_id,
            tenant_id,
        )
        booked = await diary.put(plan(OWN))
        await connection.execute("UPDATE appointments SET call_id = $1 WHERE id = ANY($2)", call_id, list(booked))

    monkeypatch.setattr("loadtest.voice_evaluation.run._held", dies)
    setting = Setting(
        to="sip:a@127.0.0.1", database_url=database, tenant=Path(), voices=("joe",), people=("David Lewis",), seed=1,
        part="development", kinds=(), out=tmp_path, latest=float("inf"),
    )  # fmt: skip
    outcome = await VoiceEvaluation(setting, BUSINESS, lambda outcome: None).dial(0)
    assert outcome.is_void
    assert outcome.evidence.row["outcome"] == "client"
    assert await diary.taken() == ()
