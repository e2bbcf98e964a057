"""The one process: its paths, what orders it about, and its command."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
import urllib.request
from typing import Any

import pytest

from loadtest.emulators.speaker import HibariVoice
from loadtest.emulators.suites import KINDS, SUITES, profile_of
from tests.integration.emulators.served import KEY, WORDS, Served, served


async def status(on: Served, method: str, path: str, **asked: Any) -> int:
    async with on.session.request(method, f"{on.url}/control/{path}", json=asked) as response:
        return response.status


async def ask(on: Served) -> int:
    body = {"model": "small", "messages": [{"role": "user", "content": "x"}]}
    headers = {"Authorization": f"Bearer {KEY}"}
    async with on.session.post(f"{on.url}/openai/v1/chat/completions", json=body, headers=headers) as response:
        return response.status


async def test_a_fault_is_had_by_as_many_requests_as_were_ordered_and_by_its_kind_alone() -> None:
    async with served() as on:
        assert await on.order("faults", kind="chat", fault="limited", requests=2) == {"planned": 2}
        assert await on.order("faults", kind="speak", fault="limited") == {"planned": 1}
        assert [await ask(on) for _ in range(3)] == [429, 429, 200]
        counts = await on.counts("chat")
    assert (counts["requests"], counts["refused"], counts["planned"]) == (3, 2, 0)


async def test_faults_are_taken_back_and_counts_begin_again() -> None:
    async with served() as on:
        await on.order("faults", kind="chat", fault="failing", requests=5)
        assert await status(on, "DELETE", "faults", kind="chat") == 200
        assert await ask(on) == 200
        await on.order("reset")
        assert await on.counts("chat") == {"faults": {}, "planned": 0}


async def test_a_kind_takes_another_profile_while_it_runs() -> None:
    async with served() as on:
        await on.order("profiles", kind="chat", profile="failing")
        assert await ask(on) == 500
        await on.order("profiles", suite="fast")
        assert await ask(on) == 200


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("faults", {"kind": "fax", "fault": "limited"}),
        ("faults", {"kind": "chat", "fault": "wrong-rate"}),
        ("faults", {"kind": "chat", "fault": "limited", "requests": 0}),
        ("faults", {"kind": "chat"}),
        ("profiles", {"suite": "none"}),
        ("profiles", {"kind": "chat", "profile": "aura-2"}),
        ("utterances", {"text": "hello"}),
    ],
)
async def test_an_order_that_cannot_be_followed_is_refused(path: str, asked: dict[str, Any]) -> None:
    async with served() as on:
        assert await status(on, "POST", path, **asked) == 400


def test_every_suite_has_a_profile_for_every_kind() -> None:
    for suite in SUITES.values():
        assert set(suite) == set(KINDS)
        for kind, name in suite.items():
            assert profile_of(kind, name)


async def test_the_voice_says_words_keeps_them_and_speaks_them_at_any_rate(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEFLEET_CACHE", str(tmp_path_factory.mktemp("cache")))
    voice = HibariVoice()
    try:
        wide, narrow = await voice.say(WORDS, 24_000, 1.0), await voice.say(WORDS, 8000, 1.0)
    finally:
        await voice.aclose()
    assert len(wide) == pytest.approx(3 * len(narrow), rel=0.01)
    assert 1.5 < len(wide) / 2 / 24_000 < 5
    again = HibariVoice()
    assert await again.say(WORDS, 24_000, 1.0) == wide, "from disk, without a child"


async def test_a_listener_who_leaves_does_not_confuse_the_voice(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEFLEET_CACHE", str(tmp_path_factory.mktemp("cache")))
    voice = HibariVoice()
    await voice.open()
    try:
        left = asyncio.create_task(voice.say("We are closed on Sundays and on holidays.", 8000, 1.0))
        await asyncio.sleep(0)
        left.cancel()
        short = await voice.say("Yes.", 8000, 1.0)
        long = await voice.say("We are closed on Sundays and on holidays.", 8000, 1.0)
    finally:
        await voice.aclose()
    assert 0 < len(short) < len(long)


async def test_what_one_provider_says_another_recognises_once_it_is_registered(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEFLEET_CACHE", str(tmp_path_factory.mktemp("cache")))
    headers = {"Authorization": f"Token {KEY}"}
    async with served(voice=HibariVoice()) as on:
        query = "encoding=linear16&sample_rate=16000"
        async with on.session.post(
            f"{on.url}/deepgram/v1/speak?{query}", json={"text": WORDS}, headers=headers
        ) as response:
            pcm = await response.read()
        await on.order("utterances", text=WORDS, rate_hz=16_000, pcm=base64.b64encode(pcm).decode())
        async with on.session.ws_connect(
            f"{on.url}/deepgram/v1/listen?model=nova-3&punctuate=true&{query}", headers=headers
        ) as socket:
            for at in range(0, len(pcm), 1600):
                await socket.send_bytes(pcm[at : at + 1600])
            await socket.send_bytes(bytes(32_000))
            await socket.send_json({"type": "CloseStream"})
            told = [json.loads(message.data) async for message in socket]
        counts = await on.counts("listen")
    finals = [each["channel"]["alternatives"][0]["transcript"] for each in told if each.get("is_final")]
    assert " ".join(finals).split() == WORDS.split()
    assert counts["streams"] == 1


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "loadtest.emulators", "serve", "--voice", "hum", *words]


@pytest.mark.parametrize("recording", ["yes.wav", "=Yes.", "yes.wav= "])
def test_a_recording_without_its_words_is_refused(recording: str) -> None:
    done = subprocess.run(command("--recording", recording), capture_output=True, text=True, timeout=20)
    assert done.returncode == 2
    assert "expected WAV=TEXT" in done.stderr


def test_a_recording_that_cannot_be_read_is_named() -> None:
    done = subprocess.run(command("--recording", "no.wav=Yes."), capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no.wav" in done.stderr


def test_the_command_serves_all_of_them_until_it_is_interrupted() -> None:
    with subprocess.Popen(command("--profile", "fast"), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            with urllib.request.urlopen(f"{url}/control/counts", timeout=10) as response:
                counted = json.load(response)
        finally:
            process.terminate()
        assert process.wait(timeout=20) == 0
    assert set(counted) == set(KINDS)
