"""Synthesised speech kept by voice, sample rate and text: in memory first, on disk behind it.

One file an utterance, named by a hash of what was asked for, so that any number of processes share a
directory. A file begins with its length and checksum; one that does not match is made again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import struct
import tempfile
from collections import OrderedDict
from pathlib import Path

from agent.runtime.logs import get_logger

_log = get_logger("agent.providers.speech_cache")
_MAGIC = b"VFS1"
_HEAD = struct.Struct("!4sQ32s")
_SUFFIX = ".speech"
#: When the bound is crossed, files go until this share of it is used, so that not every write evicts.
_KEEP = 0.9


class SpeechCache:
    """Mono int16 audio by what was said. Use from one event loop.

    Args:
        directory: made if missing; when it cannot be used, memory alone serves.
        disk_bytes: beyond this the files least recently used are removed.
        memory_bytes: beyond this the audio least recently used is let go from memory.
    """

    def __init__(self, directory: Path, *, disk_bytes: int = 256 * 1024**2, memory_bytes: int = 32 * 1024**2) -> None:
        self._files = _SpeechFiles(directory, disk_bytes)
        self._memory_bytes = memory_bytes
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._held_bytes = 0

    async def read(self, voice: str, sample_rate_hz: int, text: str) -> bytes | None:
        """The audio for `text`, from memory or from disk; None when it was never kept."""
        name = cache_name(voice, sample_rate_hz, text)
        if (held := self._memory.get(name)) is not None:
            self._memory.move_to_end(name)
            return held
        pcm = await asyncio.to_thread(self._files.read, name)
        if pcm is not None:
            self._hold(name, pcm)
        return self._memory.get(name, pcm)  # it may have been kept meanwhile

    async def keep(self, voice: str, sample_rate_hz: int, text: str, pcm: bytes) -> None:
        """Have the audio for `text` from now on; a disk that fails is logged."""
        name = cache_name(voice, sample_rate_hz, text)
        self._hold(name, pcm)
        await asyncio.to_thread(self._files.write, name, pcm)

    def _hold(self, name: str, pcm: bytes) -> None:
        self._held_bytes += len(pcm) - len(self._memory.get(name, b""))
        self._memory[name] = pcm
        while self._held_bytes > self._memory_bytes:
            _, gone = self._memory.popitem(last=False)
            self._held_bytes -= len(gone)


def cache_name(voice: str, sample_rate_hz: int, text: str) -> str:
    """The file name, without suffix, of one utterance."""
    return hashlib.sha256(f"{voice}\0{sample_rate_hz}\0{text}".encode()).hexdigest()


class _SpeechFiles:
    """The files; every method may block. A directory that fails costs time, never a call."""

    def __init__(self, directory: Path, limit_bytes: int) -> None:
        self._directory = directory
        self._limit_bytes = limit_bytes
        self._used_bytes: int | None = None

    def read(self, name: str) -> bytes | None:
        path = self._directory / (name + _SUFFIX)
        try:
            raw = path.read_bytes()
            os.utime(path)  # its age is the time since it was last wanted
        except OSError:
            return None
        pcm = raw[_HEAD.size :]
        if raw[: _HEAD.size] == _head(pcm):
            return pcm
        _log.warning("speech_cache.damaged", file=path.name)
        return None

    def write(self, name: str, pcm: bytes) -> None:
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._directory, prefix=".", delete=False) as file:
                try:
                    file.write(_head(pcm) + pcm)
                    file.close()
                    os.replace(file.name, self._directory / (name + _SUFFIX))
                except OSError:
                    os.unlink(file.name)
                    raise
            self._evict(_HEAD.size + len(pcm))
        except OSError as error:
            _log.warning("speech_cache.not_written", error=str(error))

    def _evict(self, added_bytes: int) -> None:
        # other processes write here too: their files count when ours cross the bound, or at first
        if self._used_bytes is not None:
            self._used_bytes += added_bytes
            if self._used_bytes <= self._limit_bytes:
                return
        found = []
        for path in self._directory.glob("*" + _SUFFIX):
            with contextlib.suppress(OSError):
                state = path.stat()
                found.append((state.st_mtime_ns, state.st_size, path))
        used = sum(size for _, size, _ in found)
        target = self._limit_bytes * _KEEP if used > self._limit_bytes else used
        for _, size, path in sorted(found, key=lambda entry: entry[0]):
            if used <= target:
                break
            path.unlink(missing_ok=True)
            used -= size
        self._used_bytes = used


def _head(pcm: bytes) -> bytes:
    return _HEAD.pack(_MAGIC, len(pcm), hashlib.sha256(pcm).digest())
