"""A time has become free: whoever waits for it is marked, in the transaction that freed it."""

from __future__ import annotations

from datetime import datetime, timedelta

from agent.domain.openings import Opening
from agent.domain.tenant import Tenant
from agent.domain.waitlist import WaitEntry, fitting_opening
from agent.storage import appointments, waitlist
from agent.storage.pool import Connection

#: Busy times this far around a freed time decide what fits there: longer than any service with its buffers.
_AROUND = timedelta(days=1)


async def match_freed(connection: Connection, tenant: Tenant, freed: Opening) -> WaitEntry | None:
    """Mark the first who waits for something that now fits; None when nobody does.

    Nothing is held for them: they are told, and whoever books first has it.

    Args:
        connection: in the transaction that took the appointment away.
        freed: what it occupied.
    """
    candidates = await waitlist.waiting_for(connection, tenant.id, freed)
    if not candidates:
        return None
    now: datetime = await connection.fetchval("SELECT clock_timestamp()")
    busy = await appointments.busy(
        connection,
        tenant.id,
        [freed.staff_id],
        from_at=freed.busy_from - _AROUND,
        to_at=freed.busy_to + _AROUND,
    )
    for entry in candidates:
        opening = fitting_opening(entry.wish, freed, busy[freed.staff_id], now=now, tenant=tenant)
        if opening is not None and await waitlist.match(connection, tenant.id, entry.id, opening):
            return entry
    return None
