"""`voicefleet providers check`, as an operator runs it: a process of its own against the emulators."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys

from agent.providers import recorded
from loadtest.emulators.chat_script import Script
from tests.integration.emulators.served import KEY, Served, served

_LIMIT_S = 60.0


async def run(on: Served, *words: str, **settings: str) -> tuple[int, str, str]:
    """Exit code, standard output and error."""
    url = on.url
    environment = {
        "PATH": os.environ["PATH"], "DEEPGRAM_API_KEY": KEY, "VOICEFLEET_DEEPGRAM_URL": f"{url}/deepgram",
        "ELEVEN_API_KEY": KEY, "VOICEFLEET_ELEVENLABS_URL": f"{url}/elevenlabs/v1",
        "VOICEFLEET_STT": "deepgram/nova-3", "VOICEFLEET_TTS": "deepgram/aura-2-thalia-en",
    } | settings  # fmt: skip
    command = [sys.executable, "-m", "agent.cli", "providers", "check", *words]
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(_LIMIT_S):
        out, error = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), error.decode()


async def know(on: Served) -> None:
    samples, rate_hz = recorded.recording()
    pcm = base64.b64encode(samples.tobytes()).decode()
    await on.order("utterances", text=recorded.WORDS, rate_hz=rate_hz, pcm=pcm)


async def test_each_provider_of_the_settings_is_tried_and_its_place_told() -> None:
    async with served() as on:
        await know(on)
        code, out, error = await run(on, VOICEFLEET_TTS="elevenlabs/eleven_flash_v2_5@x,deepgram/aura-2-thalia-en")
        heard = (await on.counts("listen"))["streams"]
    head, *rows = [line.split() for line in out.splitlines()]
    assert head[:3] == ["kind", "provider", "place"]
    assert "$0.0048 a minute" in out
    assert [row[:4] for row in rows] == [
        ["stt", "deepgram/nova-3", "fleet", "1"],
        ["tts", "elevenlabs/eleven_flash_v2_5@x", "fleet", "1"],
        ["tts", "deepgram/aura-2-thalia-en", "fleet", "2"],
    ]
    assert [row[-1] for row in rows] == ["ok"] * 3
    assert (code, error, heard) == (0, "", 1)


async def test_one_that_fails_is_told_with_the_rest_and_as_json() -> None:
    async with served() as on:
        await know(on)
        await on.order("faults", kind="speak", fault="limited")
        code, out, _ = await run(on, "--json")
    ear, voice = map(json.loads, out.splitlines())
    assert (ear["kind"], ear["ok"], ear["reason"]) == ("stt", True, "")
    assert ear["first_ms"] >= 0
    assert ear["price"] == "$0.0048 a minute"
    assert (voice["provider"], voice["ok"], voice["first_ms"]) == ("deepgram/aura-2-thalia-en", False, None)
    assert voice["reason"] == "too many requests (429): the limit of DEEPGRAM_API_KEY is reached"
    assert code == 1


async def test_every_chain_and_the_embedding_endpoint_are_tried() -> None:
    script = Script([("are you ready?", {"ready": True})], "We open at eight.")
    async with served(script=script) as on:
        await know(on)
        base = f"{on.url}/openai/v1"
        code, out, error = await run(
            on, "--json", OPENAI_API_KEY=KEY, VOICEFLEET_OPENAI_URL=base, VOICEFLEET_MODEL_URL=base,
            VOICEFLEET_MODEL_KEY=KEY, VOICEFLEET_MODELS="openai/gpt-4o-mini,compatible/any",
            VOICEFLEET_LARGE_MODELS="openai/gpt-4.1,openai/gpt-4o-mini", VOICEFLEET_EMBEDDING_URL=base,
            VOICEFLEET_EMBEDDING_MODEL="text-embedding-3-small", VOICEFLEET_EMBEDDING_KEY=KEY,
            VOICEFLEET_EMBEDDING_DIMENSIONS="64",
        )  # fmt: skip
    tried = {(each["kind"], each["provider"]): each for each in map(json.loads, out.splitlines())}
    assert [(key, each["places"]) for key, each in tried.items() if key[0] in ("model", "embedding")] == [
        (("model", "openai/gpt-4o-mini"), ["fleet 1", "fleet, large 2"]),
        (("model", "compatible/any"), ["fleet 2"]),
        (("model", "openai/gpt-4.1"), ["fleet, large 1"]),
        (("embedding", "compatible/text-embedding-3-small"), ["fleet 1"]),
    ]
    assert tried["model", "openai/gpt-4.1"]["price"] == "$2 a million tokens in, $8 out"
    assert [each["reason"] for each in tried.values() if not each["ok"]] == []
    assert (code, error) == (0, "")


async def test_wrong_settings_are_told_apart_from_a_provider_that_fails() -> None:
    async with served() as on:
        code, out, error = await run(on, VOICEFLEET_STT="deepgramm/nova-3")
        asked = await on.counts("speak")
    assert (code, out) == (2, "")
    assert "deepgramm" in error
    assert "requests" not in asked
