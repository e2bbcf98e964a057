"""One small real request to a provider, by the client that calls use: does it hear, answer, speak?

A recogniser has to hear a word of a recording, a model to fill in a form, a voice to make a sound of plausible length,
an embedder to give a vector.
"""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

import aiohttp
import numpy as np
from livekit.agents import APIConnectOptions, stt
from livekit.agents.utils import http_context

from agent.domain.errors import Blame, ConfigError, FleetError
from agent.domain.providers import LOCAL, Attempt, Kind, Provider
from agent.inference.client import InferenceClient
from agent.providers import clients, recorded
from agent.providers.diagnosis import Nonsense, diagnose, host_of, is_late
from agent.runtime.accounts import Accounts
from agent.runtime.completions import Question
from kb.embedding import Embedder

#: Of the whole; to connect it may take two thirds of it.
DEADLINE_S = 3.0
_CONNECT_SHARE = 2 / 3
_PLUGINS = frozenset({"deepgram", "elevenlabs", "openai"})
_SAID = "Okay."
#: Of that, whoever says it, with the pauses around it.
_SHORTEST_S, _LONGEST_S = 0.15, 2.5
#: Root mean square, int16; a voice is a hundred times louder.
_AUDIBLE = 30.0
_QUESTION = Question(
    messages=[{"role": "user", "content": 'Are you ready? Answer in JSON, with "ready".'}],
    schema={
        "name": "readiness",
        "schema": {
            "type": "object",
            "properties": {"ready": {"type": "boolean"}},
            "required": ["ready"],
            "additionalProperties": False,
        },
    },
    max_tokens=16,
)
_MISHEARD = "answered nonsense: it hears other words than were said"


async def probe(
    provider: Provider,
    accounts: Accounts,
    http: aiohttp.ClientSession,
    inference: InferenceClient | None = None,
    embedder: Embedder | None = None,
    *,
    deadline_s: float = DEADLINE_S,
) -> Attempt:
    """Use a provider once. What goes wrong is told and not raised.

    Args:
        inference: the local models; None where they are not at hand.
        embedder: of the provider's model, if it is one; None where no endpoint is configured.
    Returns: with the time to the first word, from the recording's end, to the first token, sound or vector.
    """
    prepare(provider)
    trial = _Trial(provider, accounts, http, inference, embedder, deadline_s)
    try:
        async with asyncio.timeout(deadline_s):
            await _TRIALS[provider.kind, provider.vendor == LOCAL](trial)
    except Exception as error:  # a plugin may raise anything; whatever it is, this provider cannot be used
        if is_late(error) and not isinstance(error, FleetError):
            return Attempt(provider, Blame.UPSTREAM, reason=trial.lateness())
        blame, reason = diagnose(error, provider, accounts)
        return Attempt(provider, blame, reason=reason)
    return Attempt(provider, Blame.SUCCESS, trial.first_s)


def prepare(provider: Provider) -> None:
    """Import its client: up to a second of processor time, which is to be nobody's deadline."""
    if provider.kind is Kind.MODEL:
        importlib.import_module("agent.providers.model_clients")
    elif provider.kind is not Kind.EMBEDDING and provider.vendor in _PLUGINS:
        importlib.import_module(f"livekit.plugins.{provider.vendor}")


