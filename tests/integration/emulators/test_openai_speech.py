"""OpenAI's speech: its plugin with events and with bare audio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from livekit.agents import APIError, APIStatusError
from livekit.agents.metrics import TTSMetrics
from livekit.plugins import openai

from tests.integration.emulators.served import BRIEFLY, KEY, ONCE, S_A_CHARACTER, WORDS, Heard, Served, hear, served

_EVENTS, _BARE = "gpt-4o-mini-tts", "tts-1"


@asynccontextmanager
async def voice_of(on: Served, model: str = _EVENTS, *, key: str = KEY, **options: Any) -> AsyncIterator[openai.TTS]:
    options = {"response_format": "pcm"} | options
    voice = openai.TTS(model=model, api_key=key, base_url=f"{on.url}/openai/v1", **options)
    try:
        yield voice
    finally:
        await voice.aclose()


@pytest.mark.parametrize("model", [_EVENTS, _BARE])
async def test_a_text_comes_as_audio_of_its_length(model: str) -> None:
    collected: list[TTSMetrics] = []
    async with served() as on, voice_of(on, model) as voice:
        voice.on("metrics_collected", collected.append)
        heard = await hear(voice.synthesize(WORDS, conn_options=ONCE))
        counts = await on.counts("openai-speech")
    assert (heard.rate_hz, heard.seconds) == (24_000, pytest.approx(len(WORDS) * S_A_CHARACTER, abs=0.05))
    (metrics,) = collected
    if model == _EVENTS:
        assert (metrics.input_tokens, metrics.output_tokens) == (counts["input_tokens"], counts["output_tokens"])
    assert counts["output_tokens"] > counts["input_tokens"] > 0


@pytest.mark.parametrize("model", [_EVENTS, _BARE])
async def test_a_speed_changes_the_length(model: str) -> None:
    async with served() as on, voice_of(on, model, speed=2.0) as voice:
        heard = await hear(voice.synthesize(WORDS, conn_options=ONCE))
    assert heard.seconds == pytest.approx(len(WORDS) * S_A_CHARACTER / 2, abs=0.05)


@pytest.mark.parametrize("model", [_EVENTS, _BARE])
@pytest.mark.parametrize(
    ("fault", "status", "is_begun"),
    [
        ("limited", 429, False),
        ("failing", 500, False),
        ("dropping", None, True),
    ],
)
async def test_a_fault_is_the_error_the_plugin_knows_and_the_next_text_is_spoken(
    model: str, fault: str, status: int | None, is_begun: bool
) -> None:
    heard = Heard()
    async with served() as on, voice_of(on, model) as voice:
        await on.order("faults", kind="openai-speech", fault=fault)
        with pytest.raises(APIError) as caught:
            await hear(voice.synthesize(WORDS, conn_options=ONCE), heard)
        again = await hear(voice.synthesize(WORDS, conn_options=ONCE))
    assert getattr(caught.value, "status_code", None) == status
    assert (heard.seconds > 0) is is_begun
    assert again.seconds > 1


@pytest.mark.parametrize("model", [_EVENTS, _BARE])
async def test_audio_of_a_wrong_rate_is_heard_as_less(model: str) -> None:
    async with served() as on, voice_of(on, model) as voice:
        await on.order("faults", kind="openai-speech", fault="wrong-rate")
        heard = await hear(voice.synthesize(WORDS, conn_options=ONCE))
    assert 0 < heard.seconds < len(WORDS) * S_A_CHARACTER / 2


async def test_another_key_is_refused() -> None:
    async with served() as on, voice_of(on, key="another") as voice:
        with pytest.raises(APIStatusError) as caught:
            await hear(voice.synthesize(WORDS, conn_options=ONCE))
    assert caught.value.status_code == 401


@pytest.mark.parametrize(
    "options",
    [{"response_format": "mp3"}, {"speed": 9.0}, {"model": ""}],
)
async def test_a_request_the_api_or_the_emulator_refuses_is_refused(options: dict[str, Any]) -> None:
    async with served() as on, voice_of(on, **options) as voice:
        with pytest.raises(APIStatusError) as caught:
            await hear(voice.synthesize(WORDS, conn_options=ONCE))
    assert caught.value.status_code == 400


@pytest.mark.parametrize("model", [_EVENTS, _BARE])
@pytest.mark.parametrize(("fault", "is_begun"), [("mute", False), ("stalling", True)])
async def test_in_a_stream_that_says_no_more_the_plugin_waits_for_as_long_as_it_is_let(
    model: str, fault: str, is_begun: bool
) -> None:
    heard = Heard()
    async with served() as on, voice_of(on, model) as voice:
        await on.order("faults", kind="openai-speech", fault=fault)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.4):  # more than the plugin was given
                await hear(voice.synthesize(WORDS, conn_options=BRIEFLY), heard)
        again = await hear(voice.synthesize(WORDS, conn_options=ONCE))
    assert (heard.seconds > 0) is is_begun
    assert again.seconds > 1
