"""Keeps what a call costs in the database while it goes on, and asks what the others have spent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.costs.watch import BudgetWatch
from agent.domain.budgets import Elsewhere, day_began, month_began
from agent.domain.cost import Charge, Item
from agent.domain.errors import FleetError
from agent.runtime.logs import get_logger
from agent.runtime.tasks import TaskSet
from agent.storage import spend
from agent.storage.calls import CallKey
from agent.storage.pool import Connection, Pool, tenant_tx

_log = get_logger("agent.costs.ledger")
#: What a worker that is killed takes with it.
_WRITE_EVERY_S = 10.0
#: How late a call hears what the others have spent.
_ASK_EVERY_S = 30.0
_BUDGET_S = 1.0
_LAST_BUDGET_S = 2.0
_UTC = ZoneInfo("UTC")


class SpendLedger:
    """One agent's part of one call.

    Args:
        pool: with the application's role.
        epoch: of the agent, so that two that had the same call keep accounts of their own.
        zone: of the tenant, whose days and months count.
        now: aware.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        pool: Pool,
        key: CallKey,
        epoch: int,
        watch: BudgetWatch,
        *,
        carrier: str,
        zone: ZoneInfo,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool = pool
        self._key = key
        self._epoch = epoch
        self._watch = watch
        self._carrier = carrier
        self._zone = zone
        self._now = now
        self._clock = clock
        self._began: float | None = None
        self._asked: float | None = None
        self._written: dict[Item, Charge] = {}
        self._tasks = TaskSet("spend")
        self._is_failing = False

    def answered(self) -> None:
        """The call is up: from now on the carrier is paid."""
        self._began = self._clock()

    def start(self) -> None:
        """Write and ask from now on, at once for the first time."""
        self._tasks.start(self._run(), name="ledger")

    async def step(self, *, budget_s: float = _BUDGET_S) -> None:
        """Count the time, write what has changed and ask what is due. Never raises FleetError: money ends no call."""
        if self._began is not None:
            self._watch.line_held(self._carrier, self._clock() - self._began)
        self._watch.meter()
        charges = self._watch.cost.charges()
        news = tuple(each for each in charges if self._written.get(each.item) != each)
        asks = self._is_asking()
        if not news and not asks:
            return
        try:
            async with tenant_tx(self._pool, self._key.tenant_id, budget_s=budget_s) as connection:
                await spend.record(connection, self._key, self._epoch, news)
                own = sum(each.nano_usd for each in charges)
                elsewhere = await self._elsewhere(connection, own) if asks else None
        except FleetError as error:
            self._fail(error)
            return
        self._is_failing = False
        self._written.update({each.item: each for each in news})
        if elsewhere is not None:
            self._asked = self._clock()
            self._watch.spent_elsewhere(elsewhere)

    async def aclose(self) -> None:
        """Write the last of it. Never raises FleetError."""
        await self._tasks.aclose()
        await self.step(budget_s=_LAST_BUDGET_S)

    async def _run(self) -> None:
        while True:
            await self.step()
            await asyncio.sleep(_WRITE_EVERY_S)

    def _is_asking(self) -> bool:
        budgets = self._watch.budgets
        if self._watch.spent is not None:
            return False
        if self._asked is None:  # once at the beginning, for what an agent before this one spent
            return budgets.look_beyond_the_call or (bool(budgets.call_cents) and self._epoch > 1)
        return budgets.look_beyond_the_call and self._clock() - self._asked >= _ASK_EVERY_S

    async def _elsewhere(self, connection: Connection, own: int) -> Elsewhere:
        """Of this agent's part, `own` has just been written and is in the fleet's sum."""
        now, budgets = self._now(), self._watch.budgets
        day_at = day_began(now, self._zone)
        month_at = month_began(now, self._zone) if budgets.month_cents else day_at
        found = await spend.spent_elsewhere(connection, self._key, self._epoch, day_at=day_at, month_at=month_at)
        if not budgets.fleet_day_cents:
            return found
        everybody = await spend.fleet_spent(connection, day_began(now, _UTC))
        return Elsewhere(found.call, found.day, found.month, max(0, everybody - own))

    def _fail(self, error: FleetError) -> None:
        """Once for a row of failures; what could not be written is written with what comes."""
        if not self._is_failing:
            _log.warning("spend.not_written", error=str(error))
        self._is_failing = True
