"""OpenAI's live transcription: LiveKit's plugin unchanged, real speech in real time, and events by OpenAI's own types.

Every stream of the plugin runs once, all at the same time, before the first test: speech takes as long as it takes.
"""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import numpy as np
import pytest
from livekit import rtc
from livekit.agents import APIConnectOptions, stt
from livekit.agents.utils import http_context
from livekit.plugins import openai
from openai.types.realtime import RealtimeServerEvent
from pydantic import TypeAdapter

from loadtest.caller.ulaw import Pcm, decode, encode
from loadtest.caller.voices import clips
from loadtest.emulators.gate import listening
from loadtest.emulators.ground_truth import GroundTruth
from loadtest.emulators.openai_listen import OpenAiListenEmulator
from loadtest.emulators.profiles import Fault
from tests.integration.emulators.served import KEY
from tests.integration.emulators.vendors_types import unknown

BOOK, YES, NEVER = "Hi, I'd like to book a cleaning.", "Yes, please.", "Thank you so much!"
RATE_HZ, WIDE_HZ = 8000, 24_000
_TRIES = APIConnectOptions(max_retry=2, retry_interval=0.1, timeout=2.0)
_LIMIT_S = 15.0
Kind = stt.SpeechEventType


@dataclass
class Case:
    """What is done to a stream: what is said, a second after each; faults of the first handshakes."""

    says: tuple[str, ...] = (BOOK, YES)
    faults: tuple[Fault, ...] = ()
    key: str = KEY
    model: str = "gpt-4o-mini-transcribe"


@dataclass
class Run:
    """What a stream of the plugin gave, and how it ended."""

    emulator: OpenAiListenEmulator
    events: list[tuple[Kind, str]] = field(default_factory=list)
    error: Exception | None = None

    def finals(self) -> list[str]:
        return [text for kind, text in self.events if kind is Kind.FINAL_TRANSCRIPT]


