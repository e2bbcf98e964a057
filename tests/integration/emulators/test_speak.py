"""Aura: Deepgram's plugin over both of its transports, and messages by the types of Deepgram's SDK."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from deepgram.speak.v1.types import SpeakV1Cleared, SpeakV1Flushed, SpeakV1Metadata, SpeakV1Warning
from livekit.agents import APIConnectOptions, APIError, APIStatusError, APITimeoutError
from livekit.agents.metrics import TTSMetrics
from livekit.plugins import deepgram

from tests.integration.emulators.served import (
    BRIEFLY,
    KEY,
    ONCE,
    S_A_CHARACTER,
    WORDS,
    Heard,
    Served,
    hear,
    served,
    speaking,
)
from tests.integration.emulators.vendors_types import unknown

_SCHEMAS: dict[str, Any] = {
    "Metadata": SpeakV1Metadata, "Flushed": SpeakV1Flushed, "Cleared": SpeakV1Cleared, "Warning": SpeakV1Warning,
}  # fmt: skip


@asynccontextmanager
async def aura(on: Served, *, key: str = KEY, rate_hz: int = 24_000) -> AsyncIterator[deepgram.TTS]:
    voice = deepgram.TTS(
        api_key=key, base_url=f"{on.url}/deepgram/v1/speak", sample_rate=rate_hz, http_session=on.session
    )
    try:
        yield voice
    finally:
        await voice.aclose()


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 24_000])
async def test_streamed_words_come_as_audio_of_the_rate_and_length_that_was_asked_for(rate_hz: int) -> None:
    async with served() as on, aura(on, rate_hz=rate_hz) as voice:
        heard = await hear(speaking(voice, "Good morning, ", "this is ", "Riverside Dental."))
        counts = await on.counts("speak")
    assert heard.rate_hz == rate_hz
    assert heard.seconds == pytest.approx(len(WORDS) * S_A_CHARACTER, abs=0.05)
    assert counts["audio_ms"] == pytest.approx(1000 * heard.seconds, abs=50)
    assert counts["characters"] == pytest.approx(len(WORDS), abs=1)


async def test_a_whole_text_is_spoken_over_http() -> None:
    async with served() as on, aura(on) as voice:
        heard = await hear(voice.synthesize(WORDS, conn_options=ONCE))
    assert (heard.rate_hz, heard.seconds) == (24_000, pytest.approx(len(WORDS) * S_A_CHARACTER, abs=0.05))


async def test_a_second_text_goes_over_the_same_socket() -> None:
    collected: list[TTSMetrics] = []
    async with served() as on, aura(on) as voice:
        voice.on("metrics_collected", collected.append)
        for _ in range(2):
            await hear(speaking(voice, WORDS))
    assert [each.connection_reused for each in collected] == [False, True]
    assert {each.characters_count for each in collected} == {len(WORDS)}


@pytest.mark.parametrize(
    ("fault", "options", "error", "status", "is_begun"),
    [
        ("limited", ONCE, APIStatusError, 429, False),
        ("failing", ONCE, APIStatusError, 500, False),
        ("hanging", BRIEFLY, APITimeoutError, None, False),
        ("mute", BRIEFLY, APITimeoutError, None, False),
        ("stalling", BRIEFLY, APITimeoutError, None, True),
        ("dripping", BRIEFLY, APITimeoutError, None, True),
        ("dropping", ONCE, APIStatusError, 1011, True),
    ],
)
async def test_a_fault_is_the_error_the_plugin_knows_and_the_next_text_is_spoken(
    fault: str, options: APIConnectOptions, error: type[APIError], status: int | None, is_begun: bool
) -> None:
    heard = Heard()
    async with served() as on, aura(on) as voice:
        await on.order("faults", kind="speak", fault=fault)
        with pytest.raises(error) as caught:
            await hear(speaking(voice, WORDS, options=options), heard)
        again = await hear(speaking(voice, WORDS))
        counts = await on.counts("speak")
    assert getattr(caught.value, "status_code", None) in (status, -1)
    assert (heard.seconds > 0) is is_begun
    assert again.seconds > 1
    assert counts["faults"] == {fault: 1}


@pytest.mark.parametrize(("fault", "code"), [("limited", 1008), ("failing", 1011)])
async def test_on_a_socket_that_is_open_a_refusal_closes_it(fault: str, code: int) -> None:
    async with served() as on, aura(on) as voice:
        await hear(speaking(voice, WORDS))
        await on.order("faults", kind="speak", fault=fault)
        with pytest.raises(APIStatusError) as caught:
            await hear(speaking(voice, WORDS))
        counts = await on.counts("speak")
    assert caught.value.status_code == code
    assert counts["refused"] == 1


@pytest.mark.parametrize(("fault", "share"), [("malformed", 0.05), ("wrong-rate", 0.34)])
async def test_what_the_plugin_cannot_notice_is_heard_as_less(fault: str, share: float) -> None:
    async with served() as on, aura(on) as voice:
        await on.order("faults", kind="speak", fault=fault)
        heard = await hear(speaking(voice, WORDS))
    assert 0 < heard.seconds <= len(WORDS) * S_A_CHARACTER * share


async def test_another_key_is_refused() -> None:
    async with served() as on, aura(on, key="another") as voice:
        with pytest.raises(APIStatusError) as caught:
            await hear(speaking(voice, WORDS))
        assert caught.value.status_code == 401
        with pytest.raises(APIStatusError) as caught:
            await hear(voice.synthesize(WORDS, conn_options=ONCE))
    assert caught.value.status_code == 401


@asynccontextmanager
async def socket_of(on: Served, query: str = "") -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    headers = {"Authorization": f"Token {KEY}"}
    async with on.session.ws_connect(f"{on.url}/deepgram/v1/speak?{query}", headers=headers) as socket:
        yield socket


async def told(socket: aiohttp.ClientWebSocketResponse) -> str:
    """The type of the next message that is not audio, which is of the vendor's schema."""
    while True:
        message = await socket.receive(timeout=10)
        if message.type is not aiohttp.WSMsgType.BINARY:
            break
    document = json.loads(message.data)
    checked = _SCHEMAS[document["type"]].model_validate(document)
    assert [*unknown(checked)] == [], "every field is of the schema"
    return str(document["type"])


