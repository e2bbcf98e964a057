"""A booking whose confirmation was cut off, at any point, is there exactly once when asked for again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from agent.domain.appointments import Appointment, Hold
from agent.domain.errors import FleetError
from agent.domain.tenant import Tenant
from agent.scheduling.desk import Desk
from agent.storage.pool import Pool, open_pool, tenant_tx
from tests.integration.shop import opening

CHUNK_BYTES = 65536


class Line:
    """A TCP line to the database that can be told to swallow the reply to the next COMMIT and go dead."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        self._folder = query.get("host", [""])[0]
        self._host, self._port = parts.hostname or "localhost", parts.port or 5432
        self._login = f"{parts.username}:{parts.password or ''}@"
        self._path = parts.path
        self.is_armed = False
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[str]:
        """Yields the URL to use."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            yield f"postgresql://{self._login}127.0.0.1:{port}{self._path}"
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        if self._folder:
            far = await asyncio.open_unix_connection(f"{self._folder}/.s.PGSQL.{self._port}")
        else:
            far = await asyncio.open_connection(self._host, self._port)
        answering = asyncio.create_task(self._copy(far[0], writer), name="answering")
        try:
            while chunk := await reader.read(CHUNK_BYTES):
                is_last = self.is_armed and b"COMMIT" in chunk
                if is_last:
                    answering.cancel()
                far[1].write(chunk)
                if is_last:
                    # The server's own answer shows that it has committed; nobody else gets to see it.
                    await far[0].read(CHUNK_BYTES)
                    return
        finally:
            answering.cancel()
            far[1].close()
            writer.close()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
        writer.close()


async def confirm(desk: Desk, tenant: Tenant, held: Hold, intent: str) -> Appointment | None:
    return await desk.confirm(tenant, held, intent_key=intent, service_id="cut", name="Kim", phone="+12125550100")


async def test_a_booking_whose_reply_was_lost_is_met_again_not_made_again(
    database: str, pool: Pool, tenant: Tenant
) -> None:
    line = Line(database)
    async with line.opened() as url, await open_pool(url, max_size=1) as fragile:
        desk = Desk(fragile)
        held = await desk.hold(tenant, uuid4(), opening(tenant.staff[0].id), "cut")
        assert held
        line.is_armed = True
        with pytest.raises(FleetError) as lost:
            await confirm(desk, tenant, held, "intent")
        assert lost.value.retryable
        line.is_armed = False
        booked = await confirm(desk, tenant, held, "intent")
    assert booked == Appointment(held.id, "cut", held.opening, was_known=True)
    async with tenant_tx(pool, tenant.id) as connection:
        assert await connection.fetchval("SELECT count(*) FROM appointments") == 1


async def test_a_hold_whose_reply_was_lost_is_met_again_by_its_call(database: str, tenant: Tenant) -> None:
    line, call_id, wanted = Line(database), uuid4(), opening(tenant.staff[0].id)
    async with line.opened() as url, await open_pool(url, max_size=1) as fragile:
        desk = Desk(fragile)
        line.is_armed = True
        with pytest.raises(FleetError):
            await desk.hold(tenant, call_id, wanted, "cut")
        line.is_armed = False
        assert await desk.hold(tenant, call_id, wanted, "cut") is not None
        assert await desk.hold(tenant, uuid4(), wanted, "cut") is None


async def test_a_confirmation_cancelled_at_any_step_and_repeated_is_one_booking(pool: Pool, tenant: Tenant) -> None:
    desk = Desk(pool)
    made = 0
    is_late = False
    while not is_late:
        held = await desk.hold(tenant, uuid4(), opening(tenant.staff[0].id, day=made), "cut")
        assert held
        cut_off = asyncio.create_task(confirm(desk, tenant, held, f"intent {made}"), name="cut off")
        # Each round leaves it a few more steps, until the cut comes after the end.
        for _ in range(made):
            await asyncio.sleep(0)
        cut_off.cancel()
        with suppress(asyncio.CancelledError):
            await cut_off
        is_late = not cut_off.cancelled()
        booked = await confirm(desk, tenant, held, f"intent {made}")
        assert booked
        assert booked.id == held.id
        made += 1
    assert booked is not None
    assert booked.was_known
    async with tenant_tx(pool, tenant.id) as connection:
        assert await connection.fetchval("SELECT count(*) FROM appointments") == made
