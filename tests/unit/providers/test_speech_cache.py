"""Synthesised speech is kept and never trusted blindly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.providers.speech_cache import SpeechCache

PCM = bytes(range(256)) * 8


def files(directory: Path) -> list[Path]:
    return list(directory.iterdir())


def used_bytes(directory: Path) -> int:
    return sum(path.stat().st_size for path in files(directory))


async def keep(cache: SpeechCache, text: str, pcm: bytes = PCM) -> None:
    await cache.keep("hibari", 24_000, text, pcm)


async def read(cache: SpeechCache, text: str) -> bytes | None:
    return await cache.read("hibari", 24_000, text)


async def test_what_was_kept_is_read_and_nothing_else(tmp_path: Path) -> None:
    cache = SpeechCache(tmp_path)
    await keep(cache, "Hello.")
    assert await read(cache, "Hello.") == PCM
    assert await read(cache, "Bye.") is None


async def test_another_process_finds_it_on_disk(tmp_path: Path) -> None:
    await keep(SpeechCache(tmp_path), "Hello.")
    assert await read(SpeechCache(tmp_path), "Hello.") == PCM


@pytest.mark.parametrize("key", [("other", 24_000, "Hello."), ("hibari", 8_000, "Hello."), ("hibari", 24_000, "Bye.")])
async def test_another_voice_rate_or_text_is_another_utterance(tmp_path: Path, key: tuple[str, int, str]) -> None:
    cache = SpeechCache(tmp_path)
    await keep(cache, "Hello.")
    assert await cache.read(*key) is None


@pytest.mark.parametrize(
    "damage",
    [lambda raw: raw[:-1], lambda raw: raw + b"x", lambda raw: raw[:-1] + b"\x00", lambda raw: b"", lambda _: b"VFS"],
    ids=["cut short", "too long", "one byte changed", "empty", "head only"],
)  # fmt: skip
async def test_a_damaged_file_is_not_played_and_can_be_replaced(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    await keep(SpeechCache(tmp_path), "Hello.")
    (file,) = files(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    assert await read(SpeechCache(tmp_path), "Hello.") is None
    await keep(SpeechCache(tmp_path), "Hello.")
    assert await read(SpeechCache(tmp_path), "Hello.") == PCM


async def test_disk_use_stays_bounded_and_the_least_recently_heard_goes_first(tmp_path: Path) -> None:
    limit = 8 * len(PCM)
    cache = SpeechCache(tmp_path, disk_bytes=limit, memory_bytes=0)
    await keep(cache, "greeting")
    for number in range(30):
        await keep(cache, f"prompt {number}")
        assert await read(cache, "greeting") == PCM
        assert used_bytes(tmp_path) <= limit
    assert await read(cache, "prompt 0") is None


async def test_files_of_an_earlier_run_count_against_the_bound(tmp_path: Path) -> None:
    before = SpeechCache(tmp_path)
    for number in range(20):
        await keep(before, f"old {number}")
    await keep(SpeechCache(tmp_path, disk_bytes=5 * len(PCM)), "new")
    assert used_bytes(tmp_path) <= 5 * len(PCM)


async def test_memory_stays_bounded(tmp_path: Path) -> None:
    cache = SpeechCache(tmp_path / "a-file", memory_bytes=2 * len(PCM))
    (tmp_path / "a-file").write_text("not a directory")
    for text in ("one", "two", "three", "three"):
        await keep(cache, text)
    assert await read(cache, "three") == PCM
    assert await read(cache, "one") is None


async def test_a_directory_that_cannot_be_written_leaves_the_words_in_memory(tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("not a directory")
    cache = SpeechCache(tmp_path / "a-file" / "speech")
    await keep(cache, "Hello.")
    assert await read(cache, "Hello.") == PCM


async def test_no_half_written_file_is_left_behind(tmp_path: Path) -> None:
    cache = SpeechCache(tmp_path)
    for number in range(5):
        await keep(cache, f"prompt {number}")
    assert {path.suffix for path in files(tmp_path)} == {".speech"}