async def test_messages_are_of_the_vendors_schema_and_clear_breaks_off() -> None:
    async with served(suite="nova-3+gpt-4.1+aura-2") as on, socket_of(on) as socket:
        assert await told(socket) == "Metadata"
        await socket.send_json({"type": "Speak", "text": WORDS * 20})
        await socket.send_json({"type": "Flush"})
        await socket.send_json({"type": "Clear"})
        assert await told(socket) == "Cleared", "it was not flushed before"
        await socket.send_json({"type": "Flush"})
        assert await told(socket) == "Flushed"
        await socket.send_json({"type": "Close"})
        closed = await socket.receive(timeout=10)
    assert (closed.type, closed.data) == (aiohttp.WSMsgType.CLOSE, 1000)


async def test_the_twenty_first_flush_of_a_minute_is_ignored_with_a_warning() -> None:
    async with served() as on, socket_of(on) as socket:
        for _ in range(21):
            await socket.send_json({"type": "Flush"})
        types = [await told(socket) for _ in range(22)]
    assert Counter(types) == {"Metadata": 1, "Flushed": 20, "Warning": 1}


@pytest.mark.parametrize("text", ["{", "[]", '{"type": "Shout"}', '{"type": "Speak"}'])
async def test_what_is_no_message_closes_the_socket(text: str) -> None:
    async with served() as on, socket_of(on) as socket:
        await socket.receive(timeout=10)
        await socket.send_str(text)
        assert (await socket.receive(timeout=10)).data == 1008


@pytest.mark.parametrize("query", ["voice=ash", "encoding=mp3", "sample_rate=44100", "speed=2", "model=nova-3"])
async def test_parameters_the_api_does_not_know_are_refused(query: str) -> None:
    async with served() as on:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            async with socket_of(on, query):
                pass
    assert caught.value.status == 400
