"""Deepgram's live recognition: `/v1/listen` (nova-3) and `/v2/listen` (Flux), as websockets, with errors and faults.

It understands the recordings of its ground truth, and nothing else (fingerprint.py).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from loadtest.emulators.audio_stream import Ends, Stream
from loadtest.emulators.behaviour import Behaviour
from loadtest.emulators.deepgram_errors import DeepgramRefused, check_key, refusal, request_id
from loadtest.emulators.deepgram_listen_query import ListenOptions, TurnOptions, listen_options, turn_options
from loadtest.emulators.deepgram_listen_session import ListenSession
from loadtest.emulators.flux_session import FluxSession
from loadtest.emulators.ground_truth import GroundTruth
from loadtest.emulators.listened import ListenedTranscriber, Listener
from loadtest.emulators.profiles import Fault
from loadtest.emulators.transcript import Transcriber, Transcribing
from loadtest.emulators.word_errors import WordErrors

_REFUSALS = {Fault.LIMITED: 429, Fault.FAILING: 500}
_MOST_OPENED = 1000


@dataclass(kw_only=True)
class DeepgramListenEmulator:
    """The recogniser.

    Args:
        truth: the recordings it knows; register more at any time.
        listen, flux: how /v1/listen and /v2/listen are treated.
        key: that is accepted; None accepts every one, but wants one.
        errors: which of the words are misheard.
        listener: hears whatever is said, in place of the recordings.
        most_streams: more at once get 429; None is no limit.

    Attributes:
        opened: what clients asked for in handshakes that were good, in order.
    """

    truth: GroundTruth = field(default_factory=GroundTruth)
    listen: Behaviour = field(default_factory=Behaviour)
    flux: Behaviour = field(default_factory=Behaviour)
    key: str | None = None
    errors: WordErrors = field(default_factory=WordErrors)
    listener: Listener | None = None
    most_streams: int | None = None
    opened: deque[ListenOptions | TurnOptions] = field(default_factory=lambda: deque(maxlen=_MOST_OPENED))
    _streams: int = 0

    def application(self) -> web.Application:
        """Its routes."""
        app = web.Application()
        app.router.add_get("/v1/listen", self._listen)
        app.router.add_get("/v2/listen", self._flux)
        return app

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, self.listen, self._listen_stream)

    async def _flux(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, self.flux, self._flux_stream)

    async def _serve(
        self, request: web.Request, behaviour: Behaviour, make: Callable[[web.Request, Fault], Stream]
    ) -> web.StreamResponse:
        try:
            check_key(request.headers.get("Authorization"), self.key)
            fault = behaviour.take()
            if fault in _REFUSALS:
                raise DeepgramRefused(_REFUSALS[fault])
            if self.most_streams is not None and self._streams >= self.most_streams:
                raise DeepgramRefused(429)
            stream = make(request, fault)
        except DeepgramRefused as refused:
            behaviour.refuse(refused.status)
            return refusal(refused)
        if fault is Fault.HANGING:
            await asyncio.Event().wait()
        self._streams += 1
        try:
            return await stream.run(request)
        finally:
            self._streams -= 1

    def _listen_stream(self, request: web.Request, fault: Fault) -> Stream:
        options = listen_options(request.query)
        self.opened.append(options)
        made = request_id()
        transcriber = self._transcriber(options, made)
        session = ListenSession(transcriber, options, made, self.listen.latency_s)
        return Stream(session, transcriber, options.encoding, _ends(made), fault, self.listen)

    def _flux_stream(self, request: web.Request, fault: Fault) -> Stream:
        options = turn_options(request.query)
        self.opened.append(options)
        made = request_id()
        transcriber = self._transcriber(options, made)
        session = FluxSession(transcriber, options, made, self.flux.latency_s)
        return Stream(session, transcriber, options.encoding, _ends(made), fault, self.flux)

    def _transcriber(self, options: ListenOptions | TurnOptions, name: str) -> Transcribing:
        errors = self.errors.with_keyterms(options.keyterms)
        if self.listener is not None:
            return ListenedTranscriber(self.listener, options.rate_hz, errors, name)
        return Transcriber(self.truth, options.rate_hz, errors)


def _ends(made: str) -> Ends:
    """How a stream with this request id is closed, as Deepgram's guide to troubleshooting websockets says."""
    lacking = "Deepgram did not {} within the timeout window. See https://dpgr.am/{}"
    return Ends(
        undecodable=(1008, b"DATA-0000: The payload cannot be decoded as audio."),
        idle=(1011, lacking.format("receive audio data or a text message", "net0001").encode()),
        internal=(1011, lacking.format("provide a response message", "net0000").encode()),
        limited=(1008, b"TOO_MANY_REQUESTS"),
        failing=(1011, b"NET-0000"),
        idle_limit_s=10.0,
        headers={"dg-request-id": made},
    )
