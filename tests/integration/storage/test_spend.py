"""What calls cost, kept while they go on and seen by other calls, on a real database."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from agent.bootstrap import spend_table
from agent.bootstrap.model import stored_spending
from agent.bootstrap.spend_table import rows_of
from agent.bootstrap.spending import CallSpending, open_spending
from agent.domain.budgets import Budget, Budgets, Elsewhere
from agent.domain.cost import Charge, Item
from agent.domain.errors import ConfigError
from agent.domain.providers import Kind, Unit, Unreported, Used, parse_provider
from agent.domain.tenant import Tenant
from agent.runtime.spending import SpendingSettings
from agent.storage import spend
from agent.storage.calls import CallKey
from agent.storage.pool import Pool, fleet_tx, tenant_tx
from tests.integration.shop import stored_shop

NOW = datetime.now(UTC)
TOKENS = Item("model", "openai/gpt-4.1", "tokens_in")
#: A thousand tokens in cost two tenths of a cent.
MODEL = parse_provider(Kind.MODEL, "openai/gpt-4.1")


def key_of(tenant: Tenant, at: datetime = NOW) -> CallKey:
    return CallKey(tenant.id, uuid4(), at)


async def keep(pool: Pool, key: CallKey, *charges: Charge, epoch: int = 1) -> None:
    async with tenant_tx(pool, key.tenant_id) as connection:
        await spend.record(connection, key, epoch, charges)


def account(pool: Pool, tenant: Tenant, key: CallKey, *, epoch: int = 1, fleet_cents: int = 0) -> CallSpending:
    settings = SpendingSettings(carrier="twilio", prices_file=None, budget_fleet_day_cents=fleet_cents)
    return open_spending(settings, tenant, ((), ()), pool, key, epoch, Unreported(), now=lambda: NOW)


def use(call: CallSpending, tokens: int) -> None:
    call.watch.used(Used(MODEL, Unit.TOKENS_IN, tokens))


async def test_a_tenants_tokens_of_today_are_those_of_its_calls_of_today(pool: Pool, keeper_pool: Pool) -> None:
    tenant, other = await stored_shop(keeper_pool), await stored_shop(keeper_pool)
    await keep(pool, key_of(tenant), Charge(TOKENS, 300_000, 1), Charge(replace(TOKENS, unit="tokens_out"), 25_000, 1))
    await keep(pool, key_of(tenant), Charge(Item("tts", "openai/tts-1", "characters"), 9_000_000, 1))
    await keep(pool, key_of(other), Charge(TOKENS, 7_000, 1))
    assert await stored_spending(pool, tenant, NOW)() == 325
    assert await stored_spending(pool, tenant, NOW + timedelta(days=1))() == 0


async def test_an_account_told_again_counts_once_and_never_shrinks(pool: Pool, keeper_pool: Pool) -> None:
    tenant = await stored_shop(keeper_pool)
    key = key_of(tenant)
    for amount in (1000, 5000, 5000, 3000):
        await keep(pool, key, Charge(TOKENS, amount, amount))
    await keep(pool, key, Charge(TOKENS, 700, 700), epoch=2)
    async with tenant_tx(pool, tenant.id) as connection:
        (row,) = await spend.by_day(connection, tenant.id, since=NOW - timedelta(days=2))
    assert (row.calls, row.amount, row.nano_usd) == (1, 5700, 5700)


async def test_what_was_spent_elsewhere_is_told_by_call_day_and_month(pool: Pool, keeper_pool: Pool) -> None:
    tenant, other = await stored_shop(keeper_pool), await stored_shop(keeper_pool)
    key, day_at, month_at = key_of(tenant), NOW - timedelta(hours=1), NOW - timedelta(hours=20)
    await keep(pool, key, Charge(TOKENS, 1, 1), epoch=1)
    await keep(pool, key, Charge(TOKENS, 1, 100_000), epoch=2)
    await keep(pool, key_of(tenant), Charge(TOKENS, 1, 10))
    await keep(pool, key_of(tenant, NOW - timedelta(hours=2)), Charge(TOKENS, 1, 100))
    await keep(pool, key_of(tenant, NOW - timedelta(hours=22)), Charge(TOKENS, 1, 1000))
    await keep(pool, key_of(other), Charge(TOKENS, 1, 10_000))
    async with tenant_tx(pool, tenant.id) as connection:
        found = await spend.spent_elsewhere(connection, key, 2, day_at=day_at, month_at=month_at)
    assert found == Elsewhere(call=1, day=11, month=111)


async def test_the_application_learns_the_fleets_sum_and_nothing_else_of_others(pool: Pool, keeper_pool: Pool) -> None:
    mine, theirs = await stored_shop(keeper_pool), await stored_shop(keeper_pool)
    async with fleet_tx(keeper_pool) as connection:
        before = await spend.fleet_spent(connection, NOW - timedelta(hours=1))
    await keep(pool, key_of(theirs), Charge(TOKENS, 1, 4321))
    async with tenant_tx(pool, mine.id) as connection:
        assert await spend.fleet_spent(connection, NOW - timedelta(hours=1)) == before + 4321
        assert await spend.by_day(connection, None, since=NOW - timedelta(days=2)) == ()


async def test_a_call_that_is_still_going_on_is_seen_by_the_next_ones_budget(pool: Pool, keeper_pool: Pool) -> None:
    tenant = replace(await stored_shop(keeper_pool), budgets=Budgets(day_cents=1))
    first, second = (account(pool, tenant, key_of(tenant)) for _ in range(2))
    use(first, 4_000)
    await first.ledger.step()
    use(second, 1_000)
    await second.ledger.step()
    assert second.watch.spent is Budget.DAY
    assert first.watch.spent is None, "asked before the other had spent anything"


async def test_an_agent_that_takes_a_call_over_takes_its_account_over(pool: Pool, keeper_pool: Pool) -> None:
    tenant = replace(await stored_shop(keeper_pool), budgets=Budgets(call_cents=1))
    key = key_of(tenant)
    first = account(pool, tenant, key)
    use(first, 4_900)
    await first.ledger.step()
    second = account(pool, tenant, key, epoch=2)
    await second.ledger.step()
    assert second.watch.spent is None
    use(second, 100)
    assert second.watch.spent is Budget.CALL


async def test_the_fleets_budget_counts_every_tenants_calls_and_its_own_once(pool: Pool, keeper_pool: Pool) -> None:
    mine, theirs = await stored_shop(keeper_pool), await stored_shop(keeper_pool)
    async with fleet_tx(keeper_pool) as connection:
        midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
        before_cents = await spend.fleet_spent(connection, midnight) // 10_000_000
    other, call = account(pool, theirs, key_of(theirs)), account(pool, mine, key_of(mine), fleet_cents=before_cents + 3)
    use(other, 5_000)
    await other.ledger.step()
    use(call, 4_000)
    await call.ledger.step()
    assert call.watch.spent is None, "a cent and eight tenths of three"
    use(call, 6_500)
    assert call.watch.spent is Budget.FLEET


async def test_what_is_kept_is_what_was_used_and_the_time_the_call_was_up(pool: Pool, keeper_pool: Pool) -> None:
    tenant = await stored_shop(keeper_pool)
    call = account(pool, tenant, key_of(tenant))
    use(call, 1_000)
    call.ledger.answered()
    await call.aclose()
    async with tenant_tx(pool, tenant.id) as connection:
        found = await spend.by_day(connection, tenant.id, since=NOW - timedelta(days=2))
    total, model, line = rows_of(found)
    assert (model.kind, model.provider, model.calls, model.cents) == ("model", "openai/gpt-4.1", 1, 0.2)
    assert (line.kind, line.provider, line.cents) == ("telephony", "twilio", 0.85), "a minute begun is a minute billed"
    assert (total.calls, total.cents) == (1, 1.05)
    assert call.watch.figures()["cost_cents"] == 1.05


async def test_a_database_that_is_away_ends_no_call_and_is_told_once(pool: Pool, keeper_pool: Pool) -> None:
    tenant = replace(await stored_shop(keeper_pool), budgets=Budgets(call_cents=1))
    nowhere = CallKey(tenant.id, uuid4(), datetime(2019, 1, 1, tzinfo=UTC))  # a month without a partition
    call = account(pool, tenant, nowhere)
    with capture_logs() as logs:
        for _ in range(3):
            use(call, 2_000)
            await call.ledger.step()
    assert [each["event"] for each in logs] == ["spend.not_written", "budget.spent"]
    assert call.watch.spent is Budget.CALL


@pytest.mark.parametrize("is_for_one", [True, False])
async def test_the_table_adds_up_a_day(is_for_one: bool, pool: Pool, keeper_pool: Pool) -> None:
    tenant = await stored_shop(keeper_pool)
    for _ in range(2):
        await keep(
            pool, key_of(tenant),
            Charge(Item("telephony", "twilio", "line_s"), 150_000, 25_500_000), Charge(TOKENS, 1, 20_000_000),
        )  # fmt: skip
    async with fleet_tx(keeper_pool) as connection:
        found = await spend.by_day(connection, tenant.id if is_for_one else None, since=NOW - timedelta(days=2))
    total = next(row for row in rows_of(found) if (row.tenant, row.kind) == (tenant.slug, "all"))
    assert (total.calls, total.cents, total.call_cents, total.five_minutes_cents) == (2, 9.1, 4.55, 9.1)


async def test_the_command_prints_a_business_in_columns_or_as_json_and_knows_who_is_none(
    pool: Pool, keeper_pool: Pool, database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    tenant = await stored_shop(keeper_pool)
    await keep(pool, key_of(tenant), Charge(Item("telephony", "twilio", "line_s"), 60_000, 8_500_000))
    assert await spend_table.show(tenant.slug, since=None, is_json=False) == 0
    head, total, line = capsys.readouterr().out.splitlines()
    assert head.split() == ["day", "tenant", "kind", "provider", "calls", "cents", "a", "call", "5", "minutes"]
    assert total.split()[1:] == [tenant.slug, "all", "all", "1", "0.85", "0.85", "4.25"]
    assert line.split()[2:4] == ["telephony", "twilio"]
    assert await spend_table.show(tenant.slug, since=None, is_json=True) == 0
    assert [json.loads(row)["cents"] for row in capsys.readouterr().out.splitlines()] == [0.85, 0.85]
    assert await spend_table.show(tenant.slug, since=(NOW + timedelta(days=2)).date(), is_json=False) == 0
    assert capsys.readouterr().out == "nothing was spent\n"
    with pytest.raises(ConfigError, match="no tenant of this slug"):
        await spend_table.show("nobody", since=None, is_json=False)
