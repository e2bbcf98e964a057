"""A caller's audio at its own pace through the local recogniser: what LiveKit is told, and in which order."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import inference, stt
from numpy.typing import NDArray

from agent.dialogue.cues import cue as cue_for
from agent.domain.events import INAUDIBLE
from agent.domain.facts import Expect
from agent.inference.client import InferenceClient
from agent.inference.messages import Transcript
from agent.providers.edges import without_edges
from agent.providers.local_stream import SAMPLE_RATE_HZ, Ears, ListeningOptions
from agent.providers.local_stt import LocalSTT
from tests.integration.inference.telephone import LINE_RATE_HZ, over_the_line
from tests.providers import Anything, NeverOver
from tests.unit.domain.desk import TENANT

INTERIM = stt.SpeechEventType.INTERIM_TRANSCRIPT
PREFLIGHT = stt.SpeechEventType.PREFLIGHT_TRANSCRIPT
FINAL = stt.SpeechEventType.FINAL_TRANSCRIPT
Audio = NDArray[np.int16]
Events = dict[str, list[stt.SpeechEvent]]
_FRAME = SAMPLE_RATE_HZ // 50
_PATIENT = ListeningOptions()


async def spoken(speech: InferenceClient, text: str) -> Audio:
    """`text` as it arrives from the telephone line, at SAMPLE_RATE_HZ."""
    said = await speech.synthesize(text, deadline_s=20)
    line = np.frombuffer(over_the_line(without_edges(said.pcm), said.sample_rate_hz), "<i2")
    return np.repeat(line, SAMPLE_RATE_HZ // LINE_RATE_HZ)


def silence(seconds: float) -> Audio:
    return np.zeros(int(seconds * SAMPLE_RATE_HZ), np.int16)


async def heard(ears: Ears, *parts: Audio) -> list[stt.SpeechEvent]:
    """Speak the parts one after another and wait until all is decided."""
    audio = np.concatenate([silence(0.5), *parts, silence(2.0)])
    events: list[stt.SpeechEvent] = []

    async def collect() -> None:
        events.extend([event async for event in stream])

    async with LocalSTT(ears).stream() as stream:
        collecting = asyncio.create_task(collect(), name="test.collect")
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(len(audio) // _FRAME):
            frame = audio[number * _FRAME : (number + 1) * _FRAME].tobytes()
            stream.push_frame(rtc.AudioFrame(frame, SAMPLE_RATE_HZ, 1, _FRAME))
            await asyncio.sleep(began + (number + 1) / 50 - loop.time())
        stream.end_input()
        await collecting
    return [event for event in events if event.type in (INTERIM, PREFLIGHT, FINAL)]


def texts(events: list[stt.SpeechEvent], kind: stt.SpeechEventType) -> list[str]:
    return [event.alternatives[0].text for event in events if event.type is kind]


class HeardOnce:
    """A recogniser that finds nobody whenever it is asked about an utterance again."""

    def __init__(self, speech: InferenceClient) -> None:
        self._speech = speech
        self._asked = False

    async def transcribe(self, pcm: bytes, **options: Any) -> Transcript:
        transcript = await self._speech.transcribe(pcm, **options)
        again, self._asked = self._asked, True
        return replace(transcript, text="") if again else transcript


class Number(Anything):
    """Ten digits are expected; a few more or one or two less are a mistake."""

    cue = cue_for(Expect.PHONE, TENANT)

    def is_over(self, text: str) -> bool:
        return len(digits(text)) >= 10

    def is_misheard(self, text: str) -> bool:
        return len(digits(text)) > 10 or len(digits(text)) in (8, 9)


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)


async def listen_to_all(path: Path) -> Events:
    """Every caller of this file at the same time: they speak in real time, and nobody need wait for the others."""
    nobody = path.with_name("nobody.sock")
    async with InferenceClient(path) as speech, InferenceClient(nobody) as deaf:
        plain = Ears(speech, inference.VAD(min_silence_duration=0.1), Anything())
        number = replace(plain, expectation=Number())
        hiss = np.random.default_rng(3).normal(0, 300, SAMPLE_RATE_HZ).astype(np.int16)
        first = await spoken(speech, "five five five, zero one two")
        second = await spoken(speech, "three four five six.")
        callers = {
            "plain": heard(plain, await spoken(speech, "Can I speak to a real person, please?")),
            "two breaths": heard(number, first, silence(0.7), second),
            "too many": heard(number, await spoken(speech, "five five five, five nine eight, nine eight one three.")),
            "one short": heard(number, await spoken(speech, "six four five, five five five, five three eight six.")),
            "once": heard(
                replace(plain, client=cast(InferenceClient, HeardOnce(speech)), expectation=NeverOver()),
                await spoken(speech, "Nancy Young."),
            ),
            "unfinished": heard(replace(plain, expectation=NeverOver()), await spoken(speech, "I would like to")),
            "long": heard(
                replace(plain, options=replace(_PATIENT, interim_every_s=0.8)),
                await spoken(speech, "I was wondering whether you could possibly find me something later in the week."),
            ),
            "deaf": heard(
                replace(plain, client=deaf, options=replace(_PATIENT, deadline_s=0.3)),
                await spoken(speech, "Hello there, is anybody in?"),
            ),
            "noise": heard(plain, hiss),
        }
        return dict(zip(callers, await asyncio.gather(*callers.values()), strict=True))


@pytest.fixture(scope="module")
def events(speech_process: Path) -> Events:
    return asyncio.run(listen_to_all(speech_process))


def test_words_come_early_and_then_for_good(events: Events) -> None:
    told = events["plain"]
    assert [event.type for event in told[-2:]] == [PREFLIGHT, FINAL]
    assert texts(told, PREFLIGHT)[-1:] == texts(told, FINAL)
    assert "real person" in texts(told, FINAL)[0]


def test_a_number_said_in_two_breaths_is_one_utterance(events: Events) -> None:
    (final,) = texts(events["two breaths"], FINAL)
    assert digits(final) == "5550123456"
    assert "555012" in [digits(text) for text in texts(events["two breaths"], PREFLIGHT)]


def test_digits_too_many_are_listened_to_once_more(events: Events) -> None:
    told = [digits(text) for text in texts(events["too many"], PREFLIGHT)]
    assert max(map(len, told)) > 10, "every look heard it right: this test wants a harder number"
    assert [digits(text) for text in texts(events["too many"], FINAL)] == ["5555989813"]


def test_a_number_that_two_looks_mishear_is_heard_by_the_third(events: Events) -> None:
    told = [digits(text) for text in texts(events["one short"], PREFLIGHT)]
    assert len([each for each in told if len(each) != 10]) >= 2, "an earlier look heard it right: take a harder number"
    assert [digits(text) for text in texts(events["one short"], FINAL)] == ["6455555386"]


def test_words_that_finish_nothing_are_believed_in_the_end(events: Events) -> None:
    assert len(texts(events["unfinished"], FINAL)) == 1


def test_words_that_a_second_look_does_not_find_are_not_lost(events: Events) -> None:
    assert texts(events["once"], FINAL) == texts(events["once"], PREFLIGHT)
    assert len(texts(events["once"], FINAL)) == 1


def test_of_a_long_utterance_there_are_interims(events: Events) -> None:
    assert [text for text in texts(events["long"], INTERIM) if "wondering" in text]
    assert events["long"][-1].type is FINAL


def test_speech_that_cannot_be_recognised_is_still_a_turn(events: Events) -> None:
    assert texts(events["deaf"], FINAL) == [INAUDIBLE]


def test_noise_is_no_turn(events: Events) -> None:
    assert events["noise"] == []
