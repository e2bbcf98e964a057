"""The waiting list in the database: put on once, matched once when a time becomes free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from agent.domain.openings import Opening, Window
from agent.domain.staffing import StaffWish
from agent.domain.waitlist import WaitEntry, WaitWish
from agent.storage.outbox import enqueue
from agent.storage.pool import Connection

#: More than this are not looked at for one freed time, nor listed at once.
MOST_WAITING = 200

_COLUMNS = """
    id, created_at, service_id, earliest_at, latest_at, not_before, not_after, except_on, wants_staff, only_staff,
    but_staff, name, phone, freed_at, matched_staff_id, matched_start_at, matched_end_at, matched_busy_from,
    matched_busy_to
"""


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A place on the list as it is asked for.

    Attributes:
        call_id: the call in which it was.
        waiting_key: of the wish; while it waits, the same key is the same place.
        phone: E.164.
    """

    call_id: UUID | None
    waiting_key: str
    wish: WaitWish
    name: str
    phone: str


async def join(connection: Connection, tenant_id: UUID, place: NewPlace) -> UUID:
    """Put somebody on the list, once while they wait.

    Returns: the id of the place, be it one that an earlier request made.
    """
    window, staff = place.wish.window, place.wish.staff
    made: UUID | None = await connection.fetchval(
        """
        INSERT INTO waitlist (id, tenant_id, call_id, waiting_key, service_id, earliest_at, latest_at, not_before,
            not_after, except_on, wants_staff, only_staff, but_staff, name, phone)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        ON CONFLICT (tenant_id, waiting_key) WHERE freed_at IS NULL
        DO UPDATE SET name = excluded.name, phone = excluded.phone
        RETURNING id
        """,
        uuid4(),
        tenant_id,
        place.call_id,
        place.waiting_key,
        place.wish.service_id,
        window.earliest_at,
        window.latest_at,
        window.not_before,
        window.not_after,
        list(window.except_on),
        staff is not None,
        list(staff.only) if staff else [],
        list(staff.but) if staff else [],
        place.name,
        place.phone,
    )
    assert made is not None
    return made


async def waiting_for(connection: Connection, tenant_id: UUID, freed: Opening) -> list[WaitEntry]:
    """Those who wait for something that this time may be, first come first."""
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM waitlist
        WHERE tenant_id = $1 AND freed_at IS NULL AND earliest_at < $3 AND latest_at >= $2
          AND (only_staff = '{{}}' OR $4 = ANY(only_staff)) AND $4 <> ALL(but_staff)
        ORDER BY created_at, id LIMIT {MOST_WAITING}
        """,
        tenant_id,
        freed.busy_from,
        freed.busy_to,
        freed.staff_id,
    )
    return [_entry(row) for row in rows]


async def match(connection: Connection, tenant_id: UUID, entry_id: UUID, opening: Opening) -> bool:
    """Note that this time became free for somebody, with the notice of it; False when they were matched meanwhile."""
    status = await connection.execute(
        """
        UPDATE waitlist SET freed_at = clock_timestamp(), matched_staff_id = $3, matched_start_at = $4,
            matched_end_at = $5, matched_busy_from = $6, matched_busy_to = $7
        WHERE tenant_id = $1 AND id = $2 AND freed_at IS NULL
        """,
        tenant_id,
        entry_id,
        opening.staff_id,
        opening.start_at,
        opening.end_at,
        opening.busy_from,
        opening.busy_to,
    )
    if status != "UPDATE 1":
        return False
    payload = {"waitlist_id": str(entry_id), "start_at": opening.start_at.isoformat()}
    await enqueue(connection, tenant_id, "waitlist_notice", f"waitlist_notice {entry_id}", payload)
    return True


async def entries(connection: Connection, tenant_id: UUID, *, now: datetime) -> Sequence[WaitEntry]:
    """Everybody on a tenant's list whose window is not past, first come first."""
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM waitlist WHERE tenant_id = $1 AND latest_at >= $2
        ORDER BY created_at, id LIMIT {MOST_WAITING}
        """,
        tenant_id,
        now,
    )
    return [_entry(row) for row in rows]


def _entry(row: asyncpg.Record) -> WaitEntry:
    window = Window(row["earliest_at"], row["latest_at"], row["not_before"], row["not_after"], tuple(row["except_on"]))
    staff = StaffWish(tuple(row["only_staff"]), tuple(row["but_staff"])) if row["wants_staff"] else None
    matched = None
    if row["freed_at"] is not None:
        times = (row[f"matched_{name}"] for name in ("start_at", "end_at", "busy_from", "busy_to"))
        matched = Opening(row["matched_staff_id"], *times)
    wish = WaitWish(row["service_id"], window, staff)
    return WaitEntry(row["id"], wish, row["name"], row["phone"], row["created_at"], row["freed_at"], matched)
