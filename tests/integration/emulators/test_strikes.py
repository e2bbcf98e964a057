"""Recognisers that fail in the middle of a stream, on command."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import numpy as np
import pytest

from loadtest.caller.voices import clips
from tests.integration.emulators.served import KEY, Served, served

FIRST, SECOND = "Hi, I'd like to book a cleaning.", "Yes, please."
PATHS = {
    "listen": "/deepgram/v1/listen?model=nova-3&encoding=linear16&sample_rate=8000&interim_results=true&punctuate=true",
    "flux": "/deepgram/v2/listen?model=flux-general-en&encoding=linear16&sample_rate=8000",
}
_LIMIT_S = 10.0
#: Nothing more came: what is sent comes at once on this profile.
_QUIET_S = 0.3


@asynccontextmanager
async def heard_once(kind: str) -> AsyncIterator[tuple[Served, aiohttp.ClientWebSocketResponse]]:
    """A stream that has understood one utterance."""
    async with served() as on:
        for text in (FIRST, SECOND):
            pcm = base64.b64encode(clips("hibari", [text])[text].tobytes()).decode()
            await on.order("utterances", text=text, rate_hz=8000, pcm=pcm)
        headers = {"Authorization": f"Token {KEY}"}
        async with on.session.ws_connect(on.url + PATHS[kind], headers=headers) as socket:
            await say(socket, FIRST)
            assert is_like(await until_quiet(socket), FIRST)
            yield on, socket


async def say(socket: aiohttp.ClientWebSocketResponse, text: str) -> None:
    await socket.send_bytes(np.pad(clips("hibari", [text])[text], (4000, 12_000)).tobytes())


async def until_quiet(socket: aiohttp.ClientWebSocketResponse) -> list[str]:
    """Messages until none comes for a while, or the socket is closed."""
    came: list[str] = []
    async with asyncio.timeout(_LIMIT_S):
        while not socket.closed:
            try:
                message = await socket.receive(timeout=_QUIET_S if came else 2 * _QUIET_S)
            except TimeoutError:
                break
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            came.append(message.data)
    return came


def is_like(messages: list[str], text: str) -> bool:
    """Whether the last words of a text were told."""
    return any(text.split()[-1] in message for message in messages)


@pytest.mark.parametrize("kind", PATHS)
@pytest.mark.parametrize(("fault", "code"), [("limited", 1008), ("failing", 1011)])
async def test_a_running_stream_is_refused_and_closed_at_once(kind: str, fault: str, code: int) -> None:
    async with heard_once(kind) as (on, socket):
        assert await on.order("faults", kind=kind, fault=fault, now=True) == {"struck": 1}
        assert await until_quiet(socket) == []
        assert socket.close_code == code


@pytest.mark.parametrize("kind", PATHS)
@pytest.mark.parametrize("fault", ["hanging", "mute", "wrong-rate"])
async def test_a_running_stream_tells_no_more_words_and_stays_open(kind: str, fault: str) -> None:
    async with heard_once(kind) as (on, socket):
        await on.order("faults", kind=kind, fault=fault, now=True)
        await say(socket, SECOND)
        assert not is_like(await until_quiet(socket), SECOND)
        assert not socket.closed


@pytest.mark.parametrize("kind", PATHS)
@pytest.mark.parametrize("fault", ["stalling", "dropping"])
async def test_a_running_stream_breaks_off_after_its_next_words(kind: str, fault: str) -> None:
    async with heard_once(kind) as (on, socket):
        await on.order("faults", kind=kind, fault=fault, now=True)
        await say(socket, SECOND)
        came = await until_quiet(socket)
        assert any("Yes" in message or "yes" in message for message in came)
        assert not is_like(came, SECOND)
        assert socket.closed is (fault == "dropping")


@pytest.mark.parametrize("kind", PATHS)
async def test_a_running_stream_becomes_unreadable(kind: str) -> None:
    async with heard_once(kind) as (on, socket):
        await on.order("faults", kind=kind, fault="malformed", now=True)
        await say(socket, SECOND)
        came = await until_quiet(socket)
        assert came
        for message in came:
            with pytest.raises(json.JSONDecodeError):
                json.loads(message)


async def test_the_next_stream_is_a_good_one_and_the_fault_is_counted() -> None:
    async with heard_once("listen") as (on, socket):
        await on.order("faults", kind="listen", fault="limited", now=True)
        await until_quiet(socket)
        assert (await on.counts("listen"))["faults"] == {"limited": 1}
        assert await on.order("faults", kind="listen", fault="limited", now=True) == {"struck": 0}
        headers = {"Authorization": f"Token {KEY}"}
        async with on.session.ws_connect(on.url + PATHS["listen"], headers=headers) as again:
            await say(again, SECOND)
            assert is_like(await until_quiet(again), SECOND)


async def test_what_runs_for_no_longer_than_an_answer_cannot_be_struck() -> None:
    async with (
        served() as on,
        on.session.post(f"{on.url}/control/faults", json={"kind": "chat", "fault": "mute", "now": True}) as response,
    ):
        assert response.status == 400
