"""Nothing is kept before a recording starts or after it stops."""

from __future__ import annotations

import asyncio
import wave
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import cast
from uuid import uuid4

import numpy as np

from agent.dialogue.announced_recording import AnnouncedRecording
from agent.dialogue.record import CallRecord
from agent.dialogue.recording import RATE_HZ, Recording, path_in
from agent.storage.calls import CallKey


def tone(rate_hz: int, seconds: float, level: int) -> bytes:
    return np.full(int(rate_hz * seconds), level, dtype=np.int16).tobytes()


def channels(path: Path) -> tuple[np.ndarray, np.ndarray]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, RATE_HZ)
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16).reshape(-1, 2)
    return samples[:, 0], samples[:, 1]


async def test_both_sides_are_kept_apart_and_whole(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "a" / "call.wav")
    recording.start()
    recording.caller(tone(16_000, 0.5, 1000), 16_000)
    recording.agent(tone(24_000, 0.25, -2000), 24_000, 0.0)
    await recording.stop()
    caller, agent = channels(recording.path)
    assert (caller == 1000).sum() == RATE_HZ // 2
    assert (agent == -2000).sum() == RATE_HZ // 4
    assert not (caller == -2000).any()
    assert not (agent == 1000).any()


async def test_what_is_said_before_the_start_is_not_kept(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "call.wav")
    recording.caller(tone(16_000, 1.0, 1000), 16_000)
    recording.start()
    recording.agent(tone(24_000, 0.1, 7), 24_000, 0.0)
    await recording.stop()
    caller, _ = channels(recording.path)
    assert not caller.any()


async def test_an_objection_leaves_no_file(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "call.wav")
    recording.start()
    recording.caller(tone(16_000, 0.5, 1000), 16_000)
    await recording.stop(discard=True)
    assert not recording.path.exists()
    assert not recording.is_on


async def test_audio_taken_back_before_it_was_heard_is_not_kept(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "call.wav")
    recording.start()
    recording.agent(tone(24_000, 0.04, -2000), 24_000, 0.0)
    recording.agent(tone(24_000, 0.02, -3000), 24_000, 0.04)
    recording.unplay(0.02)
    recording.agent(tone(24_000, 0.02, -4000), 24_000, 0.04)
    await recording.stop()
    _, agent = channels(recording.path)
    assert (agent == -2000).sum() == RATE_HZ * 4 // 100
    assert (agent == -4000).sum() == RATE_HZ * 2 // 100
    assert not (agent == -3000).any()


async def test_taking_back_more_than_is_there_takes_back_what_is_there(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "call.wav")
    recording.start()
    recording.agent(tone(24_000, 0.02, -2000), 24_000, 0.0)
    recording.unplay(5.0)
    recording.caller(tone(16_000, 0.1, 1000), 16_000)
    await recording.stop()
    caller, agent = channels(recording.path)
    assert (caller == 1000).sum() == RATE_HZ // 10
    assert not agent.any()


async def test_an_objection_deletes_the_file_before_anything_is_waited_for(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "call.wav")
    recording.start()
    stopping = asyncio.create_task(recording.stop(discard=True), name="test.stop")
    await asyncio.sleep(0)
    stopping.cancel()
    await asyncio.gather(stopping, return_exceptions=True)
    assert not recording.path.exists()
    assert not recording.is_on


async def test_a_full_disk_ends_the_recording_and_not_the_call() -> None:
    recording = Recording(Path("/dev/full"))
    recording.start()
    recording.caller(tone(16_000, 5.0, 1000), 16_000)
    await recording.stop()
    assert not recording.is_on


class Record:
    """Only what a recording asks of a call's record."""

    def __init__(self) -> None:
        self.became: list[str] = []

    def recording(self, became: str) -> None:
        self.became.append(became)


def call_key() -> CallKey:
    return CallKey(uuid4(), uuid4(), datetime(2026, 3, 1, 1, 2, 3, 456, tzinfo=timezone(timedelta(hours=2))))


async def test_an_objection_after_a_takeover_deletes_what_the_agent_before_had_recorded(tmp_path: Path) -> None:
    call = call_key()
    parts = [Recording(path_in(tmp_path, "dental", call, epoch)) for epoch in (1, 2, 11)]
    other = Recording(path_in(tmp_path, "dental", replace(call, id=uuid4()), 1))
    for recording in (*parts[:2], other):
        recording.start()
        await recording.stop()
    record = Record()
    await AnnouncedRecording(parts[2], cast(CallRecord, record), "This call is recorded.").discard()
    assert record.became == ["declined"]
    assert [recording.path.exists() for recording in (*parts, other)] == [False, False, False, True]


def test_a_recording_is_found_from_its_call_and_its_name_tells_nothing_else(tmp_path: Path) -> None:
    call = call_key()
    path = path_in(tmp_path, "dental", call, 2)
    assert path.relative_to(tmp_path) == Path(f"dental/2026-02/28-230203-{call.id}.2.wav")
