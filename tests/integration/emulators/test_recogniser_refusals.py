"""OpenAI's recogniser lets through what its HTTP client raises: calls go on, and no key is written down."""

from __future__ import annotations

import asyncio
import base64
import gc
import logging
from typing import Any

import aiohttp
import numpy as np
import pytest
from livekit import rtc
from livekit.agents import inference, stt, vad
from livekit.agents.utils import http_context

from agent.domain.errors import Blame
from agent.domain.providers import AllClosed, Kind, parse_chain
from agent.providers.hosted_stream import Hearing
from agent.providers.recogniser import open_recogniser
from agent.runtime.accounts import Accounts
from loadtest.caller.voices import clips
from tests.integration.emulators.served import KEY, served
from tests.providers import Anything, Reported

YES, RATE_HZ, FRAME = "Yes, please.", 8000, 160
OPENAI, NOVA = "openai/gpt-4o-mini-transcribe", "deepgram/nova-3"
SECRET = "sk-nobody-may-read-this"
_LIMIT_S = 15.0
#: Why it failed, and whose fault that was, by what the emulator does; the first refuses the key.
REASONS = {
    "": ("status 401", Blame.CLIENT),
    "limited": ("status 429", Blame.UPSTREAM),
    "failing": ("status 500", Blame.UPSTREAM),
    "hanging": ("TimeoutError", Blame.UPSTREAM),
}


class Written(logging.Handler):
    """All that is logged, at any level, and what the event loop complains of."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def complaint(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.lines.append(repr(context))


@pytest.fixture(scope="module")
def calls() -> tuple[dict[str, tuple[str, Reported]], list[str]]:
    """The words and the reports of a call a fault, and all that was written meanwhile."""
    written, root = Written(), logging.getLogger()
    level = root.level
    root.addHandler(written)
    root.setLevel(logging.DEBUG)
    try:
        done = asyncio.run(_all(written))
        gc.collect()
    finally:
        root.removeHandler(written)
        root.setLevel(level)
    return done, written.lines


async def _all(written: Written) -> dict[str, tuple[str, Reported]]:
    asyncio.get_running_loop().set_exception_handler(written.complaint)
    detector = inference.VAD(min_silence_duration=0.1)
    async with http_context.open():
        done = await asyncio.gather(*(_call(fault, detector) for fault in REASONS))
    gc.collect()
    await asyncio.sleep(0)
    return dict(zip(REASONS, done, strict=True))


async def _call(fault: str, detector: vad.VAD) -> tuple[str, Reported]:
    """One that OpenAI fails; whoever is next in the chain hears all of it."""
    ledger, pcm = Reported(), clips("hibari", [YES])[YES]
    async with served(key=SECRET if fault else KEY) as on, aiohttp.ClientSession() as http:
        encoded = base64.b64encode(pcm.tobytes()).decode()
        await on.order("utterances", text=YES, rate_hz=RATE_HZ, pcm=encoded)
        if fault:
            await on.order("faults", kind="openai-listen", fault=fault)
        accounts = Accounts.model_validate(
            {
                "OPENAI_API_KEY": SECRET, "openai_url": f"{on.url}/openai/v1",
                "DEEPGRAM_API_KEY": SECRET if fault else KEY, "deepgram_url": f"{on.url}/deepgram",
            }
        )  # fmt: skip
        chain = parse_chain(Kind.STT, f"{OPENAI},{NOVA}")
        hearing = Hearing(detector, Anything())
        recogniser = open_recogniser(chain, accounts, http, hearing, None, (), AllClosed(), ledger)
        stream = recogniser.stream()
        speaking = asyncio.create_task(_speak(stream, pcm), name="speak")
        try:
            async with asyncio.timeout(_LIMIT_S):
                return await _final(stream), ledger
        finally:
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
            await stream.aclose()
            await recogniser.aclose()


async def _speak(stream: stt.RecognizeStream, pcm: np.ndarray[Any, Any]) -> None:
    """In real time, until cancelled."""
    clock = asyncio.get_running_loop().time
    due_s, at, silence = clock(), 0, bytes(2 * FRAME)
    while True:
        data = pcm[at : at + FRAME].tobytes() if at + FRAME <= len(pcm) else silence
        stream.push_frame(rtc.AudioFrame(data, RATE_HZ, 1, FRAME))
        at, due_s = at + FRAME, due_s + FRAME / RATE_HZ
        await asyncio.sleep(due_s - clock())


async def _final(stream: stt.RecognizeStream) -> str:
    async for event in stream:
        if event.type is stt.SpeechEventType.FINAL_TRANSCRIPT:
            return event.alternatives[0].text
    return ""


@pytest.mark.parametrize("fault", REASONS)
def test_the_next_recogniser_hears_what_was_said_and_the_reason_is_reported(
    calls: tuple[dict[str, tuple[str, Reported]], list[str]], fault: str
) -> None:
    text, ledger = calls[0][fault]
    assert text == YES
    failed, *_ = ledger.attempts
    assert (failed.provider.name, failed.reason, failed.blame) == (OPENAI, *REASONS[fault])


def test_no_key_is_written_down(calls: tuple[dict[str, tuple[str, Reported]], list[str]]) -> None:
    written = "\n".join(calls[1])
    assert "WSServerHandshakeError" in written, "the refusals were logged, by the plugin"
    assert SECRET not in written
