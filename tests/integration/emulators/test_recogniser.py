"""The chain of recognisers: the official plugins under our turn-taking, real speech in real time, faults in a call.

Every call of this module is made once, many at the same time, before the first test: speech takes as long as it takes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import aiohttp
import numpy as np
import pytest
from livekit import rtc
from livekit.agents import inference, stt, vad

from agent.domain.errors import Blame, ConfigError
from agent.domain.providers import AllClosed, Kind, Unit, Unreported, parse_chain
from agent.providers.hosted_stream import Hearing
from agent.providers.recogniser import open_recogniser
from agent.runtime.accounts import Accounts
from loadtest.caller.ulaw import Pcm, decode, encode
from loadtest.caller.voices import clips, resample
from loadtest.emulators.behaviour import Behaviour
from loadtest.emulators.deepgram_listen import DeepgramListenEmulator
from loadtest.emulators.gate import listening
from loadtest.emulators.ground_truth import GroundTruth
from loadtest.emulators.profiles import LISTEN_PROFILES, Fault
from tests.providers import Anything, NeverOver, Reported

KEY, RATE_HZ, FRAME = "test-key", 16_000, 320
BOOK, YES = "Hi, I'd like to book a cleaning.", "Yes, please."
NOVA, FLUX = "deepgram/nova-3", "deepgram/flux-general-en"
_LIMIT_S = 15.0
#: One process hears and emulates; a busier one would be late and its recognisers suspected.
_AT_ONCE = 5
_Kind = stt.SpeechEventType
FAULTS = (
    Fault.LIMITED, Fault.FAILING, Fault.HANGING, Fault.MUTE, Fault.STALLING, Fault.DRIPPING, Fault.MALFORMED,
    Fault.WRONG_RATE,
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One call.

    Attributes:
        says: recordings; None is noise; `gap_s` of silence follows each.
        finals: how many utterances to wait for.
        faults: of nova-3's handshakes, in order; `flux_faults`: of Flux's.
    """

    chain: str = f"{NOVA},{FLUX}"
    says: tuple[str | None, ...] = (BOOK,)
    gap_s: float = 1.2
    finals: int = 1
    faults: tuple[Fault, ...] = ()
    flux_faults: tuple[Fault, ...] = ()
    key: str = KEY
    expectation: Anything = field(default_factory=Anything)


_BOTH = (BOOK, YES)
_CASES = {
    "nova": Case(chain=NOVA, says=_BOTH, finals=2),
    "flux": Case(chain=FLUX, says=_BOTH, finals=2),
    "hesitating": Case(chain=NOVA, says=_BOTH, gap_s=0.6, expectation=NeverOver()),
    "hesitating, flux": Case(chain=FLUX, says=_BOTH, gap_s=0.6, finals=2, expectation=NeverOver()),
    "noise": Case(says=(None, YES)),
    "dropping": Case(says=_BOTH, finals=2, faults=(Fault.DROPPING,)),
    "dropping twice": Case(says=_BOTH, finals=2, faults=(Fault.DROPPING, Fault.DROPPING)),
    "dropping, then failing": Case(faults=(Fault.DROPPING, Fault.FAILING)),
    "wrong key": Case(key="another", finals=0, says=(YES,)),
    "all down, then back": Case(faults=(Fault.FAILING,), flux_faults=(Fault.FAILING,)),
    "mute, flux": Case(chain=f"{FLUX},{NOVA}", flux_faults=(Fault.MUTE,)),
    "mute, alone": Case(chain=NOVA, faults=(Fault.MUTE,)),
    **{fault.value: Case(faults=(fault,)) for fault in FAULTS},
}


@dataclass
class Call:
    """What came of a case."""

    emulator: DeepgramListenEmulator
    ledger: Reported = field(default_factory=Reported)
    events: list[stt.SpeechEvent] = field(default_factory=list)
    errors: list[Any] = field(default_factory=list)
    sockets_before_audio: int = 0

    def said(self, kind: stt.SpeechEventType) -> list[str]:
        return [event.alternatives[0].text for event in self.events if event.type is kind]

    @property
    def finals(self) -> list[str]:
        return self.said(_Kind.FINAL_TRANSCRIPT)


@pytest.fixture(scope="module")
def calls() -> dict[str, Call]:
    return asyncio.run(_all(clips("hibari", [BOOK, YES])))


async def _all(recordings: dict[str, Pcm]) -> dict[str, Call]:
    truth = GroundTruth()
    for text, pcm in recordings.items():
        truth.register(text, pcm, 8000)
    detector = inference.VAD(min_silence_duration=0.1)
    lines = asyncio.Semaphore(_AT_ONCE)

    async def one(case: Case) -> Call:
        async with lines:
            return await _call(case, truth, detector)

    done = await asyncio.gather(*map(one, _CASES.values()))
    return dict(zip(_CASES, done, strict=True))


