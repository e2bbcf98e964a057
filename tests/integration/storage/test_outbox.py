"""The outbox in PostgreSQL: written with what it follows from, sent, tried again, parked."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from agent.domain.appointments import Appointment
from agent.domain.errors import Blame, DependencyUnavailable, FleetError
from agent.domain.notes import Text, TextKind
from agent.domain.tenant import Tenant, TextRules
from agent.keeping.metrics import KeeperMetrics
from agent.keeping.outbox import RETRY_AFTER_S, FileSender, OutboxDrain
from agent.scheduling.desk import Desk
from agent.storage.outbox import Letter, claim_due, mark_sent
from agent.storage.pool import Pool, fleet_tx, tenant_tx
from tests.integration.shop import opening, stored_shop

CALLER = "+15550190001"
LINK = Text(TextKind.LINK, CALLER, "offer_link", "yes please")


@pytest.fixture
async def tenant(keeper_pool: Pool) -> Tenant:
    """A shop that sends texts, and an outbox with nothing of other tests in it."""
    async with fleet_tx(keeper_pool) as connection:
        await connection.execute("DELETE FROM outbox")
    shop = await stored_shop(keeper_pool)
    return replace(shop, texts=TextRules(is_enabled=True, booking_link="https://book.example/shop"))


class Sender:
    """Keeps what it is given; fails so many times first."""

    def __init__(self, *failures: FleetError) -> None:
        self.failures = list(failures)
        self.letters: list[Letter] = []

    async def send(self, letter: Letter) -> None:
        self.letters.append(letter)
        if self.failures:
            raise self.failures.pop(0)


async def book(desk: Desk, tenant: Tenant, hour: int) -> Appointment:
    hold = await desk.hold(tenant, uuid4(), opening(tenant.staff[0].id, hour=hour), "cut")
    assert hold is not None
    booked = await desk.confirm(tenant, hold, intent_key=f"intent {hour}", service_id="cut", name="Kim", phone=CALLER)
    assert booked is not None
    return booked


async def rows(pool: Pool) -> list[dict[str, object]]:
    async with fleet_tx(pool) as connection:
        found = await connection.fetch(
            "SELECT kind, attempts, sent_at, parked_at, error FROM outbox ORDER BY created_at"
        )
    return [dict(row) for row in found]


async def make_due(pool: Pool) -> None:
    async with fleet_tx(pool) as connection:
        await connection.execute("UPDATE outbox SET due_at = now() - interval '1 s', claimed_until = NULL")


async def test_a_booking_is_confirmed_by_text_only_after_consent_and_then_with_it(
    pool: Pool, keeper_pool: Pool, tenant: Tenant
) -> None:
    desk = Desk(pool)
    first = await book(desk, tenant, 10)
    assert not first.is_texted
    assert await rows(keeper_pool) == []
    text = Text(TextKind.CONFIRMATION, CALLER, "ask_text", "yes please", first)
    call_id = uuid4()
    assert await desk.send_text(tenant, call_id, text)
    assert not await desk.send_text(tenant, call_id, text)
    assert (await book(desk, tenant, 12)).is_texted
    assert not (await book(desk, replace(tenant, texts=TextRules()), 14)).is_texted
    assert [row["kind"] for row in await rows(keeper_pool)] == ["sms_confirmation"] * 2
    async with tenant_tx(pool, tenant.id) as connection:
        (consent,) = await connection.fetch("SELECT phone, asked, words, given_at FROM consents")
    assert (consent["phone"], consent["asked"], consent["words"]) == (CALLER, "ask_text", "yes please")


async def test_a_confirmation_is_not_there_when_its_booking_is_not(
    pool: Pool, keeper_pool: Pool, tenant: Tenant
) -> None:
    desk = Desk(pool)
    await desk.send_text(tenant, uuid4(), LINK)
    hold = await desk.hold(tenant, uuid4(), opening(tenant.staff[0].id, hour=9), "cut")
    assert hold is not None
    with pytest.raises(FleetError):
        await desk.confirm(tenant, hold, intent_key="x", service_id="cut", name=None, phone=CALLER)  # type: ignore[arg-type]
    assert [row["kind"] for row in await rows(keeper_pool)] == ["sms_link"]


async def test_a_letter_is_sent_once_and_written_as_a_line(
    pool: Pool, keeper_pool: Pool, tenant: Tenant, tmp_path: Path
) -> None:
    await Desk(pool).send_text(tenant, uuid4(), LINK)
    file = tmp_path / "outbox.jsonl"
    drain = OutboxDrain(keeper_pool, FileSender(file), KeeperMetrics())
    for _ in range(3):
        await drain.drain()
    (line,) = file.read_text(encoding="utf-8").splitlines()
    sent = json.loads(line)
    assert (sent["kind"], sent["tenant_id"]) == ("sms_link", str(tenant.id))
    assert sent["payload"] == {"to": CALLER, "business": "The Shop", "link": "https://book.example/shop"}
    assert file.stat().st_mode & 0o777 == 0o600
    (row,) = await rows(keeper_pool)
    assert row["sent_at"] is not None


async def test_a_letter_that_cannot_be_sent_is_tried_three_times_more_and_parked_with_its_error(
    pool: Pool, keeper_pool: Pool, tenant: Tenant
) -> None:
    await Desk(pool).send_text(tenant, uuid4(), LINK)
    sender = Sender(*[DependencyUnavailable("carrier away")] * 9)
    metrics = KeeperMetrics()
    drain = OutboxDrain(keeper_pool, sender, metrics)
    for _ in range(len(RETRY_AFTER_S) + 3):
        await drain.drain()
        await make_due(keeper_pool)
    assert [letter.attempts for letter in sender.letters] == [1, 2, 3, 4]
    assert len({letter.key for letter in sender.letters}) == 1
    (row,) = await rows(keeper_pool)
    assert (row["sent_at"], row["error"]) == (None, "carrier away")
    assert row["parked_at"] is not None
    assert metrics.registry.get_sample_value("keeper_letters_total", {"kind": "sms_link", "result": "parked"}) == 1


async def test_a_letter_that_was_refused_for_good_is_parked_at_once_and_keeps_no_other_waiting(
    pool: Pool, keeper_pool: Pool, tenant: Tenant
) -> None:
    for _ in range(2):
        await Desk(pool).send_text(tenant, uuid4(), LINK)
    drain = OutboxDrain(
        keeper_pool, Sender(FleetError("no such number", blame=Blame.CLIENT, retryable=False)), KeeperMetrics()
    )
    await drain.drain()
    assert sorted(row["error"] or "" for row in await rows(keeper_pool)) == ["", "no such number"]


async def test_a_failed_letter_goes_out_at_a_later_attempt(pool: Pool, keeper_pool: Pool, tenant: Tenant) -> None:
    await Desk(pool).send_text(tenant, uuid4(), LINK)
    sender = Sender(DependencyUnavailable("carrier away"))
    drain = OutboxDrain(keeper_pool, sender, KeeperMetrics())
    assert await drain.drain() == min(RETRY_AFTER_S)
    await make_due(keeper_pool)
    await drain.drain()
    (row,) = await rows(keeper_pool)
    assert (row["attempts"], row["error"], row["parked_at"]) == (2, None, None)
    assert row["sent_at"] is not None


class Slow:
    """Takes its time over every letter, cancelled or not; the first may fail as nothing should."""

    def __init__(self, *, fails: bool) -> None:
        self._fails = fails
        self._begun = 0
        self.three_begun = asyncio.Event()
        self.ended = 0

    async def send(self, letter: Letter) -> None:
        self._begun += 1
        rank = self._begun
        if rank == 3:
            self.three_begun.set()
        try:
            if self._fails and rank == 1:
                raise ValueError("a fault of ours")
            await _turns_of_the_loop(rank)
        finally:
            await _turns_of_the_loop(rank)
            self.ended += 1


async def _turns_of_the_loop(rank: int) -> None:
    for _ in range(20 * rank):
        await asyncio.sleep(0)


@pytest.mark.parametrize("is_cancelled", [True, False])
async def test_no_letter_outlives_its_drain_though_one_fails_or_the_leader_steps_down(
    pool: Pool, keeper_pool: Pool, tenant: Tenant, is_cancelled: bool
) -> None:
    for _ in range(3):
        await Desk(pool).send_text(tenant, uuid4(), LINK)
    sender = Slow(fails=not is_cancelled)
    draining = asyncio.create_task(OutboxDrain(keeper_pool, sender, KeeperMetrics()).drain(), name="test.drain")
    await sender.three_begun.wait()
    if is_cancelled:
        draining.cancel()
    with pytest.raises(asyncio.CancelledError if is_cancelled else ValueError):
        await draining
    assert sender.ended == 3
    sent = [row for row in await rows(keeper_pool) if row["sent_at"] is not None]
    assert len(sent) == (0 if is_cancelled else 2)


async def test_two_keepers_never_claim_the_same_letter_and_a_lost_claim_runs_out(
    pool: Pool, keeper_pool: Pool, tenant: Tenant
) -> None:
    for _ in range(6):
        await Desk(pool).send_text(tenant, uuid4(), LINK)
    async with fleet_tx(keeper_pool) as one, fleet_tx(keeper_pool) as other:
        mine, theirs = await claim_due(one, limit=3), await claim_due(other)
    assert (len(mine), len(theirs)) == (3, 3)
    assert not {letter.id for letter in mine} & {letter.id for letter in theirs}
    async with fleet_tx(keeper_pool) as connection:
        assert await claim_due(connection) == []
        await connection.execute("UPDATE outbox SET claimed_until = now() - interval '1 s'")
        await mark_sent(connection, mine[0])
        assert len(await claim_due(connection)) == 5
