"""OpenAI's live transcription: `/v1/realtime?intent=transcription`, a websocket, with errors and faults.

It understands the recordings of its ground truth, and nothing else (fingerprint.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import KW_ONLY, InitVar, dataclass, field
from itertools import count

from aiohttp import web

from loadtest.emulators.audio_stream import Ends, Stream
from loadtest.emulators.behaviour import Behaviour
from loadtest.emulators.gate import Gate, Refused, fail
from loadtest.emulators.ground_truth import GroundTruth
from loadtest.emulators.listened import ListenedTranscriber, Listener
from loadtest.emulators.openai_listen_session import RATE_HZ, TranscriptionSession
from loadtest.emulators.profiles import Fault
from loadtest.emulators.transcript import Transcriber, Transcribing
from loadtest.emulators.word_errors import WordErrors

#: No closing for want of audio was found in the reference; a session ends after an hour.
_ENDS = Ends(
    undecodable=(1007, b""),
    idle=(1001, b"Your session hit the maximum duration of 60 minutes."),
    internal=(1011, b""),
    limited=(1008, b"rate_limit_exceeded"),
    failing=(1011, b"server_error"),
    idle_limit_s=3600.0,
    headers={},
)


@dataclass
class OpenAiListenEmulator:
    """The recogniser.

    Args:
        truth: the recordings it knows.
        key: that is accepted; None accepts everybody.
        errors: which of the words are misheard.
        listener: hears whatever is said; None leaves it to the truth.
    """

    truth: GroundTruth = field(default_factory=GroundTruth)
    _: KW_ONLY
    behaviour: Behaviour = field(default_factory=Behaviour)
    key: str | None = None
    errors: WordErrors = field(default_factory=WordErrors)
    listener: Listener | None = None
    requests_per_minute: InitVar[int] = 3000
    gate: Gate = field(init=False)
    _streams: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self, requests_per_minute: int) -> None:
        self.gate = Gate(self.behaviour, self.key, requests_per_minute)

    def application(self) -> web.Application:
        """Its route."""
        app = web.Application()
        app.router.add_get("/v1/realtime", self._connect)
        return app

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        try:
            self.gate.admit(request)
            if request.query.get("intent") != "transcription":
                raise Refused(400, "Only intent=transcription is emulated.", param="intent")
            fault = self.gate.begin()
            fail(fault)
        except Refused as refused:
            return self.gate.error(refused)
        if fault is Fault.HANGING:
            await asyncio.Event().wait()
        transcriber = self._transcriber(RATE_HZ)
        session = TranscriptionSession(transcriber, self.behaviour.latency_s)
        return await Stream(session, transcriber, "linear16", _ENDS, fault, self.behaviour).run(request)

    def _transcriber(self, rate_hz: int) -> Transcribing:
        if self.listener is not None:
            return ListenedTranscriber(self.listener, rate_hz, self.errors, f"openai {next(self._streams)}")
        return Transcriber(self.truth, rate_hz, self.errors)
