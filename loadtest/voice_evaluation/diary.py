"""The real diary: what a caller's plan needs is put into it before he calls, and taken out after he was judged.

Plain SQL over PostgreSQL, as the role that may write every tenant's rows; nothing of the fleet's code.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg

from loadtest.evaluation.business import Business
from loadtest.evaluation.plans import Booking, Plan

_DEADLINE_S = 10.0
_STRANGER = ("Somebody Else", "+15550000000")


class DiaryError(Exception):
    """The diary cannot hold what a plan needs, or cannot be reached."""


class Diary:
    """One tenant's.

    Attributes:
        zone: of its wall clock.
    """

    def __init__(self, database_url: str, business: Business) -> None:
        self._database_url = database_url
        self._business = business
        self._slug = str(business.document["slug"])
        self.zone = ZoneInfo(str(business.document["timezone"]))

    def now(self) -> datetime:
        """The tenant's wall clock, without a zone."""
        return datetime.now(self.zone).replace(tzinfo=None)

    async def taken(self) -> tuple[datetime, ...]:
        """Starts on the wall clock that are held or booked from now on. Raises DiaryError."""
        async with self._connected() as connection:
            rows = await connection.fetch(
                """
                SELECT start_at FROM appointments JOIN tenants t ON t.id = tenant_id
                WHERE t.slug = $1 AND status IN ('held', 'confirmed') AND start_at > $2
                """,
                self._slug,
                datetime.now(UTC),
            )
        return tuple(self.wall_clock(row["start_at"]) for row in rows)

    def wall_clock(self, at: datetime) -> datetime:
        """An instant as the tenant's clock shows it, without a zone."""
        return at.astimezone(self.zone).replace(tzinfo=None)

    async def put(self, plan: Plan) -> dict[UUID, bool]:
        """Book the plan's own appointments and the strangers'.

        Returns: the rows made, and whether each is the caller's own.
        Raises: DiaryError: one of them does not fit; none stands then.
        """
        rows: dict[UUID, bool] = {}
        others = [Booking(service_id, start, *_STRANGER) for service_id, start in plan.others]
        async with self._connected() as connection, connection.transaction():
            for booking in (*plan.booked, *others):
                rows[await self._book(connection, booking)] = booking in plan.booked
        return rows

    async def _book(self, connection: asyncpg.Connection[asyncpg.Record], booking: Booking) -> UUID:
        for name in self._who_performs(booking.service_id):
            made = await connection.fetchval(
                """
                INSERT INTO appointments (id, tenant_id, staff_id, service_id, status, start_at, end_at, busy_from,
                                          busy_to, intent_key, name, phone)
                SELECT $1, s.tenant_id, s.id, $2, 'confirmed', $3, $4, $3, $5, $6, $7, $8
                FROM staff s JOIN tenants t ON t.id = s.tenant_id
                WHERE t.slug = $9 AND s.name = $10 AND s.active
                ON CONFLICT ON CONSTRAINT appointments_no_overlap DO NOTHING
                RETURNING id
                """,
                uuid4(),
                booking.service_id,
                *self._span(booking),
                f"evaluation/{uuid4()}",
                booking.name,
                booking.phone,
                self._slug,
                name,
            )
            if made is not None:
                return UUID(str(made))
        raise DiaryError(f"nobody has time for {booking.service_id} at {booking.start}")

    def _who_performs(self, service_id: str) -> list[str]:
        staff = self._business.document["staff"]
        return [str(person["name"]) for person in staff if service_id in person["services"]]

    def _span(self, booking: Booking) -> tuple[datetime, datetime, datetime]:
        """Start, end, and end of what is kept free after it."""
        service = next(each for each in self._business.document["services"] if each["id"] == booking.service_id)
        start = booking.start.replace(tzinfo=self.zone)
        end = start + timedelta(minutes=service["duration_min"])
        return start, end, end + timedelta(minutes=service.get("buffer_min", 0))

    async def rows(self, call_id: UUID | None, put: dict[UUID, bool]) -> list[dict[str, Any]]:
        """What stands of the rows put in and of those the call made, as `loadtest.evaluation.judge` reads it."""
        async with self._connected() as connection:
            found = await connection.fetch(
                """
                SELECT id, service_id, start_at, name, phone, status FROM appointments
                WHERE call_id = $1 OR id = ANY($2::uuid[]) ORDER BY created_at, id
                """,
                call_id,
                list(put),
            )
        return [
            {
                "service_id": row["service_id"],
                "start": self.wall_clock(row["start_at"]).isoformat(),
                "name": row["name"] if put.get(row["id"], True) else None,
                "phone": row["phone"] if put.get(row["id"], True) else None,
                "status": row["status"],
                "is_new": row["id"] not in put,
            }
            for row in found
        ]

    async def clear(self, sip_call_id: str | None, put: dict[UUID, bool]) -> None:
        """Free what the call and its plan took, so that the next caller finds the diary as it was. Raises DiaryError.

        Args:
            sip_call_id: None: nobody dialled.
        """
        async with self._connected() as connection, connection.transaction():
            found = await connection.fetch("SELECT id FROM calls WHERE sip_call_id = $1", sip_call_id)
            calls = [row["id"] for row in found]
            await connection.execute("DELETE FROM waitlist WHERE call_id = ANY($1::uuid[])", calls)
            await connection.execute(
                """
                UPDATE appointments SET status = 'cancelled', hold_expires_at = NULL, updated_at = now()
                WHERE call_id = ANY($1::uuid[]) AND status IN ('held', 'confirmed')
                """,
                calls,
            )
            await connection.execute("DELETE FROM appointments WHERE id = ANY($1::uuid[])", list(put))

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
        try:
            async with asyncio.timeout(_DEADLINE_S):
                connection = await asyncpg.connect(self._database_url)
                try:
                    # A login of the user's own sees no tenant's rows; this role, which the migrations make, sees all.
                    await connection.execute("SET ROLE voicefleet_keeper")
                    yield connection
                finally:
                    await connection.close()
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            raise DiaryError(f"the diary: {error!r}") from error