async def _call(case: Case, truth: GroundTruth, detector: vad.VAD) -> Call:
    nova, flux = (Behaviour(LISTEN_PROFILES[name]) for name in ("nova-3", "flux"))
    call = Call(DeepgramListenEmulator(truth=truth, key=KEY, listen=nova, flux=flux))
    for fault in case.faults:
        call.emulator.listen.planned.plan(fault)
    for fault in case.flux_faults:
        call.emulator.flux.planned.plan(fault)
    async with listening(call.emulator) as url, aiohttp.ClientSession() as http:
        chain, accounts = parse_chain(Kind.STT, case.chain), _accounts(url, case.key)
        hearing = Hearing(detector, case.expectation)
        recogniser = open_recogniser(chain, accounts, http, hearing, None, (), AllClosed(), call.ledger)
        recogniser.on("error", call.errors.append)
        stream = recogniser.stream()
        gathering = asyncio.create_task(_gather(stream, call, case), name="gather")
        try:
            with contextlib.suppress(TimeoutError):  # what did not come is for the tests to say
                async with asyncio.timeout(_LIMIT_S):
                    await _opened(call)
                    await _speak(case, stream, gathering)
        finally:
            gathering.cancel()
            await asyncio.gather(gathering, return_exceptions=True)
            await stream.aclose()
            await recogniser.aclose()
    return call


def _accounts(url: str, key: str = KEY) -> Accounts:
    return Accounts.model_validate({"DEEPGRAM_API_KEY": key, "deepgram_url": url})


async def _opened(call: Call) -> None:
    """The caller rings for a moment: who connects by itself has connected, and audio is not what makes it."""
    for _ in range(20):
        call.sockets_before_audio = len(call.emulator.opened)
        if call.sockets_before_audio:
            return
        await asyncio.sleep(0.01)


async def _speak(case: Case, stream: stt.RecognizeStream, heard: asyncio.Task[None]) -> None:
    """In real time, after a telephone line; then the line stays open until enough was heard."""
    clock = asyncio.get_running_loop().time
    due_s = clock()
    for frame in _frames(case):
        stream.push_frame(rtc.AudioFrame(frame, RATE_HZ, 1, FRAME))
        due_s += FRAME / RATE_HZ
        await asyncio.sleep(due_s - clock())
        if heard.done():
            return


@cache
def _line(says: tuple[str | None, ...], gap_s: float) -> Pcm:
    """What the line carries: half a second of nothing, and what is said with its gaps."""
    recordings = clips("hibari", [text for text in says if text is not None])
    gap = np.zeros(int(gap_s * 8000), dtype=np.int16)
    parts = [np.zeros(4000, dtype=np.int16)]
    for text in says:
        parts += [_clatter() if text is None else recordings[text], gap]
    line = decode(encode(np.concatenate(parts))).astype(np.float32)
    return np.clip(resample(line, 8000, RATE_HZ), -32768, 32767).astype(np.int16)


def _frames(case: Case) -> Iterator[bytes]:
    audio = _line(case.says, case.gap_s)
    for at in range(0, len(audio) - FRAME, FRAME):
        yield audio[at : at + FRAME].tobytes()
    while case.finals:
        yield bytes(2 * FRAME)


def _clatter() -> Pcm:
    """Half a second that a detector takes for speech, and no recogniser for words."""
    times = np.arange(4000) / 8000
    voice = sum(np.sin(2 * np.pi * 140 * harmonic * times) / harmonic for harmonic in range(1, 12))
    return (6000 * voice * np.hanning(4000)).astype(np.int16)


async def _gather(stream: stt.RecognizeStream, call: Call, case: Case) -> None:
    async for event in stream:
        call.events.append(event)
        if case.finals and len(call.finals) >= case.finals:
            return


@pytest.mark.parametrize("name", ["nova", "flux"])
def test_each_utterance_comes_as_interims_then_early_and_then_for_good(calls: dict[str, Call], name: str) -> None:
    call = calls[name]
    assert call.finals == [BOOK, YES]
    assert call.said(_Kind.PREFLIGHT_TRANSCRIPT) == [BOOK, YES]
    assert len(call.said(_Kind.INTERIM_TRANSCRIPT)) > 2
    assert call.sockets_before_audio == 1
    finals = [event for event in call.events if event.type is _Kind.FINAL_TRANSCRIPT]
    assert all(event.speech_end_time is not None and event.speech_end_time < event.created_at for event in finals)


