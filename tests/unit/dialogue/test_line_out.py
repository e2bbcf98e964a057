"""What the caller heard is what was played, whatever cuts in."""

from __future__ import annotations

import asyncio

import pytest
from livekit import rtc
from livekit.agents.voice.io import PlaybackFinishedEvent

from agent.dialogue.line_out import CLAUSE, SAMPLE_RATE_HZ, Clause, LineOut, heard_text
from agent.runtime.tasks import TaskSet

DEADLINE_S = 10.0


def speech(words: str, duration_s: float) -> rtc.AudioFrame:
    samples = int(SAMPLE_RATE_HZ * duration_s)
    return rtc.AudioFrame(b"\x10\x00" * samples, SAMPLE_RATE_HZ, 1, samples, userdata={CLAUSE: words})


class Playing:
    """A line whose pump runs without a room, and what it reported."""

    def __init__(self) -> None:
        self.line = LineOut()
        self.finished: asyncio.Queue[PlaybackFinishedEvent] = asyncio.Queue(8)
        self.started = asyncio.Event()
        self.line.on("playback_finished", self.finished.put_nowait)
        self.line.on("playback_started", lambda _: self.started.set())
        self.line.answered()
        self._tasks = TaskSet("test")
        self._tasks.start(self.line._pump(), name="pump")

    async def next_finished(self) -> PlaybackFinishedEvent:
        async with asyncio.timeout(DEADLINE_S):
            return await self.finished.get()

    async def aclose(self) -> None:
        await self._tasks.aclose()
        await self.line.aclose()


async def test_a_reply_played_to_its_end_is_reported_whole() -> None:
    playing = Playing()
    await playing.line.capture_frame(speech("Hello there.", 0.2))
    playing.line.flush()
    event = await playing.next_finished()
    assert not event.interrupted
    assert event.playback_position == pytest.approx(0.2)
    assert playing.line.heard_fraction == pytest.approx(1.0)
    await playing.aclose()


async def test_a_cut_reply_reports_only_the_words_that_were_played() -> None:
    playing = Playing()
    await playing.line.capture_frame(speech("one two three four five six seven eight nine ten", 5.0))
    playing.line.flush()
    async with asyncio.timeout(DEADLINE_S):
        await playing.started.wait()
    playing.line.clear_buffer()
    event = await playing.next_finished()
    assert event.interrupted
    assert event.playback_position < 1.0
    assert event.synchronized_transcript is not None
    assert "ten" not in event.synchronized_transcript
    await playing.aclose()


async def test_of_a_reply_that_was_still_being_made_nothing_counts_as_heard() -> None:
    playing = Playing()
    await playing.line.capture_frame(speech("One moment, please.", 0.2))
    async with asyncio.timeout(DEADLINE_S):
        await playing.started.wait()
        await playing.line._drained.wait()
    playing.line.clear_buffer()
    await playing.next_finished()
    assert playing.line.heard_fraction == 0.0
    await playing.aclose()


async def test_a_pause_loses_nothing_of_the_reply() -> None:
    playing = Playing()
    await playing.line.capture_frame(speech("Say it all.", 0.6))
    playing.line.flush()
    async with asyncio.timeout(DEADLINE_S):
        await playing.started.wait()
    playing.line.pause()
    assert playing.finished.empty()
    playing.line.resume()
    event = await playing.next_finished()
    assert not event.interrupted
    assert event.playback_position == pytest.approx(0.6)
    await playing.aclose()


async def test_the_end_of_a_cut_reply_does_not_end_the_next_one() -> None:
    playing = Playing()
    await playing.line.capture_frame(speech("Old.", 2.0))
    playing.line.flush()
    playing.line.clear_buffer()
    assert (await playing.next_finished()).interrupted
    await playing.line.capture_frame(speech("New.", 0.3))
    playing.line.flush()
    event = await playing.next_finished()
    assert not event.interrupted
    assert event.playback_position == pytest.approx(0.3)
    assert playing.finished.empty()
    await playing.aclose()


def test_a_word_cut_in_half_does_not_count_as_heard() -> None:
    reply = [Clause("You are booked.", 1.0), Clause("See you on Thursday.", 2.0)]
    assert heard_text(reply, 0.0) == ""
    assert heard_text(reply, 0.5) == "You"
    assert heard_text(reply, 1.0) == "You are booked."
    assert heard_text(reply, 2.2) == "You are booked. See you"
    assert heard_text(reply, 9.0) == "You are booked. See you on Thursday."


def test_of_a_clause_whose_audio_has_not_all_come_no_more_counts_as_heard_than_can_have_been_said() -> None:
    reply = [Clause("You are booked.", 1.0), Clause("See you on Thursday at three.", 0.3)]
    assert heard_text(reply, 1.3) == "You are booked. See you on Thursday at three."
    assert heard_text(reply, 1.3, is_whole=False) == "You are booked. See"
    assert heard_text(reply[:1], 1.0, is_whole=False) == "You are booked."


async def test_the_line_falls_silent_when_it_is_paused_and_not_again_when_what_is_left_is_dropped() -> None:
    playing = Playing()
    assert playing.line.stopped_at == 0.0
    await playing.line.capture_frame(speech("one two three four five", 5.0))
    playing.line.flush()
    async with asyncio.timeout(DEADLINE_S):
        await playing.started.wait()
    playing.line.pause()
    paused_at = playing.line.stopped_at
    assert paused_at >= playing.line.began_at > 0
    playing.line.clear_buffer()
    assert (await playing.next_finished()).interrupted
    assert playing.line.stopped_at == paused_at
    await playing.aclose()


async def test_a_reply_that_is_cut_without_a_pause_falls_silent_there() -> None:
    playing = Playing()
    await playing.line.capture_frame(speech("one two three four five", 5.0))
    playing.line.flush()
    async with asyncio.timeout(DEADLINE_S):
        await playing.started.wait()
    playing.line.clear_buffer()
    assert (await playing.next_finished()).interrupted
    assert playing.line.stopped_at >= playing.line.began_at > 0
    await playing.aclose()
