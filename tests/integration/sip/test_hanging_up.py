"""Hanging up when the LiveKit server does not do it at once: HTTP to a server of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from livekit import api

from sip.hanging_up import hang_up
from sip.rooms import Rooms
from sip.server import ServerAddress, connected

_TWIRP = "/twirp/livekit.RoomService/DeleteRoom"


@asynccontextmanager
async def _answering(statuses: list[int]) -> AsyncIterator[Rooms]:
    """Rooms on a server that answers with these, one after another."""

    async def answer(request: web.Request) -> web.Response:
        assert api.DeleteRoomRequest.FromString(await request.read()).room == "call-1"
        if (status := statuses.pop(0)) == 200:
            return web.Response(body=b"", content_type="application/protobuf")
        code = "not_found" if status == 404 else "unavailable"
        return web.json_response({"code": code, "msg": "not now"}, status=status)

    app = web.Application()
    app.router.add_post(_TWIRP, answer)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with connected(ServerAddress(url, "key", "secret" * 8)) as server:
            yield Rooms(server)
    finally:
        await runner.cleanup()


async def test_it_is_asked_again_until_the_room_is_gone() -> None:
    statuses = [503, 503, 200, 500]
    async with _answering(statuses) as rooms:
        assert await hang_up(rooms, "call-1", (0, 0, 0, 0))
    assert statuses == [500]


async def test_a_room_that_is_gone_already_is_hung_up() -> None:
    async with _answering([404]) as rooms:
        assert await hang_up(rooms, "call-1", (0,))


async def test_it_gives_up_in_the_end_and_says_so() -> None:
    statuses = [503] * 3
    async with _answering(statuses) as rooms:
        assert not await hang_up(rooms, "call-1", (0, 0, 0))
    assert statuses == []
