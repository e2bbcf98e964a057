"""ElevenLabs: its plugin over both of its transports, and messages by the types of its SDK."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from elevenlabs.types import AudioOutputMulti, FinalOutputMulti
from livekit.agents import APIConnectOptions, APIError, APIStatusError
from livekit.plugins import elevenlabs

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


@asynccontextmanager
async def flash(on: Served, *, key: str = KEY, encoding: str = "pcm_24000") -> AsyncIterator[elevenlabs.TTS]:
    voice = elevenlabs.TTS(
        api_key=key, base_url=f"{on.url}/elevenlabs/v1", model="eleven_flash_v2_5", http_session=on.session,
        encoding=encoding,  # type: ignore[arg-type]
    )  # fmt: skip
    try:
        yield voice
    finally:
        await voice.aclose()


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 22_050, 24_000])
async def test_streamed_text_comes_as_audio_of_the_rate_and_length_that_was_asked_for(rate_hz: int) -> None:
    async with served() as on, flash(on, encoding=f"pcm_{rate_hz}") as voice:
        heard = await hear(speaking(voice, "Good morning, ", "this is ", "Riverside Dental."))
    assert heard.rate_hz == rate_hz
    assert heard.seconds == pytest.approx(len(WORDS) * S_A_CHARACTER, abs=0.05)


async def test_each_word_is_told_with_its_time() -> None:
    async with served() as on, flash(on) as voice:
        stream = speaking(voice, "One two three four five six. ", "Seven eight nine ten eleven twelve.")
        words = []
        seconds = 0.0
        async with stream:
            async for each in stream:
                seconds += each.frame.duration
                words += each.frame.userdata.get("lk.timed_transcripts", [])
    assert "".join(words).strip() == "One two three four five six. Seven eight nine ten eleven twelve."
    starts = [word.start_time for word in words]
    assert starts == sorted(starts)
    assert words[-1].end_time == pytest.approx(seconds, abs=0.1)


async def test_a_whole_text_is_spoken_over_http() -> None:
    async with served() as on, flash(on) as voice:
        heard = await hear(voice.synthesize(WORDS, conn_options=ONCE))
        counts = await on.counts("elevenlabs")
    assert (heard.rate_hz, heard.seconds) == (24_000, pytest.approx(len(WORDS) * S_A_CHARACTER, abs=0.05))
    assert counts["characters"] == len(WORDS)


async def test_voices_are_listed() -> None:
    async with served() as on, flash(on) as voice:
        assert [each.name for each in await voice.list_voices()] == ["Emulator"]


@pytest.mark.parametrize(
    ("fault", "options", "status", "is_begun"),
    [
        ("limited", ONCE, 429, False),
        ("failing", ONCE, 500, False),
        ("mute", BRIEFLY, -1, False),
        ("stalling", BRIEFLY, -1, True),
        ("dripping", BRIEFLY, -1, True),
        ("dropping", ONCE, 1011, True),
        ("malformed", ONCE, -1, False),
    ],
)
async def test_a_fault_is_the_error_the_plugin_knows_and_the_next_text_is_spoken(
    fault: str, options: APIConnectOptions, status: int, is_begun: bool
) -> None:
    heard = Heard()
    async with served() as on, flash(on) as voice:
        await on.order("faults", kind="elevenlabs", fault=fault)
        with pytest.raises(APIError) as caught:
            await hear(speaking(voice, WORDS, options=options), heard)
        again = await hear(speaking(voice, WORDS))
        counts = await on.counts("elevenlabs")
    assert getattr(caught.value, "status_code", None) == status
    assert (heard.seconds > 0) is is_begun
    assert again.seconds > 1
    assert counts["faults"] == {fault: 1}


async def test_on_a_socket_that_is_open_a_refusal_closes_it_and_another_is_opened() -> None:
    async with served() as on, flash(on) as voice:
        await hear(speaking(voice, WORDS))
        await on.order("faults", kind="elevenlabs", fault="limited")
        with pytest.raises(APIStatusError) as caught:
            await hear(speaking(voice, WORDS))
        again = await hear(speaking(voice, WORDS))
    assert caught.value.status_code == 1008
    assert again.seconds > 1


async def test_audio_of_a_wrong_rate_is_heard_as_less() -> None:
    async with served() as on, flash(on) as voice:
        await on.order("faults", kind="elevenlabs", fault="wrong-rate")
        heard = await hear(speaking(voice, WORDS))
    assert 0 < heard.seconds < len(WORDS) * S_A_CHARACTER / 2


async def test_another_key_is_refused() -> None:
    async with served() as on, flash(on, key="another") as voice:
        with pytest.raises(APIStatusError) as caught:
            await hear(speaking(voice, WORDS))
    assert caught.value.status_code == 401


async def test_a_format_it_does_not_make_is_refused() -> None:
    async with served() as on, flash(on, encoding="mp3_22050_32") as voice:
        with pytest.raises(APIStatusError) as caught:
            await hear(speaking(voice, WORDS))
    assert caught.value.status_code == 400


@asynccontextmanager
async def socket_of(on: Served) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    query = "model_id=eleven_flash_v2_5&output_format=pcm_8000&sync_alignment=true"
    url = f"{on.url}/elevenlabs/v1/text-to-speech/voice/multi-stream-input?{query}"
    async with on.session.ws_connect(url, headers={"xi-api-key": KEY}) as socket:
        yield socket


async def test_contexts_are_spoken_apart_and_every_message_is_of_the_vendors_schema() -> None:
    finals: list[str | None] = []
    audio: dict[str | None, int] = {}
    async with served() as on, socket_of(on) as socket:
        for name in ("one", "two"):
            await socket.send_json({"text": " ", "context_id": name})
            await socket.send_json({"text": f"{WORDS} ", "context_id": name, "flush": True})
            await socket.send_json({"close_context": True, "context_id": name})
        while len(finals) < 2:
            document = json.loads((await socket.receive(timeout=10)).data)
            if document["isFinal"]:
                final = FinalOutputMulti.model_validate(document)
                assert [*unknown(final)] == []
                finals.append(final.context_id)
            else:
                said = AudioOutputMulti.model_validate(document)
                assert set(unknown(said)) <= {"isFinal"}
                audio[said.context_id] = audio.get(said.context_id, 0) + len(said.audio)
        await socket.send_json({"close_socket": True})
        assert (await socket.receive(timeout=10)).type is aiohttp.WSMsgType.CLOSE
    assert sorted(str(name) for name in finals) == ["one", "two"]
    assert audio["one"] == audio["two"] > 0


async def test_a_sixth_context_is_one_too_many() -> None:
    async with served() as on, socket_of(on) as socket:
        for name in "abcdef":
            await socket.send_json({"text": " ", "context_id": name})
        document = json.loads((await socket.receive(timeout=10)).data)
        assert document["error"] == "max_simultaneous_contexts_exceeded"
        assert (await socket.receive(timeout=10)).data == 1008
