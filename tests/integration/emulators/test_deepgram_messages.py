"""Deepgram's recognisers, as they are spoken to: every message by Deepgram's own types, every refusal in its words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import numpy as np
import pytest
from deepgram.listen.v1.types import (
    ListenV1ConfigureSuccess,
    ListenV1Error,
    ListenV1Metadata,
    ListenV1Results,
    ListenV1SpeechStarted,
    ListenV1UtteranceEnd,
)  # fmt: skip
from deepgram.listen.v2.types import (
    ListenV2ConfigureFailure,
    ListenV2ConfigureSuccess,
    ListenV2Connected,
    ListenV2FatalError,
    ListenV2TurnInfo,
)

from loadtest.caller.ulaw import encode
from loadtest.caller.voices import clips
from loadtest.emulators.deepgram_listen import DeepgramListenEmulator
from loadtest.emulators.gate import listening
from loadtest.emulators.ground_truth import GroundTruth
from tests.integration.emulators.vendors_types import unknown

KEY = "test-key"
BOOK = "Hi, I'd like to book a cleaning."
_LIMIT_S = 10.0
_NOVA = "/v1/listen?model=nova-3&encoding=mulaw&sample_rate=8000"
_FLUX = "/v2/listen?model=flux-general-en&encoding=mulaw&sample_rate=8000"
_SCHEMAS: dict[tuple[str, str], Any] = {
    ("/v1", "Results"): ListenV1Results, ("/v1", "Metadata"): ListenV1Metadata,
    ("/v1", "SpeechStarted"): ListenV1SpeechStarted, ("/v1", "UtteranceEnd"): ListenV1UtteranceEnd,
    ("/v1", "ConfigureSuccess"): ListenV1ConfigureSuccess, ("/v1", "Error"): ListenV1Error,
    ("/v2", "Connected"): ListenV2Connected, ("/v2", "TurnInfo"): ListenV2TurnInfo,
    ("/v2", "ConfigureSuccess"): ListenV2ConfigureSuccess, ("/v2", "ConfigureFailure"): ListenV2ConfigureFailure,
    ("/v2", "Error"): ListenV2FatalError,
}  # fmt: skip


@asynccontextmanager
async def socket_of(path: str, key: str = KEY) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A client of our own, on an emulator that knows one recording."""
    truth = GroundTruth()
    truth.register(BOOK, clips("hibari", [BOOK])[BOOK], 8000)
    emulator = DeepgramListenEmulator(truth=truth, key=KEY)
    async with listening(emulator) as url, aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Token {key}"}
        async with session.ws_connect(f"{url}{path}", headers=headers) as socket:
            yield socket


async def messages(socket: aiohttp.ClientWebSocketResponse) -> list[dict[str, Any]]:
    """Until the emulator closes."""
    async with asyncio.timeout(_LIMIT_S):
        return [json.loads(message.data) async for message in socket]


@pytest.mark.parametrize(
    ("path", "control", "kinds"),
    [
        (
            f"{_NOVA}&interim_results=true&vad_events=true&punctuate=true&endpointing=25&utterance_end_ms=1000",
            {"type": "Finalize"},
            {"SpeechStarted", "Results", "UtteranceEnd", "Metadata"},
        ),
        (
            f"{_FLUX}&eager_eot_threshold=0.4",
            {"type": "Configure", "keyterms": ["x"], "thresholds": {"eot_threshold": 0.8}},
            {"Connected", "TurnInfo", "ConfigureSuccess"},
        ),
    ],
)
async def test_every_message_has_the_form_that_deepgrams_own_client_expects(
    path: str, control: dict[str, Any], kinds: set[str]
) -> None:
    async with socket_of(path) as socket:
        await socket.send_bytes(encode(np.pad(clips("hibari", [BOOK])[BOOK], (4000, 16_000))))
        await socket.send_json(control)
        await socket.send_json({"type": "CloseStream"})
        came = await messages(socket)
    assert {message["type"] for message in came} == kinds
    check(path, came)
    assert socket.close_code == 1000


def check(path: str, came: list[dict[str, Any]]) -> None:
    for message in came:
        checked = _SCHEMAS[path[:3], message["type"]].model_validate(message, strict=True)
        assert [*unknown(checked)] == [], message["type"]


@pytest.mark.parametrize(
    ("path", "sent", "kinds"),
    [
        (_NOVA, '{"type": "Configure", "keyterms": ["x"]}', {"ConfigureSuccess", "Metadata"}),
        (_NOVA, '{"type": "Sing"}', {"Error", "Metadata"}),
        (_NOVA, "no JSON", {"Error", "Metadata"}),
        (
            _FLUX,
            '{"type": "Configure", "thresholds": {"eot_threshold": 7}}',
            {"Connected", "ConfigureFailure", "TurnInfo"},
        ),
        (_FLUX, '{"type": "Sing"}', {"Connected", "Error"}),
    ],
)  # fmt: skip
async def test_what_is_told_of_a_request_in_band_has_the_form_that_deepgrams_own_client_expects(
    path: str, sent: str, kinds: set[str]
) -> None:
    async with socket_of(path) as socket:
        await socket.send_str(sent)
        await socket.send_json({"type": "CloseStream"})
        came = await messages(socket)
    assert {message["type"] for message in came} == kinds
    check(path, came)


@pytest.mark.parametrize(
    ("path", "key", "status", "words"),
    [
        ("/v1/listen?model=nova-3&encoding=linear16&sample_rate=16000", "wrong", 401, "Invalid credentials."),
        ("/v1/listen?model=nova-3&encoding=linear16&sample_rate=16000&colour=blue", KEY, 400, "colour"),
        ("/v2/listen?model=flux-general-en&encoding=linear16&sample_rate=16000&punctuate=true", KEY, 400, "punctuate"),
    ],
)
async def test_a_handshake_is_refused_in_deepgrams_words(path: str, key: str, status: int, words: str) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        async with socket_of(path, key):
            pass
    assert caught.value.status == status
    headers = caught.value.headers
    assert headers is not None
    assert words in headers["dg-error"]
    assert headers["dg-request-id"]


async def test_audio_that_is_none_closes_the_stream() -> None:
    async with socket_of("/v1/listen?model=nova-3&encoding=linear16&sample_rate=16000") as socket:
        await socket.send_bytes(b"\x00\x01\x02")
        assert await messages(socket) == []
    assert socket.close_code == 1008
