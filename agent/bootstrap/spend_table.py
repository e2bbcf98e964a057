"""`voicefleet spend`: what calls have cost, by day, tenant and provider."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from agent.domain.cost import NANO_PER_CENT, TELEPHONY
from agent.domain.errors import ConfigError
from agent.runtime.settings import DatabaseSettings, load
from agent.storage import spend, tenants
from agent.storage.pool import Role, fleet_tx, open_pool
from agent.storage.spend import DaySpend

_HEAD = ("day", "tenant", "kind", "provider", "calls", "cents", "a call", "5 minutes")
_FIVE_MINUTES_MS = 5 * 60 * 1000
_BUDGET_S = 30.0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; a day's sum has `all` for its provider.

    Attributes:
        five_minutes_cents: what five minutes of that day's calls cost; None when their time is not known.
    """

    day: date
    tenant: str
    kind: str
    provider: str
    calls: int
    cents: float
    call_cents: float
    five_minutes_cents: float | None

    def as_json(self) -> str:
        """One object."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps({**fields, "day": self.day.isoformat()})


async def show(slug: str | None, *, since: date | None, is_json: bool) -> int:
    """Print what calls have cost; of the last thirty days when nothing else is said.

    Raises: ConfigError: there is no such tenant.
    """
    url = load(DatabaseSettings).database_url.get_secret_value()
    first = since or (datetime.now(UTC) - timedelta(days=30)).date()
    pool = await open_pool(url, role=Role.KEEPER, name="voicefleet-spend", max_size=1)
    async with pool, fleet_tx(pool, budget_s=_BUDGET_S) as connection:
        stored = None if slug is None else await tenants.tenant_by_slug(connection, slug)
        if slug is not None and stored is None:
            raise ConfigError(f"{slug}: no tenant of this slug in the database")
        tenant_id = None if stored is None else stored.id
        found = await spend.by_day(connection, tenant_id, since=datetime.combine(first, time.min, UTC))
    rows = rows_of(found)
    print("\n".join(row.as_json() for row in rows) if is_json else table(rows))
    return 0


def rows_of(found: Iterable[DaySpend]) -> list[Row]:
    """A row a provider, and one for a tenant's whole day before them; `found` is in order of days and tenants."""
    rows: list[Row] = []
    for (day, slug), group in groupby(found, key=lambda each: (each.day, each.slug)):
        items = list(group)
        line = [each for each in items if each.kind == TELEPHONY]
        up_ms = sum(each.amount for each in line)
        # a call that used anything was up, so the carrier's calls are all of them
        calls = sum(each.calls for each in line) or max(each.calls for each in items)
        rows.append(_row(day, slug, ("all", "all"), calls, sum(each.nano_usd for each in items), up_ms))
        for key, same in groupby(items, key=lambda each: (each.kind, each.provider)):
            units = list(same)
            most = max(each.calls for each in units)
            rows.append(_row(day, slug, key, most, sum(each.nano_usd for each in units), up_ms))
    return rows


def _row(day: date, slug: str, who: tuple[str, str], calls: int, nano_usd: int, up_ms: int) -> Row:
    cents = nano_usd / NANO_PER_CENT
    five = round(cents * _FIVE_MINUTES_MS / up_ms, 3) if up_ms else None
    return Row(day, slug, *who, calls, round(cents, 3), round(cents / calls, 3), five)


def table(rows: Sequence[Row]) -> str:
    """The rows in columns; cents with two digits."""
    if not rows:
        return "nothing was spent"
    lines = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) if column < 4 else cell.rjust(width)
                  for column, (cell, width) in enumerate(zip(line, widths, strict=True))).rstrip()
        for line in lines
    )  # fmt: skip


def _cells(row: Row) -> tuple[str, ...]:
    five = "" if row.five_minutes_cents is None else f"{row.five_minutes_cents:.2f}"
    money = (f"{row.cents:.2f}", f"{row.call_cents:.2f}", five)
    return (row.day.isoformat(), row.tenant, row.kind, row.provider, str(row.calls), *money)
