"""`python -m agent.keeper` beside real SIP and media servers: refusals, webhooks, succession."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import asyncpg
import pytest

from agent.storage.pool import Pool
from sip.rooms import Rooms
from tests.integration.keeper.conftest import worker_with
from tests.integration.keeper.process import KeeperProcess, keeper_process, until
from tests.integration.sip.plans import CARRIER_ADDRESS, OWNED, STRANGER_ADDRESS, UNKNOWN
from tests.integration.sip.sender import SipCall
from tests.integration.sip.stack import Stack


def _dial(stack: Stack, number: str, source: str = CARRIER_ADDRESS) -> SipCall:
    return SipCall(source, ("127.0.0.1", stack.sip_port), number)


async def test_a_known_carriers_call_to_a_number_nobody_owns_gets_486_each_time(
    stack: Stack, database: str, rooms: Rooms, fleet: Pool
) -> None:
    async with keeper_process(stack, database, 0) as keeper, worker_with(fleet, 2):
        for _ in range(40):
            async with _dial(stack, UNKNOWN) as call:
                assert (await call.wait_final(timeout_s=5)).status == 486
        await until(lambda: _counts(keeper, "unknown_number", 40))
        await until(lambda: _has_rooms(rooms, 0))


async def test_a_fleet_without_workers_refuses_and_one_with_a_seat_lets_it_ring(
    stack: Stack, database: str, rooms: Rooms, fleet: Pool
) -> None:
    async with keeper_process(stack, database, 0) as keeper:
        async with _dial(stack, OWNED) as call:
            assert (await call.wait_final(timeout_s=5)).status == 486
        await until(lambda: _counts(keeper, "no_workers", 1))
        async with worker_with(fleet, 1), _dial(stack, OWNED) as first:
            await first.wait_status(180, timeout_s=5)
            await until(lambda: _has_rooms(rooms, 1))
            async with _dial(stack, OWNED) as second:
                assert (await second.wait_final(timeout_s=5)).status == 486
            assert first.final is None
            assert (await keeper.get("/status"))[1] == {
                "calls": 1,
                "seats_total": 1,
                "seats_free": 0,
                "leader": True,
            }
        await until(lambda: _counts(keeper, "full", 1))


async def test_a_strangers_call_reaches_no_room_and_gets_no_final_answer(
    stack: Stack, database: str, rooms: Rooms, fleet: Pool
) -> None:
    async with keeper_process(stack, database, 0), worker_with(fleet, 2):
        async with _dial(stack, OWNED, STRANGER_ADDRESS) as stranger, _dial(stack, UNKNOWN) as known:
            assert (await known.wait_final(timeout_s=5)).status == 486
            await until(lambda: _has_rooms(rooms, 0))
            # livekit-sip rings every second for a call it serves; a second ring would be one.
            with pytest.raises(TimeoutError):
                await stranger.wait_final(timeout_s=2.5)
        assert [answer.status for answer in stranger.answers] in ([], [180])


async def test_a_forged_webhook_is_refused_and_counted(stack: Stack, database: str) -> None:
    async with keeper_process(stack, database, 0) as keeper:
        forged = {"data": b'{"event":"room_started"}', "headers": {"Authorization": "forged"}}
        async with keeper.http.post(f"{keeper.base}/livekit/webhook", **forged) as response:  # type: ignore[arg-type]
            assert response.status == 401
        assert await keeper.metric("keeper_webhooks_rejected_total") == 1
        assert (await keeper.get("/healthz"))[0] == 200


async def test_the_standby_acts_after_the_leader_is_killed(
    stack: Stack, database: str, rooms: Rooms, fleet: Pool
) -> None:
    async with keeper_process(stack, database, 0) as leader:
        assert await leader.leads()
        async with keeper_process(stack, database, 1) as standby:
            assert not await standby.leads()
            leader.kill()
            async with _dial(stack, UNKNOWN) as call:
                assert (await call.wait_final(timeout_s=5)).status == 486
            assert await standby.leads()


async def test_a_leader_whose_session_ends_stops_acting_and_only_one_leads_again(
    stack: Stack, database: str, rooms: Rooms
) -> None:
    async with keeper_process(stack, database, 0) as first, keeper_process(stack, database, 1) as second:
        connection = await asyncpg.connect(database, timeout=5)
        try:
            ended = await connection.fetchval(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            )
        finally:
            await connection.close()
        assert ended
        await until(second.leads)
        assert not await first.leads()
        assert await first.metric("keeper_leader") == 0
        assert await second.metric("keeper_leader") == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, "PostgreSQL at 127.0.0.1:1"),
        ({"LIVEKIT_API_KEY": None}, "LIVEKIT_API_KEY"),
        ({"VOICEFLEET_KEEPER_HTTP_PORT": "99999"}, "VOICEFLEET_KEEPER_HTTP_PORT"),
    ],
)
async def test_a_keeper_that_cannot_start_says_why_in_one_sentence(
    stack: Stack, database: str, changes: dict[str, str | None], sentence: str
) -> None:
    settings = {
        "DATABASE_URL": database,
        "LIVEKIT_URL": stack.address.url,
        "LIVEKIT_API_KEY": "key",
        "LIVEKIT_API_SECRET": "secret",
    } | changes
    result = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "agent.keeper"],
        env={name: value for name, value in settings.items() if value is not None},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert result.returncode == 1
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


async def _counts(keeper: KeeperProcess, reason: str, refused: int) -> bool:
    return await keeper.metric(f'keeper_rooms_refused_total{{reason="{reason}"}}') == refused


async def _has_rooms(rooms: Rooms, count: int) -> bool:
    return len(await rooms.list_rooms()) == count
