"""How long a recogniser takes from the end of speech until its words are settled, listened to as calls do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import aiohttp
import numpy as np
from livekit.agents import stt

from agent.domain.providers import AllClosed, Provider
from agent.inference.client import InferenceClient
from agent.providers import recorded
from agent.providers.hosted_stream import Hearing
from agent.providers.local_stream import Ears
from agent.providers.recogniser import open_recogniser
from agent.providers.registry import open_detector
from agent.runtime.accounts import Accounts
from loadtest.caller.onset import THRESHOLD
from tests.providers import Anything, Reported

_LIMIT_S = 10.0
#: Of the recording's words; there is a pause before it, at which a recogniser may settle the other.
_LAST = "please"
_SETTLED = (stt.SpeechEventType.PREFLIGHT_TRANSCRIPT, stt.SpeechEventType.FINAL_TRANSCRIPT)


@dataclass(frozen=True, slots=True)
class Listening:
    """What recognisers are opened with."""

    accounts: Accounts
    http: aiohttp.ClientSession
    inference: InferenceClient

    async def words_ms(self, provider: Provider) -> float:
        """From a recording's last sound to its settled words. Raises SystemExit: they did not come."""
        detector, expectation, ledger = open_detector("livekit"), Anything(), Reported()
        hearing, ears = Hearing(detector, expectation), Ears(self.inference, detector, expectation)
        chain = open_recogniser((provider,), self.accounts, self.http, hearing, ears, (), AllClosed(), ledger)
        stream, ended = chain.stream(), asyncio.get_running_loop().create_future()
        saying = asyncio.create_task(recorded.say(stream, ended), name="bench.say")
        try:
            async with asyncio.timeout(_LIMIT_S):
                settled_s = await _settled(stream)
                ended_s = await ended
        except TimeoutError:
            raise SystemExit(f"stt {provider.name}: no words; {ledger.failures()}") from None
        finally:
            saying.cancel()
            await asyncio.gather(saying, return_exceptions=True)
            await stream.aclose()
            await chain.aclose()
        return 1000 * (settled_s - ended_s + _quiet_end_s())


async def _settled(stream: stt.RecognizeStream) -> float:
    """When, by the loop's clock."""
    async for event in stream:
        if event.type in _SETTLED and _LAST in event.alternatives[0].text.lower():
            return asyncio.get_running_loop().time()
    raise SystemExit("a recogniser's stream ended without a word")


def _quiet_end_s() -> float:
    """Seconds of the recording after its last sound."""
    samples, rate_hz = recorded.recording()
    return float(len(samples) - 1 - np.flatnonzero(np.abs(samples.astype(np.int32)) > THRESHOLD)[-1]) / rate_hz
