"""Words as real speech, or as a hum: 16-bit mono, of any sample rate.

The voice is hibari's, as the test callers' is; it holds the interpreter's lock while it speaks, so it has a process of
its own (`python -m loadtest.emulators.speaker`). What it said once is kept on disk, outside the checkout.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import sys
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np

from loadtest.caller.voices import as_spoken, cache_dir, resample

#: Part of every cache key: raise it when the same text would sound different.
_RECIPE = "1"
_KEPT_CLIPS = 256
_SYNTHESIS_LIMIT_S = 30.0
_HUM_HZ, _HUM_S_A_CHARACTER = 220.0, 0.06


class Speechless(Exception):
    """The voice made no sound of a text: it is not installed, died, or took too long."""


class Voice(Protocol):
    """What speaks."""

    async def say(self, text: str, rate_hz: int, speed: float) -> bytes:
        """A text's audio, little endian. Raises Speechless."""

    async def open(self) -> None:
        """Be ready, so that the first request does not pay for it."""

    async def aclose(self) -> None:
        """Stop."""


class Hum:
    """A tone as long as the text would take, for where nobody listens."""

    async def say(self, text: str, rate_hz: int, speed: float) -> bytes:
        """A text's tone."""
        times_s = np.arange(int(len(text) * _HUM_S_A_CHARACTER / speed * rate_hz)) / rate_hz
        return (6000 * np.sin(2 * np.pi * _HUM_HZ * times_s)).astype("<i2").tobytes()

    async def open(self) -> None:
        """Is always ready."""

    async def aclose(self) -> None:
        """Has nothing to stop."""


class ChosenVoice:
    """One of several voices; another may be chosen while it is in use.

    Args:
        chosen: the name of the one to begin with.
    """

    def __init__(self, voices: Mapping[str, Voice], chosen: str) -> None:
        self._voices = voices
        self._chosen = voices[chosen]

    def choose(self, name: str) -> None:
        """Speak with this one from the next text on. Raises ValueError: there is none of that name."""
        if name not in self._voices:
            raise ValueError(f"voice: expected one of {', '.join(sorted(self._voices))}")
        self._chosen = self._voices[name]

    async def say(self, text: str, rate_hz: int, speed: float) -> bytes:
        """A text's audio. Raises Speechless."""
        return await self._chosen.say(text, rate_hz, speed)

    async def open(self) -> None:
        """Have the one that was chosen ready."""
        await self._chosen.open()

    async def aclose(self) -> None:
        """Stop all of them."""
        for voice in self._voices.values():
            await voice.aclose()


class HibariVoice:
    """Speaks in a child process, one text at a time."""

    def __init__(self) -> None:
        self._clips: OrderedDict[Path, bytes] = OrderedDict()
        self._making: dict[Path, asyncio.Task[bytes]] = {}
        self._lock = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None

    async def open(self) -> None:
        """Load the voice. Raises Speechless."""
        async with self._lock:
            await self._ask({"path": None})

    async def say(self, text: str, rate_hz: int, speed: float) -> bytes:
        """A text's audio, from memory, from disk, or new. Raises Speechless."""
        path = _path(text, rate_hz, speed)
        if path in self._clips:
            self._clips.move_to_end(path)
            return self._clips[path]
        request = {"path": str(path), "text": text, "rate_hz": rate_hz, "speed": speed}
        return await asyncio.shield(self._making.get(path) or self._begin(path, request))

    async def aclose(self) -> None:
        """End the child."""
        for task in list(self._making.values()):
            task.cancel()
        await self._end()

    def _begin(self, path: Path, request: dict[str, object]) -> asyncio.Task[bytes]:
        """Make a clip, also when who wanted it has left: half a conversation with the child would be the next one's."""

        def over(task: asyncio.Task[bytes]) -> None:
            del self._making[path]
            if not task.cancelled():
                task.exception()  # who still waits for it is told

        self._making[path] = task = asyncio.create_task(self._make(path, request), name="speaker")
        task.add_done_callback(over)
        return task

    async def _make(self, path: Path, request: dict[str, object]) -> bytes:
        pcm = await asyncio.to_thread(_kept, path)
        if pcm is None:
            async with self._lock:
                await self._ask(request)
            pcm = await asyncio.to_thread(path.read_bytes)
        self._clips[path] = pcm
        if len(self._clips) > _KEPT_CLIPS:
            self._clips.popitem(last=False)
        return pcm

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()

    async def _ask(self, request: dict[str, object]) -> None:
        try:
            async with asyncio.timeout(_SYNTHESIS_LIMIT_S):
                answer = await self._answered(request)
        except (TimeoutError, OSError) as fault:
            await self._end()
            raise Speechless(f"the voice does not answer: {fault!r}") from None
        if answer != "ok":
            raise Speechless(answer or "the voice died")

    async def _answered(self, request: dict[str, object]) -> str:
        if self._child is None or self._child.returncode is not None:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "loadtest.emulators.speaker",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
        child = self._child
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(request).encode() + b"\n")
        await child.stdin.drain()
        return (await child.stdout.readline()).decode().strip()


def _path(text: str, rate_hz: int, speed: float) -> Path:
    key = hashlib.sha256(f"{_RECIPE}\n{rate_hz}\n{speed:g}\n{text}".encode()).hexdigest()[:32]
    return cache_dir().with_name("emulated-speech") / f"{key}.pcm"


def _kept(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def main() -> int:
    """Child: a request a line from standard input, "ok" or what is wrong to standard output."""
    try:
        import hibari

        tts = hibari.Hibari(threads=1)
    except ImportError:
        print("install hibari-tts (extra: local)", flush=True)
        return 1
    tts("One moment, please.", seed=0)
    for line in sys.stdin:
        request = json.loads(line)
        if request["path"] is not None:
            audio = np.asarray(tts(as_spoken(request["text"]), speed=request["speed"], seed=0), dtype=np.float32)
            if request["rate_hz"] != hibari.SAMPLE_RATE:
                audio = resample(audio, hibari.SAMPLE_RATE, request["rate_hz"])
            _store(Path(request["path"]), (np.clip(audio, -1.0, 1.0) * 32767).astype("<i2").tobytes())
        print("ok", flush=True)
    return 0


def _store(path: Path, pcm: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(pcm)
    part.replace(path)


if __name__ == "__main__":
    sys.exit(main())
