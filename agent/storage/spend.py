"""What calls have cost, told item by item while they go on.

Amounts are in thousandths of their unit, money in nano-dollars (agent.domain.cost). A call belongs to the day on which
it began.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from agent.domain.budgets import Elsewhere
from agent.domain.cost import Charge
from agent.storage.calls import CallKey
from agent.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class DaySpend:
    """One provider's share of a tenant's calls that began on a day of the tenant's.

    Attributes:
        calls: that used it; `amount`: of its unit, in thousandths.
    """

    day: date
    slug: str
    kind: str
    provider: str
    unit: str
    calls: int
    amount: int
    nano_usd: int


async def record(connection: Connection, key: CallKey, epoch: int, charges: Sequence[Charge]) -> None:
    """Keep what this agent's part of a call has come to so far; told again, what is more stands."""
    await connection.executemany(
        """
        INSERT INTO spend (tenant_id, started_at, call_id, epoch, kind, provider, unit, amount, nano_usd)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (started_at, call_id, epoch, kind, provider, unit) DO UPDATE
            SET amount = greatest(spend.amount, excluded.amount),
                nano_usd = greatest(spend.nano_usd, excluded.nano_usd)
            WHERE spend.tenant_id = excluded.tenant_id
        """,
        [
            (
                key.tenant_id, key.started_at, key.id, epoch,
                each.item.kind, each.item.provider, each.item.unit, each.amount, each.nano_usd,
            )
            for each in charges
        ],
    )  # fmt: skip


async def spent_elsewhere(
    connection: Connection, key: CallKey, epoch: int, *, day_at: datetime, month_at: datetime
) -> Elsewhere:
    """What the tenant's calls have cost since its day and month began, this agent's part of this call left out.

    `fleet_day` stays 0.

    Args:
        day_at, month_at: aware, the month's not later than the day's.
    """
    row = await connection.fetchrow(
        """
        SELECT coalesce(sum(nano_usd) FILTER (WHERE call_id = $3), 0)::bigint AS call,
               coalesce(sum(nano_usd) FILTER (WHERE started_at >= $5), 0)::bigint AS day,
               coalesce(sum(nano_usd) FILTER (WHERE started_at >= $6), 0)::bigint AS month
        FROM spend
        WHERE tenant_id = $1 AND started_at >= least($2, $6) AND NOT (call_id = $3 AND epoch = $4)
        """,
        key.tenant_id,
        key.started_at,
        key.id,
        epoch,
        day_at,
        month_at,
    )
    assert row is not None
    return Elsewhere(call=row["call"], day=row["day"], month=row["month"])


async def fleet_spent(connection: Connection, since: datetime) -> int:
    """Nano-dollars of all tenants' calls that began then or later; no more is told across tenants."""
    return int(await connection.fetchval("SELECT fleet_spent_since($1)", since))


async def model_tokens(connection: Connection, tenant_id: UUID, *, since: datetime) -> int:
    """Tokens that models were used for in calls which began then or later, those that go on included.

    Args:
        since: aware.
    """
    spent = await connection.fetchval(
        """
        SELECT coalesce(sum(amount), 0)::bigint / 1000 FROM spend
        WHERE tenant_id = $1 AND started_at >= $2 AND kind = 'model'
        """,
        tenant_id,
        since,
    )
    return int(spent)


async def by_day(connection: Connection, tenant_id: UUID | None, *, since: datetime) -> tuple[DaySpend, ...]:
    """What calls that began then or later cost, by day, tenant and item; the newest day first.

    Args:
        tenant_id: whose; None is everybody's, for the keeper's role.
    """
    rows = await connection.fetch(
        """
        SELECT (s.started_at AT TIME ZONE coalesce(t.config ->> 'timezone', 'UTC'))::date AS day, t.slug,
               s.kind, s.provider, s.unit, count(DISTINCT s.call_id) AS calls,
               sum(s.amount)::bigint AS amount, sum(s.nano_usd)::bigint AS nano_usd
        FROM spend s JOIN tenants t ON t.id = s.tenant_id
        WHERE ($1::uuid IS NULL OR s.tenant_id = $1) AND s.started_at >= $2
        GROUP BY day, t.slug, s.kind, s.provider, s.unit
        ORDER BY day DESC, t.slug, s.kind, s.provider, s.unit
        """,
        tenant_id,
        since,
    )
    return tuple(DaySpend(**row) for row in rows)
