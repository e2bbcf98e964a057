"""A call's recording: begun only after it was announced, stopped the moment the caller objects.

One stereo WAV a call, 8 kHz as the phone carried it: caller left, agent right, on one clock. Where another agent took
the call over each has a file of its own; names that agree up to their first dot are of one call.
"""

from __future__ import annotations

import asyncio
import contextlib
import glob
import time
import wave
from datetime import UTC
from pathlib import Path

import numpy as np

from agent.runtime.logs import get_logger
from agent.runtime.tasks import TaskSet
from agent.storage.calls import CallKey

RATE_HZ = 8_000
_FLUSH_EVERY_S = 1.0
#: Audio younger than this may still get company on the other channel.
_SETTLED_S = 0.5
#: A disk this slow loses the end of the recording, never the end of the call.
_WRITE_S = 5.0
_log = get_logger("agent.dialogue.recording")


def path_in(folder: Path, slug: str, call: CallKey, epoch: int) -> Path:
    """Where an agent records its part of a call: found from the call's record, and nothing in it tells who called.

    Args:
        epoch: of the agent that records.
    """
    began = call.started_at.astimezone(UTC)
    return folder / slug / began.strftime("%Y-%m") / f"{began.strftime('%d-%H%M%S')}-{call.id}.{epoch}.wav"


class Recording:
    """Collects both sides while it is on.

    Args:
        path: of the WAV; its folder is made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._channels = (bytearray(), bytearray())
        self._flushed = 0
        self._began: float | None = None
        self._file: wave.Wave_write | None = None
        self._stopping = asyncio.Event()
        self._tasks = TaskSet("recording")

    @property
    def is_on(self) -> bool:
        """Whether anything said now is kept."""
        return self._began is not None

    def start(self) -> None:
        """Begin. Raises OSError when the file cannot be made."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = wave.open(str(self.path), "wb")  # noqa: SIM115 closed by `stop`
        self._file.setnchannels(2)
        self._file.setsampwidth(2)
        self._file.setframerate(RATE_HZ)
        self._began = time.monotonic()
        self._tasks.start(self._flush_regularly(self._file, self._began), name="flush")

    def caller(self, pcm: bytes, sample_rate_hz: int) -> None:
        """Audio the caller just made; mono int16, a whole multiple of RATE_HZ."""
        self._put(0, pcm, sample_rate_hz, 0.0)

    def agent(self, pcm: bytes, sample_rate_hz: int, starts_in_s: float) -> None:
        """Audio of ours that will be heard `starts_in_s` from now."""
        self._put(1, pcm, sample_rate_hz, starts_in_s)

    def unplay(self, seconds: float) -> None:
        """The last `seconds` of our audio will not be heard after all: it was taken back before its time."""
        data = self._channels[1]
        unheard = min(2 * round(seconds * RATE_HZ), len(data))
        del data[len(data) - unheard :]

    async def stop(self, *, discard: bool = False) -> None:
        """End, keeping nothing from now on; `discard` deletes the call's files at once, because the caller objected.

        So it does before a start, too: an agent before us may have recorded. A file that cannot be written any more
        is logged, not raised: the call goes on without it.
        """
        file, self._file = self._file, None
        self._began = None
        if discard:
            self._forget()
        if file is None:
            return
        # its thread may be writing: nobody else may touch the file until it has returned
        self._stopping.set()
        await self._tasks.join(timeout_s=_WRITE_S)
        if self._tasks.is_busy:
            _log.error("recording.failed", error="the disk does not answer")
            return
        try:
            await asyncio.to_thread(_finish, file, self._take(len(max(self._channels, key=len))))
        except OSError as error:
            _log.error("recording.failed", error=str(error))
        _log.info("recording.stopped", kept=not discard)

    def _forget(self) -> None:
        for data in self._channels:
            data.clear()
        call = self.path.name.partition(".")[0]
        for file in self.path.parent.glob(f"{glob.escape(call)}.*"):
            file.unlink(missing_ok=True)

    def _put(self, channel: int, pcm: bytes, sample_rate_hz: int, starts_in_s: float) -> None:
        if self._began is None:
            return
        samples = _at_phone_rate(pcm, sample_rate_hz)
        ends_at = time.monotonic() - self._began + starts_in_s
        begins = ends_at if channel == 1 else ends_at - len(samples) / RATE_HZ
        data = self._channels[channel]
        gap = 2 * int(begins * RATE_HZ) - self._flushed - len(data)
        # jitter of a frame is no gap: only a real pause is filled, so speech is never torn
        if gap > 2 * RATE_HZ // 10:
            data += bytes(gap)
        data += samples.tobytes()

    async def _flush_regularly(self, file: wave.Wave_write, began: float) -> None:
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_FLUSH_EVERY_S):
                    await self._stopping.wait()
                return
            settled = 2 * int((time.monotonic() - began - _SETTLED_S) * RATE_HZ) - self._flushed
            if settled <= 0:
                continue
            try:
                await asyncio.to_thread(file.writeframes, self._take(settled))
            except OSError as error:
                _log.error("recording.failed", error=str(error))
                self._began = None
                return

    def _take(self, size: int) -> bytes:
        """The next `size` bytes of each channel, interleaved; a shorter channel is silent."""
        taken = []
        for data in self._channels:
            part = bytes(data[:size]).ljust(size, b"\0")
            del data[:size]
            taken.append(np.frombuffer(part, dtype=np.int16))
        self._flushed += size
        return np.column_stack(taken).tobytes()


def _finish(file: wave.Wave_write, rest: bytes) -> None:
    with contextlib.closing(file):
        file.writeframes(rest)


def _at_phone_rate(pcm: bytes, sample_rate_hz: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Average neighbouring samples down to RATE_HZ: the phone line has nothing above 4 kHz anyway."""
    step = sample_rate_hz // RATE_HZ
    samples = np.frombuffer(pcm, dtype=np.int16)
    samples = samples[: len(samples) - len(samples) % step]
    averaged: np.ndarray[tuple[int], np.dtype[np.int16]] = samples.reshape(-1, step).mean(axis=1).astype(np.int16)
    return averaged