@dataclass
class _Trial:
    """One request.

    Attributes:
        first_s: when the first of an answer came; None before.
    """

    provider: Provider
    accounts: Accounts
    http: aiohttp.ClientSession
    inference: InferenceClient | None
    embedder: Embedder | None
    deadline_s: float
    first_s: float | None = None
    _from_s: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    @property
    def options(self) -> APIConnectOptions:
        """One try, which tells a host that is away from one that says nothing."""
        return APIConnectOptions(max_retry=0, timeout=self.deadline_s * _CONNECT_SHARE)

    def lateness(self) -> str:
        """What was missing at the deadline."""
        if self.first_s is not None:
            return f"began, and was not done within {self.deadline_s:g} s"
        if self.provider.kind is Kind.STT:
            return f"opened, and heard nothing within {self.deadline_s:g} s"
        return f"no answer within {self.deadline_s:g} s from {host_of(self.provider, self.accounts)}"

    def begins(self, since: float | None = None) -> None:
        """Something of the answer is there; `since`, by the loop's clock, is when it was asked for."""
        if self.first_s is None:
            from_s = self._from_s if since is None else since
            self.first_s = max(0.0, asyncio.get_running_loop().time() - from_s)

    async def hosted_ear(self) -> None:
        async with http_context.open():  # OpenAI's takes its session from there
            await self._listen()

    async def _listen(self) -> None:
        recogniser = clients.recogniser(self.provider, self.accounts, self.http)
        stream = recogniser.stream(conn_options=self.options)
        ended: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        saying = asyncio.create_task(recorded.say(stream, ended), name="probe.say")
        try:
            await self._hear(stream, ended)
        finally:
            saying.cancel()
            await asyncio.gather(saying, return_exceptions=True)
            await stream.aclose()
            await recogniser.aclose()

    async def _hear(self, stream: stt.RecognizeStream, ended: asyncio.Future[float]) -> None:
        async for event in stream:
            text = " ".join(each.text for each in event.alternatives)
            if recorded.is_heard(text):
                return self.begins(ended.result() if ended.done() else asyncio.get_running_loop().time())
            if text and event.type is stt.SpeechEventType.FINAL_TRANSCRIPT:
                raise Nonsense(_MISHEARD)
        raise Nonsense("opened, and ended without a word")

    async def local_ear(self) -> None:
        samples, rate_hz = recorded.recording()
        heard = await self._local().transcribe(
            samples.tobytes(), sample_rate_hz=rate_hz, deadline_s=self.deadline_s
        )  # fmt: skip
        if not recorded.is_heard(heard.text):
            raise Nonsense(_MISHEARD, blame=Blame.SERVER)
        self.begins()

    async def mind(self) -> None:
        from agent.providers.model_clients import model

        text, member = "", model(self.provider, self.accounts)
        try:
            async with aclosing(member.answer(_QUESTION)) as answer:
                async for piece in answer:
                    if piece.text:
                        self.begins()
                    text += piece.text
        finally:
            await member.aclose()
        if self.first_s is None:
            raise Nonsense("opened, and ended without a token")
        _check_form(text)

    async def hosted_voice(self) -> None:
        if self.provider.vendor == "polly":
            await self._polly()
        else:
            await self._plugin()

    async def _plugin(self) -> None:
        pcm, rate_hz = bytearray(), clients.SAMPLE_RATE_HZ
        voice = clients.voice(self.provider, self.accounts, self.http)
        try:
            async with voice.synthesize(_SAID, conn_options=self.options) as stream:
                async for each in stream:
                    self.begins()
                    pcm += each.frame.data.tobytes()
                    rate_hz = each.frame.sample_rate
        finally:
            await voice.aclose()
        _check_sound(bytes(pcm), rate_hz)

    async def _polly(self) -> None:
        pcm = bytearray()
        async for piece in clients.polly(self.provider, self.accounts, self.http).request(_SAID, 1.0):
            self.begins()
            pcm += piece
        _check_sound(bytes(pcm), clients.SAMPLE_RATE_HZ)

    async def local_voice(self) -> None:
        speech = await self._local().synthesize(_SAID, deadline_s=self.deadline_s)
        _check_sound(speech.pcm, speech.sample_rate_hz)
        self.begins()

    async def vectors(self) -> None:
        if self.embedder is None:
            raise ConfigError(f"VOICEFLEET_EMBEDDING_URL: required by embedding {self.provider.name}")
        await self.embedder.embed([_SAID], deadline_s=self.deadline_s)
        self.begins()

    def _local(self) -> InferenceClient:
        if self.inference is None:
            raise ConfigError("VOICEFLEET_INFERENCE_SOCKET: required by the local speech providers")
        return self.inference


def _check_form(text: str) -> None:
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if not (isinstance(answer, dict) and isinstance(answer.get("ready"), bool)):
        raise Nonsense("answered nonsense: no JSON of the form it was given")


def _check_sound(pcm: bytes, rate_hz: int) -> None:
    samples = np.frombuffer(pcm, dtype=np.int16).astype(np.float32)
    seconds = len(samples) / rate_hz
    if not len(samples) or float(np.sqrt(np.mean(samples * samples))) < _AUDIBLE:
        raise Nonsense("opened, and made no sound")
    if not _SHORTEST_S <= seconds <= _LONGEST_S:
        raise Nonsense(f"answered nonsense: {seconds:.2f} s of sound for one word")


#: By kind, and whether it is a local one.
_TRIALS: dict[tuple[Kind, bool], Callable[[_Trial], Awaitable[None]]] = {
    (Kind.STT, False): _Trial.hosted_ear,
    (Kind.STT, True): _Trial.local_ear,
    (Kind.MODEL, False): _Trial.mind,
    (Kind.TTS, False): _Trial.hosted_voice,
    (Kind.TTS, True): _Trial.local_voice,
    (Kind.EMBEDDING, False): _Trial.vectors,
}
