"""All emulators on loopback with a voice that hums, and how what a plugin gives is gathered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from livekit.agents import APIConnectOptions, tts

from loadtest.emulators.chat_script import Script
from loadtest.emulators.gate import listening
from loadtest.emulators.serve import Providers

KEY = "test-key"
#: The hum's, as `loadtest.emulators.speaker.Hum` has it.
S_A_CHARACTER = 0.06
WORDS = "Good morning, this is Riverside Dental."
SCRIPT = Script([("book", {"wish": "book"})], "We open at eight on every weekday but Wednesday.")
#: A plugin that is to fail tries once.
ONCE = APIConnectOptions(max_retry=0, timeout=10.0)
#: For faults in which nothing comes.
BRIEFLY = APIConnectOptions(max_retry=0, timeout=0.15)


@dataclass
class Served:
    """One process's emulators."""

    url: str
    session: aiohttp.ClientSession

    async def order(self, path: str, **asked: Any) -> dict[str, Any]:
        """Tell the control something that it takes."""
        async with self.session.post(f"{self.url}/control/{path}", json=asked) as response:
            answer: dict[str, Any] = await response.json()
            assert response.status == 200, answer
            return answer

    async def posted(self, path: str, body: dict[str, Any]) -> str:
        """What OpenAI's API answers to a request that it takes."""
        headers = {"Authorization": f"Bearer {KEY}"}
        async with self.session.post(f"{self.url}/openai/v1/{path}", json=body, headers=headers) as response:
            answer = await response.text()
            assert response.status == 200, answer
            return answer

    async def counts(self, kind: str) -> dict[str, Any]:
        async with self.session.get(f"{self.url}/control/counts") as response:
            counted: dict[str, Any] = (await response.json())[kind]
            return counted


@asynccontextmanager
async def served(**options: Any) -> AsyncIterator[Served]:
    providers = Providers(**{"script": SCRIPT, "key": KEY} | options)
    async with listening(providers) as url, aiohttp.ClientSession() as session:
        yield Served(url, session)


@dataclass
class Heard:
    """Of one synthesis."""

    seconds: float = 0.0
    rate_hz: int = 0
    text: str = ""


async def hear(stream: tts.SynthesizeStream | tts.ChunkedStream, heard: Heard | None = None) -> Heard:
    """Take all audio of a stream, as far as it comes."""
    heard = heard or Heard()
    async with stream:
        async for each in stream:
            heard.seconds += each.frame.duration
            heard.rate_hz = each.frame.sample_rate
    return heard


def speaking(voice: tts.TTS, *texts: str, options: APIConnectOptions = ONCE) -> tts.SynthesizeStream:
    """A stream into which a text is pushed in pieces."""
    stream = voice.stream(conn_options=options)
    for text in texts:
        stream.push_text(text)
    stream.end_input()
    return stream
