"""Deepgram's recognisers: LiveKit's plugin unchanged, real speech in real time.

Every stream of this module runs once, all at the same time, before the first test: speech takes as long as it takes.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import numpy as np
import pytest
from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, APIStatusError, stt
from livekit.plugins import deepgram

from loadtest.caller.ulaw import Pcm, decode, encode
from loadtest.caller.voices import clips, resample
from loadtest.emulators.behaviour import Behaviour
from loadtest.emulators.deepgram_listen import DeepgramListenEmulator
from loadtest.emulators.gate import listening
from loadtest.emulators.ground_truth import GroundTruth
from loadtest.emulators.profiles import LISTEN_PROFILES, Fault
from loadtest.emulators.word_errors import WordErrors

KEY = "test-key"
BOOK, YES, NEVER = "Hi, I'd like to book a cleaning.", "Yes, please.", "Thank you so much!"
RATE_HZ = 16_000
_TRIES = APIConnectOptions(max_retry=2, retry_interval=0.1, timeout=2.0)
_ONCE = APIConnectOptions(max_retry=0, timeout=5.0)
_LIMIT_S = 10.0
#: Chunks of 50 ms: options change when the stream is open for sure. The plugin forgets a change that comes before.
_CHANGED_AT = 20
Kind = stt.SpeechEventType


@dataclass
class Run:
    """One stream of the plugin: what it gave, how it ended, and what the emulator saw of it."""

    emulator: DeepgramListenEmulator
    events: list[tuple[Kind, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    error: APIError | None = None

    def said(self, kind: Kind) -> list[str]:
        return [text for each, text in self.events if each is kind]


@dataclass
class Case:
    """What is done to a stream.

    Attributes:
        says: recordings, with a second after each.
        faults: of the first handshakes; the later ones are good.
        options: of the plugin; `changed` while it runs.
        limit_s: the client gives up then.
    """

    says: tuple[str, ...] = (BOOK,)
    is_flux: bool = False
    faults: tuple[Fault, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    changed: dict[str, Any] = field(default_factory=dict)
    key: str = KEY
    tries: APIConnectOptions = _TRIES
    errors: WordErrors = field(default_factory=WordErrors)
    limit_s: float = _LIMIT_S


_MISHEARD = WordErrors(1.0, 4)
CASES = {
    "plain": Case(options={"keyterm": ["Riverside Dental", "cleaning"]}),
    "narrow": Case(options={"sample_rate": 8000}),
    "wide": Case(options={"sample_rate": 48_000}),
    "two": Case(says=(BOOK, YES)),
    "unknown": Case(says=(NEVER, YES)),
    "misheard": Case(errors=_MISHEARD),
    "spared": Case(errors=_MISHEARD, options={"keyterm": [BOOK]}),
    "changed": Case(says=(YES, YES), changed={"keyterm": ["Linda Baker"]}),
    "flux": Case(is_flux=True, options={"eager_eot_threshold": 0.4, "keyterm": ["cleaning"]}),
    "flux-two": Case(says=(BOOK, YES), is_flux=True),
    "flux-unknown": Case(says=(NEVER,), is_flux=True),
    "flux-changed": Case(is_flux=True, errors=_MISHEARD, changed={"keyterm": [BOOK]}),
    "wrong key": Case(key="another", tries=_ONCE),
    "flux wrong key": Case(key="another", tries=_ONCE, is_flux=True),
    "dripping": Case(faults=(Fault.DRIPPING,), limit_s=4.0),
    **{
        f"{prefix}{fault.value}": Case(faults=(fault,), is_flux=bool(prefix), says=(BOOK, YES))
        for prefix in ("", "flux ")
        for fault in (
            Fault.LIMITED, Fault.FAILING, Fault.HANGING, Fault.MUTE, Fault.STALLING, Fault.MALFORMED, Fault.DROPPING,
            Fault.WRONG_RATE,
        )
    },
    "no more tries": Case(faults=(Fault.LIMITED,), tries=_ONCE),
}  # fmt: skip


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    recordings = clips("hibari", [BOOK, YES, NEVER])
    return asyncio.run(_all(recordings))


async def _all(recordings: dict[str, Pcm]) -> dict[str, Run]:
    truth = GroundTruth()
    for text in (BOOK, YES):
        truth.register(text, recordings[text], 8000)
    done = await asyncio.gather(*(_run(case, truth, recordings) for case in CASES.values()))
    return dict(zip(CASES, done, strict=True))


async def _run(case: Case, truth: GroundTruth, recordings: dict[str, Pcm]) -> Run:
    emulator = DeepgramListenEmulator(
        truth=truth, key=KEY, errors=case.errors, listen=Behaviour(), flux=Behaviour(LISTEN_PROFILES["flux"])
    )
    run = Run(emulator)
    for fault in case.faults:
        (emulator.flux if case.is_flux else emulator.listen).planned.plan(fault)
    async with listening(emulator) as url, aiohttp.ClientSession() as session:
        recogniser = _plugin(case, url, session)
        stream = recogniser.stream(conn_options=case.tries)
        speaking = asyncio.create_task(_speak(case, recogniser, stream, recordings), name="speak")
        try:
            async with asyncio.timeout(case.limit_s):
                await _gather(stream, run)
        except TimeoutError:
            assert case.limit_s < _LIMIT_S
        except APIError as error:
            run.error = error
        finally:
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
            await stream.aclose()
            await recogniser.aclose()
    return run


def _plugin(case: Case, url: str, session: aiohttp.ClientSession) -> deepgram.STT | deepgram.STTv2:
    options: dict[str, Any] = {"api_key": case.key, "http_session": session, **case.options}
    if case.is_flux:
        return deepgram.STTv2(base_url=f"{url}/v2/listen", **options)
    return deepgram.STT(base_url=f"{url}/v1/listen", **options)


async def _speak(
    case: Case, recogniser: deepgram.STT | deepgram.STTv2, stream: stt.RecognizeStream, recordings: dict[str, Pcm]
) -> None:
    """In real time, after a telephone line."""
    rate_hz = case.options.get("sample_rate", RATE_HZ)
    audio = np.concatenate([_on_the_wire(recordings[text], rate_hz) for text in case.says])
    size, clock = rate_hz // 20, asyncio.get_running_loop().time
    due_s = clock()
    for at in range(0, len(audio) - size, size):
        stream.push_frame(rtc.AudioFrame(audio[at : at + size].tobytes(), rate_hz, 1, size))
        due_s += 0.05
        await asyncio.sleep(due_s - clock())
        if at == _CHANGED_AT * size and case.changed:
            recogniser.update_options(**case.changed)
    stream.end_input()


def _on_the_wire(recording: Pcm, rate_hz: int) -> Pcm:
    """With 0.4 s before it and a second after."""
    heard = np.pad(decode(encode(recording)), (3200, 8000))
    if rate_hz == 8000:
        return heard
    return np.clip(resample(heard.astype(np.float32), 8000, rate_hz), -32768, 32767).astype(np.int16)


async def _gather(stream: stt.RecognizeStream, run: Run) -> None:
    async for event in stream:
        if event.type is Kind.RECOGNITION_USAGE:
            continue
        best = event.alternatives[0] if event.alternatives else None
        run.events.append((event.type, best.text if best is not None else ""))
        if event.type is Kind.FINAL_TRANSCRIPT and best is not None:
            run.words += [str(word) for word in best.words or []]


@pytest.mark.parametrize("name", ["plain", "narrow", "wide", "spared", "flux"])
def test_what_is_said_comes_as_interims_that_grow_and_then_as_the_truth(runs: dict[str, Run], name: str) -> None:
    run = runs[name]
    assert run.said(Kind.FINAL_TRANSCRIPT) == [BOOK]
    kinds = [kind for kind, _ in run.events]
    assert kinds[0] is Kind.START_OF_SPEECH
    assert kinds[-2:] == [Kind.FINAL_TRANSCRIPT, Kind.END_OF_SPEECH]
    interims = run.said(Kind.INTERIM_TRANSCRIPT)
    assert len(interims) > 2
    assert [len(text) for text in interims] == sorted(len(text) for text in interims)
    assert run.error is None


@pytest.mark.parametrize("name", ["plain", "flux"])
def test_words_come_with_their_times_and_keyterms_arrive(runs: dict[str, Run], name: str) -> None:
    run = runs[name]
    assert run.words == BOOK.split()
    assert list(run.emulator.opened[0].keyterms) == CASES[name].options["keyterm"]


@pytest.mark.parametrize("name", ["two", "flux-two"])
def test_one_stream_hears_one_utterance_after_the_other(runs: dict[str, Run], name: str) -> None:
    assert runs[name].said(Kind.FINAL_TRANSCRIPT) == [BOOK, YES]
    assert [kind for kind, _ in runs[name].events].count(Kind.END_OF_SPEECH) == 2


def test_flux_tells_of_an_end_that_is_likely_before_it_is_sure(runs: dict[str, Run]) -> None:
    kinds = [kind for kind, _ in runs["flux"].events]
    assert kinds.index(Kind.PREFLIGHT_TRANSCRIPT) < kinds.index(Kind.FINAL_TRANSCRIPT)
    assert runs["flux"].said(Kind.PREFLIGHT_TRANSCRIPT)[-1] == BOOK


def test_unknown_speech_gives_no_words_and_is_counted(runs: dict[str, Run]) -> None:
    assert runs["unknown"].said(Kind.FINAL_TRANSCRIPT) == [YES]
    assert runs["flux-unknown"].events == []
    assert runs["unknown"].emulator.listen.counts()["unknown"] == 1
    assert runs["flux-unknown"].emulator.flux.counts()["unknown"] == 1


def test_mistakes_are_those_of_the_seed_and_not_in_keyterms(runs: dict[str, Run]) -> None:
    (utterance,) = [each for each in runs["misheard"].emulator.truth.utterances if each.text == BOOK]
    expected = [text for index in range(len(utterance.words)) for text in _MISHEARD.heard(utterance, index).texts]
    assert runs["misheard"].said(Kind.FINAL_TRANSCRIPT) == [" ".join(expected)]
    assert runs["spared"].said(Kind.FINAL_TRANSCRIPT) == [BOOK]


def test_the_plugin_asks_again_when_keyterms_change_and_flux_takes_them_in_band(runs: dict[str, Run]) -> None:
    assert [options.keyterms for options in runs["changed"].emulator.opened] == [(), ("Linda Baker",)]
    assert runs["changed"].said(Kind.FINAL_TRANSCRIPT)[-1] == YES
    assert len(runs["flux-changed"].emulator.opened) == 1
    assert runs["flux-changed"].said(Kind.FINAL_TRANSCRIPT) == [BOOK]


@pytest.mark.parametrize("prefix", ["", "flux "])
@pytest.mark.parametrize("fault", ["limited", "failing", "hanging"])
def test_a_handshake_that_fails_once_is_tried_again_and_nothing_is_lost(
    runs: dict[str, Run], prefix: str, fault: str
) -> None:
    run = runs[prefix + fault]
    assert run.said(Kind.FINAL_TRANSCRIPT) == [BOOK, YES]
    assert len(run.emulator.opened) == 1 + (fault == "hanging")


@pytest.mark.parametrize(("name", "status"), [("wrong key", 401), ("flux wrong key", 401), ("no more tries", 429)])
def test_a_refused_handshake_is_an_error_with_its_status(runs: dict[str, Run], name: str, status: int) -> None:
    error = runs[name].error
    assert error is not None
    causes = [error, error.__cause__, error.__context__]
    assert status in [each.status_code for each in causes if isinstance(each, APIStatusError)]
    assert runs[name].events == []


@pytest.mark.parametrize("prefix", ["", "flux "])
@pytest.mark.parametrize("fault", ["mute", "malformed"])
def test_a_stream_that_yields_nothing_readable_gives_nothing_and_no_error(
    runs: dict[str, Run], prefix: str, fault: str
) -> None:
    assert (runs[prefix + fault].events, runs[prefix + fault].error) == ([], None)


@pytest.mark.parametrize("prefix", ["", "flux "])
def test_a_stream_that_stalls_has_begun_and_never_ends(runs: dict[str, Run], prefix: str) -> None:
    run = runs[f"{prefix}stalling"]
    assert [kind for kind, _ in run.events] == [Kind.START_OF_SPEECH, Kind.INTERIM_TRANSCRIPT]
    assert run.error is None


@pytest.mark.parametrize("prefix", ["", "flux "])
def test_audio_taken_at_another_rate_is_nobodys_words(runs: dict[str, Run], prefix: str) -> None:
    run = runs[f"{prefix}wrong-rate"]
    assert not any(text for _, text in run.events)
    assert (run.emulator.flux if prefix else run.emulator.listen).counts()["unknown"] >= 1


@pytest.mark.parametrize("prefix", ["", "flux "])
def test_a_stream_that_is_closed_in_mid_speech_is_opened_again_and_the_next_utterance_is_heard(
    runs: dict[str, Run], prefix: str
) -> None:
    run = runs[f"{prefix}dropping"]
    assert len(run.emulator.opened) == 2
    assert run.said(Kind.FINAL_TRANSCRIPT)[-1] == YES
    assert run.error is None


def test_a_dripping_stream_is_late(runs: dict[str, Run]) -> None:
    assert 1 <= len(runs["dripping"].events) <= 3
    assert runs["dripping"].said(Kind.FINAL_TRANSCRIPT) == []