def test_a_caller_who_hesitates_is_one_utterance(calls: dict[str, Call]) -> None:
    call = calls["hesitating"]
    assert call.finals == [f"{BOOK} {YES}"]
    assert call.said(_Kind.PREFLIGHT_TRANSCRIPT) == [BOOK, f"{BOOK} {YES}"]


def test_a_recogniser_that_knows_the_turn_has_ended_is_believed_before_our_patience(calls: dict[str, Call]) -> None:
    assert calls["hesitating, flux"].finals == [BOOK, YES]


def test_each_utterance_and_all_audio_are_reported(calls: dict[str, Call]) -> None:
    ledger = calls["nova"].ledger
    assert [each.blame for each in ledger.attempts] == [Blame.SUCCESS] * 2
    assert all(each.first_s is not None and 0 < each.first_s < 1.5 for each in ledger.attempts)
    assert {each.unit for each in ledger.uses} == {Unit.AUDIO_S}
    heard_s = calls["nova"].emulator.listen.counts()["audio_ms"] / 1000
    assert sum(each.amount for each in ledger.uses) == pytest.approx(heard_s, abs=0.3)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_recogniser_that_fails_is_replaced_and_no_word_is_lost(calls: dict[str, Call], fault: Fault) -> None:
    call = calls[fault.value]
    assert call.finals == [BOOK]
    ((failed, _),) = call.ledger.failures()
    assert failed == NOVA
    assert [each.provider.name for each in call.ledger.attempts if each.blame is Blame.SUCCESS] == [FLUX]
    assert call.errors == []


@pytest.mark.parametrize(("fault", "reason"), [("limited", "status 429"), ("failing", "status 500"), ("mute", "mute")])
def test_why_it_failed_is_reported(calls: dict[str, Call], fault: str, reason: str) -> None:
    assert calls[fault].ledger.failures() == [(NOVA, reason)]


def test_flux_that_yields_nothing_is_found_out_too(calls: dict[str, Call]) -> None:
    call = calls["mute, flux"]
    assert call.finals == [BOOK]
    assert call.ledger.failures() == [(FLUX, "mute")]


def test_a_broken_connection_is_opened_again_and_nothing_is_lost(calls: dict[str, Call]) -> None:
    call = calls["dropping"]
    assert call.finals == [BOOK, YES]
    assert [options.model for options in call.emulator.opened] == ["nova-3", "nova-3"]


@pytest.mark.parametrize("name", ["dropping twice", "dropping, then failing"])
def test_one_that_breaks_again_is_given_up(calls: dict[str, Call], name: str) -> None:
    call = calls[name]
    assert call.finals == list(_CASES[name].says)
    assert [name for name, _ in call.ledger.failures()] == [NOVA, NOVA]
    assert call.errors == []


def test_noise_is_nobodys_fault(calls: dict[str, Call]) -> None:
    call = calls["noise"]
    assert call.finals == [YES]
    assert call.ledger.failures() == []
    assert [each.provider.name for each in call.ledger.attempts] == [NOVA]


def test_one_that_is_mute_and_has_no_spare_is_tried_again_after_the_caller_was_offered_the_keys(
    calls: dict[str, Call],
) -> None:
    call = calls["mute, alone"]
    assert call.finals == [BOOK]
    (error,) = call.errors
    assert error.recoverable is False


def test_when_all_have_failed_it_is_told_once_and_the_words_come_when_one_is_back(calls: dict[str, Call]) -> None:
    call = calls["all down, then back"]
    assert call.finals == [BOOK]
    (error,) = call.errors
    assert error.recoverable is False


def test_one_that_refuses_our_key_is_our_fault_and_not_asked_again(calls: dict[str, Call]) -> None:
    call = calls["wrong key"]
    assert [(each.provider.name, each.blame) for each in call.ledger.attempts] == [
        (NOVA, Blame.CLIENT),
        (FLUX, Blame.CLIENT),
    ]
    assert len(call.errors) == 1


async def test_a_chain_that_needs_what_is_not_configured_is_a_mistake_of_configuration() -> None:
    hearing = Hearing(inference.VAD(), Anything())
    accounts = _accounts("http://127.0.0.1:9")
    async with aiohttp.ClientSession() as http:
        for chain, given in (("local", accounts), (NOVA, _without_key(accounts))):
            with pytest.raises(ConfigError):
                open_recogniser(
                    parse_chain(Kind.STT, chain), given, http, hearing, None, (), AllClosed(), Unreported()
                )  # fmt: skip


def _without_key(accounts: Accounts) -> Accounts:
    return accounts.model_copy(update={"deepgram_key": None})
