"""Synthesised speech is made once and never trusted blindly."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.providers.speech_cache import SpeechCache

PCM = bytes(range(256)) * 8


class Voice:
    """Makes audio and counts how often it had to."""

    def __init__(self, pcm: bytes = PCM) -> None:
        self.pcm = pcm
        self.made = 0
        self.cancelled = 0
        self.may_finish = asyncio.Event()
        self.may_finish.set()
        self.started = asyncio.Event()

    async def __call__(self) -> bytes:
        self.made += 1
        self.started.set()
        try:
            await self.may_finish.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self.pcm


def files(directory: Path) -> list[Path]:
    return list(directory.iterdir())


def used_bytes(directory: Path) -> int:
    return sum(path.stat().st_size for path in files(directory))


async def test_the_same_words_are_made_once(tmp_path: Path) -> None:
    cache, voice = SpeechCache(tmp_path), Voice()
    for _ in range(3):
        assert await cache.get_or_make("hibari", 24_000, "Hello.", voice) == PCM
    assert voice.made == 1


async def test_another_process_finds_them_on_disk(tmp_path: Path) -> None:
    voice = Voice()
    await SpeechCache(tmp_path).get_or_make("hibari", 24_000, "Hello.", voice)
    assert await SpeechCache(tmp_path).get_or_make("hibari", 24_000, "Hello.", voice) == PCM
    assert voice.made == 1


@pytest.mark.parametrize("key", [("other", 24_000, "Hello."), ("hibari", 8_000, "Hello."), ("hibari", 24_000, "Bye.")])
async def test_another_voice_rate_or_text_is_another_utterance(tmp_path: Path, key: tuple[str, int, str]) -> None:
    cache, other = SpeechCache(tmp_path), Voice(b"other")
    await cache.get_or_make("hibari", 24_000, "Hello.", Voice())
    assert await cache.get_or_make(*key, other) == b"other"


@pytest.mark.parametrize(
    "damage",
    [lambda raw: raw[:-1], lambda raw: raw + b"x", lambda raw: raw[:-1] + b"\x00", lambda raw: b"", lambda _: b"VFS"],
    ids=["cut short", "too long", "one byte changed", "empty", "head only"],
)  # fmt: skip
async def test_a_damaged_file_is_made_again(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    await SpeechCache(tmp_path).get_or_make("hibari", 24_000, "Hello.", Voice())
    (file,) = files(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    again = Voice()
    assert await SpeechCache(tmp_path).get_or_make("hibari", 24_000, "Hello.", again) == PCM
    assert again.made == 1
    third = Voice()
    await SpeechCache(tmp_path).get_or_make("hibari", 24_000, "Hello.", third)
    assert third.made == 0, "the damaged file was replaced"


async def test_callers_at_the_same_time_share_one_synthesis(tmp_path: Path) -> None:
    cache, voice = SpeechCache(tmp_path), Voice()
    heard = await asyncio.gather(*(cache.get_or_make("hibari", 24_000, "Hi.", voice) for _ in range(5)))
    assert heard == [PCM] * 5
    assert voice.made == 1


async def test_one_caller_leaving_does_not_take_the_words_from_another(tmp_path: Path) -> None:
    cache, voice = SpeechCache(tmp_path), Voice()
    voice.may_finish.clear()
    leaving = asyncio.create_task(cache.get_or_make("hibari", 24_000, "Hi.", voice))
    staying = asyncio.create_task(cache.get_or_make("hibari", 24_000, "Hi.", voice))
    await asyncio.wait_for(voice.started.wait(), 5)
    leaving.cancel()
    await asyncio.wait({leaving})
    voice.may_finish.set()
    assert await asyncio.wait_for(staying, 5) == PCM


async def test_the_last_caller_leaving_cancels_the_synthesis_and_keeps_nothing(tmp_path: Path) -> None:
    cache, voice = SpeechCache(tmp_path), Voice()
    voice.may_finish.clear()
    only = asyncio.create_task(cache.get_or_make("hibari", 24_000, "Hi.", voice))
    await asyncio.wait_for(voice.started.wait(), 5)
    only.cancel()
    await asyncio.wait({only})
    voice.may_finish.set()
    assert await cache.get_or_make("hibari", 24_000, "Hi.", voice) == PCM
    assert (voice.made, voice.cancelled) == (2, 1)


async def test_a_failed_synthesis_is_told_to_everyone_and_tried_again_next_time(tmp_path: Path) -> None:
    cache = SpeechCache(tmp_path)

    async def fail() -> bytes:
        raise RuntimeError("no voice")

    failed = await asyncio.gather(
        *(cache.get_or_make("hibari", 24_000, "Hi.", fail) for _ in range(2)), return_exceptions=True
    )
    assert [str(error) for error in failed] == ["no voice", "no voice"]
    assert await cache.get_or_make("hibari", 24_000, "Hi.", Voice()) == PCM


async def test_disk_use_stays_bounded_and_the_least_recently_heard_goes_first(tmp_path: Path) -> None:
    limit = 8 * len(PCM)
    cache = SpeechCache(tmp_path, disk_bytes=limit, memory_bytes=0)
    await cache.get_or_make("hibari", 24_000, "greeting", Voice())
    for number in range(30):
        await cache.get_or_make("hibari", 24_000, f"prompt {number}", Voice())
        await cache.get_or_make("hibari", 24_000, "greeting", Voice())
        assert used_bytes(tmp_path) <= limit
    greeting, oldest = Voice(), Voice()
    await cache.get_or_make("hibari", 24_000, "greeting", greeting)
    await cache.get_or_make("hibari", 24_000, "prompt 0", oldest)
    assert (greeting.made, oldest.made) == (0, 1)


async def test_files_of_an_earlier_run_count_against_the_bound(tmp_path: Path) -> None:
    before = SpeechCache(tmp_path)
    for number in range(20):
        await before.get_or_make("hibari", 24_000, f"old {number}", Voice())
    await SpeechCache(tmp_path, disk_bytes=5 * len(PCM)).get_or_make("hibari", 24_000, "new", Voice())
    assert used_bytes(tmp_path) <= 5 * len(PCM)


async def test_memory_stays_bounded(tmp_path: Path) -> None:
    cache = SpeechCache(tmp_path / "a-file", memory_bytes=2 * len(PCM))
    (tmp_path / "a-file").write_text("not a directory")
    for text in ("one", "two", "three", "three"):
        await cache.get_or_make("hibari", 24_000, text, Voice())
    held, dropped = Voice(), Voice()
    await cache.get_or_make("hibari", 24_000, "three", held)
    await cache.get_or_make("hibari", 24_000, "one", dropped)
    assert (held.made, dropped.made) == (0, 1)


async def test_a_directory_that_cannot_be_written_does_not_cost_the_caller_the_words(tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("not a directory")
    cache = SpeechCache(tmp_path / "a-file" / "speech")
    assert await cache.get_or_make("hibari", 24_000, "Hello.", Voice()) == PCM


async def test_no_half_written_file_is_left_behind(tmp_path: Path) -> None:
    cache = SpeechCache(tmp_path)
    for number in range(5):
        await cache.get_or_make("hibari", 24_000, f"prompt {number}", Voice())
    assert {path.suffix for path in files(tmp_path)} == {".speech"}
