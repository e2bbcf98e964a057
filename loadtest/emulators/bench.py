"""`bench`: what so many streams of a kind cost the process that serves them.

A stream is one call's: it asks again as soon as it has its answer, and of speech as soon as it would have been heard.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
from aiohttp import ClientSession, ClientTimeout, ClientWebSocketResponse, WSMsgType

from loadtest.emulators import listen_bench
from loadtest.emulators.mouth import length_ms
from loadtest.emulators.suites import SUITES

#: Of one core.
MOST_SHARE = 0.25
_SAID = (
    "Thank you for calling Riverside Dental. I have Tuesday the fourth at half past nine with Doctor Patel. "
    "Shall I book that for you?"
)
_HEARD = ("listen", "flux", "openai-listen")
_SCRIPT = Path(__file__).with_name("riverside.yaml")
_RATE_HZ = 24_000
_ASK_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Asking:
    """One stream's connection: `url` is the origin."""

    session: ClientSession
    url: str


async def chat(asking: Asking) -> float:
    """One streamed completion; gives the seconds of audio in an answer, here none."""
    body = {"model": "any", "messages": [{"role": "user", "content": _SAID}], "stream": True}
    async with asking.session.post(f"{asking.url}/openai/v1/chat/completions", json=body) as response:
        await response.read()
    return 0.0


async def embeddings(asking: Asking) -> float:
    """Vectors of one text."""
    body = {"model": "any", "input": _SAID, "dimensions": 512}
    async with asking.session.post(f"{asking.url}/openai/v1/embeddings", json=body) as response:
        await response.read()
    return 0.0


async def openai_speech(asking: Asking) -> float:
    """One spoken text, as bare audio."""
    body = {"model": "tts-1", "input": _SAID, "voice": "ash", "response_format": "pcm"}
    async with asking.session.post(f"{asking.url}/openai/v1/audio/speech", json=body) as response:
        return length_ms(await response.read(), _RATE_HZ) / 1000


async def responses(asking: Asking) -> float:
    """One response over a websocket."""
    async with asking.session.ws_connect(f"{asking.url}/openai/v1/responses") as socket:
        await socket.send_json({"type": "response.create", "model": "any", "input": _SAID})
        await _until(socket, lambda event: event["type"] == "response.completed")
    return 0.0


async def speak(asking: Asking) -> float:
    """One spoken text, its words sent one by one."""
    query = f"encoding=linear16&sample_rate={_RATE_HZ}&model=aura-2-thalia-en"
    headers = {"Authorization": "Token any"}
    async with asking.session.ws_connect(f"{asking.url}/deepgram/v1/speak?{query}", headers=headers) as socket:
        for word in _SAID.split():
            await socket.send_json({"type": "Speak", "text": f"{word} "})
        await socket.send_json({"type": "Flush"})
        return await _until(socket, lambda event: event["type"] == "Flushed")


async def elevenlabs(asking: Asking) -> float:
    """One spoken text, in a context of its own."""
    query = f"model_id=eleven_flash_v2_5&output_format=pcm_{_RATE_HZ}&sync_alignment=true"
    url = f"{asking.url}/elevenlabs/v1/text-to-speech/voice/multi-stream-input?{query}"
    async with asking.session.ws_connect(url) as socket:
        await socket.send_json({"text": " ", "context_id": "one"})
        await socket.send_json({"text": f"{_SAID} ", "context_id": "one", "flush": True})
        await socket.send_json({"close_context": True, "context_id": "one"})
        return await _until(socket, lambda event: bool(event.get("isFinal")))


async def listen(asking: Asking) -> float:
    """One recording, spoken in real time."""
    await listen_bench.listen(asking.session, asking.url)
    return 0.0


async def flux(asking: Asking) -> float:
    """One recording, spoken in real time."""
    await listen_bench.flux(asking.session, asking.url)
    return 0.0


async def openai_listen(asking: Asking) -> float:
    """One recording, spoken in real time."""
    await listen_bench.openai_listen(asking.session, asking.url)
    return 0.0


STREAMS: Mapping[str, Callable[[Asking], Awaitable[float]]] = {
    "listen": listen,
    "flux": flux,
    "openai-listen": openai_listen,
    "speak": speak,
    "elevenlabs": elevenlabs,
    "openai-speech": openai_speech,
    "chat": chat,
    "responses": responses,
    "embeddings": embeddings,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `bench`."""
    parser.add_argument("--kind", action="append", choices=sorted(STREAMS), help="repeatable (default each in turn)")
    parser.add_argument("--streams", type=int, default=25, help="at once (default 25)")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each kind (default 10)")
    parser.add_argument("--profile", choices=sorted(SUITES), default="nova-3+gpt-4.1+aura-2", help="the latencies")


def run(options: argparse.Namespace) -> int:
    """Measure; returns the exit code: 0 within the bound, 1 beyond it."""
    command = [sys.executable, "-m", "loadtest.emulators", "serve", "--profile", options.profile]
    command += ["--script", str(_SCRIPT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            if not url:
                raise OSError("the emulators do not start")
            return asyncio.run(_measure(options, url, psutil.Process(server.pid)))
        finally:
            server.terminate()


async def _measure(options: argparse.Namespace, url: str, server: psutil.Process) -> int:
    print(
        f"{options.streams} streams at once, {options.seconds:g} s of each kind, {options.profile}; CPU of the server"
    )
    worst = 0.0
    for kind in options.kind or STREAMS:
        async with ClientSession(timeout=ClientTimeout(total=_ASK_LIMIT_S), raise_for_status=True) as session:
            asking = Asking(session, url)
            if kind in _HEARD:
                await listen_bench.register(session, url)
            await STREAMS[kind](asking)  # so that the voice has said it, and is not what is measured
            before, started_s = _cpu_s(server), asyncio.get_running_loop().time()
            answers = sum(await asyncio.gather(*(_ask(kind, asking, options.seconds) for _ in range(options.streams))))
            took_s = asyncio.get_running_loop().time() - started_s
        share = (_cpu_s(server) - before) / took_s
        worst = max(worst, share)
        print(f"{kind:14} {100 * share:5.1f} % of a core, {answers:5d} answers in {took_s:.1f} s")
    return 0 if worst <= MOST_SHARE else 1


async def _ask(kind: str, asking: Asking, seconds: float) -> int:
    clock, answers = asyncio.get_running_loop().time, 0
    end_s = clock() + seconds
    while clock() < end_s:
        asked_s = clock()
        audio_s = await STREAMS[kind](asking)
        answers += 1
        await asyncio.sleep(max(0.0, min(asked_s + audio_s, end_s) - clock()))
    return answers


async def _until(socket: ClientWebSocketResponse, is_last: Callable[[dict[str, object]], bool]) -> float:
    """Read to the last event; gives the seconds of the audio before it."""
    size = 0
    async with asyncio.timeout(_ASK_LIMIT_S):
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                size += len(message.data)
                continue
            event = json.loads(message.data)
            size += len(event.get("audio") or "") * 3 // 4
            if is_last(event):
                return size / 2 / _RATE_HZ
    raise OSError("the emulator closed the connection")


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
