"""Audio that was kept and is given to the local recogniser's stream in one go; the decoder is a script."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import numpy as np
from livekit import rtc
from livekit.agents import inference, stt

from agent.domain.errors import DependencyUnavailable
from agent.domain.providers import AllClosed, Kind, Provider, Unreported
from agent.inference.client import InferenceClient
from agent.inference.messages import Transcript
from agent.providers.local_stream import SAMPLE_RATE_HZ, Ears
from agent.providers.local_stt import LocalSTT
from agent.providers.stt_chain import ChainSTT
from agent.providers.stt_member import Member
from loadtest.caller.voices import clips, resample
from tests.providers import Anything

BOOK = "Hi, I'd like to book a cleaning."
_FRAME = SAMPLE_RATE_HZ // 50


class Decoder:
    """Remembers what it was given, and knows the words."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def transcribe(self, pcm: bytes, **options: Any) -> Transcript:
        self.seconds.append(len(pcm) / 2 / SAMPLE_RATE_HZ)
        return Transcript(BOOK, no_speech_prob=0.0, mean_logprob=0.0, queue_ms=0.0, compute_ms=0.0)


def frames(audio: np.ndarray[Any, np.dtype[np.int16]]) -> list[rtc.AudioFrame]:
    whole = audio[: len(audio) // _FRAME * _FRAME].reshape(-1, _FRAME)
    return [rtc.AudioFrame(each.tobytes(), SAMPLE_RATE_HZ, 1, _FRAME) for each in whole]


async def test_what_was_said_before_it_took_over_is_decoded_from_its_beginning() -> None:
    said = clips("hibari", [BOOK])[BOOK]
    kept = np.pad(resample(said.astype(np.float32), 8000, SAMPLE_RATE_HZ), (SAMPLE_RATE_HZ, 0)).astype(np.int16)
    decoder = Decoder()
    ears = Ears(cast(InferenceClient, decoder), inference.VAD(min_silence_duration=0.1), Anything())
    stream = LocalSTT(ears).stream()
    for frame in frames(kept):
        stream.push_frame(frame)
    heard = asyncio.create_task(_final(stream), name="final")
    async with asyncio.timeout(10):
        while not heard.done():  # the line goes on
            stream.push_frame(frames(np.zeros(_FRAME, dtype=np.int16))[0])
            await asyncio.sleep(_FRAME / SAMPLE_RATE_HZ)
    await stream.aclose()
    assert heard.result() == BOOK
    assert decoder.seconds[-1] > len(said) / 8000


class Deaf(Decoder):
    """A recogniser's process that is gone."""

    async def transcribe(self, pcm: bytes, **options: Any) -> Transcript:
        raise DependencyUnavailable("inference: not reached")


async def test_what_the_local_recogniser_could_not_be_asked_is_played_to_the_next() -> None:
    said = clips("hibari", [BOOK])[BOOK]
    audio = resample(said.astype(np.float32), 8000, SAMPLE_RATE_HZ).astype(np.int16)
    detector = inference.VAD(min_silence_duration=0.1)
    first, second = (LocalSTT(Ears(cast(InferenceClient, each), detector, Anything())) for each in (Deaf(), Decoder()))
    members = Member(Provider(Kind.STT, "local"), first), Member(Provider(Kind.STT, "deepgram", "nova-3"), second)
    stream = ChainSTT(members, AllClosed(), Unreported()).stream()
    heard = asyncio.create_task(_final(stream), name="final")
    quiet = np.zeros(4 * SAMPLE_RATE_HZ, dtype=np.int16)
    async with asyncio.timeout(15):
        for frame in frames(np.concatenate([quiet[: SAMPLE_RATE_HZ // 2], audio, quiet])):
            if heard.done():
                break
            stream.push_frame(frame)
            await asyncio.sleep(_FRAME / SAMPLE_RATE_HZ)
        assert await heard == BOOK
    await stream.aclose()


async def _final(stream: stt.RecognizeStream) -> str:
    async for event in stream:
        if event.type is stt.SpeechEventType.FINAL_TRANSCRIPT:
            return event.alternatives[0].text
    raise AssertionError("the stream ended")