CASES = {
    "plain": Case(),
    "with keywords": Case(model="gpt-transcribe"),
    "unknown": Case(says=(NEVER, YES)),
    "wrong key": Case(key="another"),
    **{
        fault.value: Case(faults=(fault,))
        for fault in (Fault.LIMITED, Fault.FAILING, Fault.HANGING, Fault.MUTE, Fault.STALLING, Fault.MALFORMED,
                      Fault.DROPPING, Fault.WRONG_RATE)
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    return asyncio.run(_all(clips("hibari", [BOOK, YES, NEVER])))


async def _all(recordings: dict[str, Pcm]) -> dict[str, Run]:
    truth = GroundTruth()
    for text in (BOOK, YES):
        truth.register(text, recordings[text], RATE_HZ)
    done = await asyncio.gather(*(_run(case, truth, recordings) for case in CASES.values()))
    return dict(zip(CASES, done, strict=True))


async def _run(case: Case, truth: GroundTruth, recordings: dict[str, Pcm]) -> Run:
    run = Run(OpenAiListenEmulator(truth, key=KEY))
    for fault in case.faults:
        run.emulator.behaviour.planned.plan(fault)
    async with listening(run.emulator) as url, http_context.open():
        options: dict[str, Any] = {"keywords": ["cleaning"]} if case.model == "gpt-transcribe" else {}
        recogniser = openai.STT(
            model=case.model, api_key=case.key, base_url=f"{url}/v1", use_realtime=True, **options
        )  # fmt: skip
        stream = recogniser.stream(conn_options=_TRIES)
        speaking = asyncio.create_task(_speak(case, stream, recordings), name="speak")
        try:
            async with asyncio.timeout(_LIMIT_S):
                await _gather(stream, run, speaking)
        except Exception as error:  # the plugin lets through what aiohttp raises
            run.error = error
        finally:
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
            await stream.aclose()
            await recogniser.aclose()
    return run


async def _speak(case: Case, stream: stt.RecognizeStream, recordings: dict[str, Pcm]) -> None:
    """In real time, after a telephone line; then a second more."""
    audio = np.concatenate([np.pad(decode(encode(recordings[text])), (3200, 8000)) for text in case.says])
    size, clock = RATE_HZ // 20, asyncio.get_running_loop().time
    due_s = clock()
    for at in range(0, len(audio) - size, size):
        stream.push_frame(rtc.AudioFrame(audio[at : at + size].tobytes(), RATE_HZ, 1, size))
        due_s += 0.05
        await asyncio.sleep(due_s - clock())


async def _gather(stream: stt.RecognizeStream, run: Run, speaking: asyncio.Task[None]) -> None:
    """What comes until everything was said; the plugin's stream itself has no end while its socket is open."""
    reading = asyncio.create_task(_read(stream, run), name="read")
    try:
        await asyncio.wait({reading, speaking}, return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            await reading
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def _read(stream: stt.RecognizeStream, run: Run) -> None:
    async for event in stream:
        run.events.append((event.type, event.alternatives[0].text if event.alternatives else ""))


@pytest.mark.parametrize("name", ["plain", "with keywords"])
def test_what_is_said_is_heard(runs: dict[str, Run], name: str) -> None:
    assert runs[name].finals() == [BOOK, YES]
    kinds = [kind for kind, _ in runs[name].events]
    assert kinds[:2] == [Kind.START_OF_SPEECH, Kind.END_OF_SPEECH]
    assert kinds.count(Kind.RECOGNITION_USAGE) == 2
    assert runs[name].error is None


def test_unknown_speech_gives_no_words_and_is_counted(runs: dict[str, Run]) -> None:
    assert runs["unknown"].finals() == [YES]
    assert runs["unknown"].emulator.behaviour.counts()["unknown"] == 1


@pytest.mark.parametrize(("name", "status"), [("wrong key", 401), ("limited", 429), ("failing", 500)])
def test_a_refused_handshake_is_not_tried_again_and_its_error_is_aiohttps(
    runs: dict[str, Run], name: str, status: int
) -> None:
    assert isinstance(runs[name].error, aiohttp.WSServerHandshakeError)
    assert runs[name].error.status == status  # type: ignore[union-attr]
    assert runs[name].events == []


def test_a_handshake_that_is_never_answered_is_given_up(runs: dict[str, Run]) -> None:
    assert isinstance(runs["hanging"].error, TimeoutError)


@pytest.mark.parametrize("fault", ["mute", "malformed"])
def test_a_stream_that_yields_nothing_readable_gives_nothing_and_no_error(runs: dict[str, Run], fault: str) -> None:
    assert (runs[fault].events, runs[fault].error) == ([], None)


def test_a_stream_that_stalls_has_begun_and_gives_no_words(runs: dict[str, Run]) -> None:
    assert runs["stalling"].finals() == []
    assert runs["stalling"].events[0][0] is Kind.START_OF_SPEECH
    assert runs["stalling"].error is None


def test_a_stream_that_is_closed_is_opened_again_and_the_next_utterance_is_heard(runs: dict[str, Run]) -> None:
    assert runs["dropping"].finals()[-1] == YES
    assert runs["dropping"].emulator.behaviour.counts()["streams"] == 2


def test_audio_taken_at_another_rate_is_nobodys_words(runs: dict[str, Run]) -> None:
    assert runs["wrong-rate"].finals() == []
    assert runs["wrong-rate"].emulator.behaviour.counts()["unknown"] >= 1


_EVENT: TypeAdapter[Any] = TypeAdapter(RealtimeServerEvent)
_SESSION = {
    "type": "transcription",
    "audio": {
        "input": {
            "format": {"type": "audio/pcm", "rate": WIDE_HZ},
            "transcription": {"model": "gpt-4o-mini-transcribe", "language": "en"},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 350},
        }
    },
}


async def told(*sent: dict[str, Any], last: str) -> list[dict[str, Any]]:
    """What a client of our own is told until an event of that type."""
    truth = GroundTruth()
    truth.register(YES, clips("hibari", [YES])[YES], RATE_HZ)
    emulator, headers = OpenAiListenEmulator(truth, key=KEY), {"Authorization": f"Bearer {KEY}"}
    come: list[dict[str, Any]] = []
    async with (
        listening(emulator) as url, http_context.open() as session,
        session.ws_connect(f"{url}/v1/realtime?intent=transcription", headers=headers) as socket,
        asyncio.timeout(_LIMIT_S),
    ):  # fmt: skip
        for message in sent:
            await socket.send_json(message)
        while not come or come[-1]["type"] != last:
            come.append(json.loads((await socket.receive()).data))
    return come


def spoken() -> dict[str, Any]:
    wide = np.repeat(np.pad(clips("hibari", [YES])[YES], (4000, 8000)), WIDE_HZ // RATE_HZ)
    return {"type": "input_audio_buffer.append", "audio": base64.b64encode(wide.tobytes()).decode()}


_TRANSCRIBED = "conversation.item.input_audio_transcription"


@pytest.mark.parametrize("is_cut_by_client", [False, True])
async def test_every_event_is_of_the_vendors_schema(is_cut_by_client: bool) -> None:
    session = json.loads(json.dumps(_SESSION))
    if is_cut_by_client:
        session["audio"]["input"]["turn_detection"] = None
    updated, commit = {"type": "session.update", "session": session}, {"type": "input_audio_buffer.commit"}
    come = await told(updated, spoken(), *([commit] if is_cut_by_client else []), last=f"{_TRANSCRIBED}.completed")
    for event in come:
        checked = _EVENT.validate_python(event)
        assert [*unknown(checked)] == [], event["type"]
    kinds = [event["type"] for event in come]
    assert kinds[:2] == ["session.created", "session.updated"]
    assert ("input_audio_buffer.speech_started" in kinds) is not is_cut_by_client
    assert kinds[-5:] == [
        "input_audio_buffer.committed", "conversation.item.added", *[f"{_TRANSCRIBED}.delta"] * 2,
        f"{_TRANSCRIBED}.completed",
    ]  # fmt: skip
    assert come[-1]["transcript"] == "".join(event["delta"] for event in come[-3:-1]) == YES


async def test_what_is_told_of_a_cleared_buffer_is_of_the_vendors_schema() -> None:
    come = await told({"type": "input_audio_buffer.clear"}, last="input_audio_buffer.cleared")
    assert [*unknown(_EVENT.validate_python(come[-1]))] == []


@pytest.mark.parametrize(
    "sent",
    [
        {"type": "response.create"},
        {"type": "session.update", "session": {"type": "realtime"}},
        {"type": "session.update", "session": {**_SESSION, "audio": {"input": {"format": {"type": "audio/pcmu"}}}}},
        {"type": "session.update", "session": {**_SESSION, "audio": {"input": {"transcription": {}}}}},
        {"type": "input_audio_buffer.append", "audio": "?"},
        {"type": "input_audio_buffer.commit"},
    ],
)
async def test_an_event_the_api_refuses_is_answered_with_an_error_of_its_schema(sent: dict[str, Any]) -> None:
    come = await told(sent, last="error")
    checked = _EVENT.validate_python(come[-1])
    assert checked.error.type == "invalid_request_error"
    assert [*unknown(checked)] == []
