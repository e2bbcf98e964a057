"""Texts spoken one after the other, as a provider sends them: first late, then faster than they are heard."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from loadtest.emulators.behaviour import Behaviour
from loadtest.emulators.pace import Dropped, paced
from loadtest.emulators.profiles import Fault
from loadtest.emulators.speaker import Speechless, Voice

#: Of audio that is sent at once.
PIECE_S = 0.2
#: An odd number of bytes, so that they are not even samples.
GARBAGE = b"\x00\xffnot audio"
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_MOST_WAITING = 1000
#: A machine's own hesitation is not the voice's.
_LATE_S = 0.01


@dataclass(frozen=True, slots=True)
class Speech:
    """How the text of a request becomes audio.

    Args:
        rate_hz: that was asked for.
        speed: 1 is the voice's own.
    """

    voice: Voice
    behaviour: Behaviour
    rate_hz: int
    speed: float = 1.0

    async def pieces(self, text: str, fault: Fault, due_s: float) -> list[bytes]:
        """A text's audio when the first of it is due, or later where the voice was too slow, which is counted.

        Args:
            due_s: on the loop's clock.
        Raises: Speechless.
        """
        rate_hz = wrong_rate(self.rate_hz) if fault is Fault.WRONG_RATE else self.rate_hz
        spoken = text.strip()
        pcm = await self.voice.say(spoken, rate_hz, self.speed) if spoken else b""
        usage, early_s = self.behaviour.usage, due_s - asyncio.get_running_loop().time()
        usage.update(characters=len(text), audio_ms=length_ms(pcm, rate_hz))
        if early_s < -_LATE_S and self.behaviour.profile.median_ms:
            usage.update(late=1, late_ms=round(-early_s * 1000))
        await asyncio.sleep(max(0.0, early_s))
        size = int(PIECE_S * rate_hz) * 2
        return [pcm[at : at + size] for at in range(0, len(pcm), size)]

    @property
    def gap_s(self) -> float:
        """Between two pieces."""
        return PIECE_S / self.behaviour.profile.times_real


@dataclass(frozen=True, slots=True)
class Sound:
    """A piece of a text's audio.

    Attributes:
        text: that begins with it; empty in the pieces after the first.
        start_ms, length_ms: of that text, on the clock of what this mouth said.
    """

    pcm: bytes
    text: str
    start_ms: int
    length_ms: int


@dataclass(slots=True)
class Mouth:
    """Speaks what it is given, in order, in a task of its own.

    Args:
        sound: takes each piece.
        dropped: called when the connection is to be closed in the middle.
    """

    speech: Speech
    sound: Callable[[Sound], Awaitable[None]]
    dropped: Callable[[], Awaitable[None]]
    _waiting: asyncio.Queue[Callable[[], Awaitable[object]]] = field(
        default_factory=lambda: asyncio.Queue(maxsize=_MOST_WAITING)
    )
    _task: asyncio.Task[None] | None = None
    _said_ms: int = 0

    def say(self, text: str, fault: Fault) -> None:
        """Speak a text next. Raises asyncio.QueueFull."""
        due_s = asyncio.get_running_loop().time() + self.speech.behaviour.latency_s()
        self.then(lambda: self._speak(text, fault, due_s))

    def then(self, act: Callable[[], Awaitable[object]]) -> None:
        """Do this when all before it is said. Raises asyncio.QueueFull."""
        self._waiting.put_nowait(act)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="mouth")

    async def stop(self) -> None:
        """Break off, and forget what was to come."""
        task, self._task = self._task, None
        while not self._waiting.empty():
            self._waiting.get_nowait()
        if task is not None and task is not asyncio.current_task():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            while self._task is asyncio.current_task():
                await (await self._waiting.get())()
        except (Dropped, Speechless):
            await self.dropped()
        except ConnectionResetError:
            pass  # who listened has left

    async def _speak(self, text: str, fault: Fault, due_s: float) -> None:
        if fault is Fault.HANGING:
            await asyncio.Event().wait()
        pieces = await self.speech.pieces(text, fault, due_s)
        length = length_ms(b"".join(pieces), self.speech.rate_hz)
        begins = text
        async for piece in paced(pieces, fault, gap_s=self.speech.gap_s, garbage=GARBAGE):
            await self.sound(Sound(piece, begins, self._said_ms, length))
            begins = ""
        self._said_ms += length


def sentences(text: str) -> tuple[list[str], str]:
    """Whole sentences of a text that still grows, and what is left of it."""
    *whole, rest = _SENTENCE_END.split(text)
    return [each for each in whole if each.strip()], rest


def length_ms(pcm: bytes, rate_hz: int) -> int:
    """How long audio is heard."""
    return len(pcm) // 2 * 1000 // rate_hz


def wrong_rate(rate_hz: int) -> int:
    """Another rate than was asked for."""
    return 16_000 if rate_hz == 8000 else 8000
