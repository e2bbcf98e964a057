"""Deepgram's live recognition: `/v1/listen` (nova-3) and `/v2/listen` (Flux), as websockets, with errors and faults.

It understands the recordings of its ground truth, and nothing else (fingerprint.py).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from aiohttp import web

from loadtest.emulators.deepgram_errors import DeepgramRefused, check_key, refusal, request_id
from loadtest.emulators.deepgram_listen_query import ListenOptions, TurnOptions, listen_options, turn_options
from loadtest.emulators.deepgram_listen_session import ListenSession
from loadtest.emulators.deepgram_stream import Counts, Stream
from loadtest.emulators.flux_session import FluxSession
from loadtest.emulators.ground_truth import GroundTruth
from loadtest.emulators.planned_faults import PlannedFaults
from loadtest.emulators.profiles import Fault, Profile
from loadtest.emulators.transcript import Transcriber
from loadtest.emulators.word_errors import WordErrors

_REFUSALS = {Fault.LIMITED: 429, Fault.FAILING: 500}


@dataclass(slots=True)
class Kind:
    """One of the two APIs.

    Attributes:
        profile: how long it takes, and how every stream goes wrong; `faults`: how the next ones do.
        opened: what the clients asked for whose handshake was good, in order; `refused`: statuses of the others.
        counts: of all its streams.
    """

    profile: Profile
    faults: PlannedFaults = field(default_factory=PlannedFaults)
    opened: list[ListenOptions | TurnOptions] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)


@dataclass(slots=True)
class DeepgramListenEmulator:
    """The recogniser.

    Args:
        truth: the recordings it knows; register more at any time.
        listen, flux: latencies of /v1/listen and /v2/listen.
        key: that is accepted; None accepts every one, but wants one.
        errors: which of the words are misheard.
        most_streams: more at once get 429; None is no limit.
        seed: of the latencies.
    """

    truth: GroundTruth = field(default_factory=GroundTruth)
    listen: Kind = field(default_factory=lambda: Kind(Profile()))
    flux: Kind = field(default_factory=lambda: Kind(Profile()))
    key: str | None = None
    errors: WordErrors = field(default_factory=WordErrors)
    most_streams: int | None = None
    seed: int = 0
    _streams: set[Stream] = field(default_factory=set)
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

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
        self, request: web.Request, kind: Kind, make: Callable[[web.Request, Kind, Fault], Stream]
    ) -> web.StreamResponse:
        fault = kind.faults.take(kind.profile.fault)
        try:
            check_key(request.headers.get("Authorization"), self.key)
            if fault in _REFUSALS:
                raise DeepgramRefused(_REFUSALS[fault])
            if self.most_streams is not None and len(self._streams) >= self.most_streams:
                raise DeepgramRefused(429)
            stream = make(request, kind, fault)
        except DeepgramRefused as refused:
            kind.refused.append(refused.status)
            return refusal(refused)
        if fault is Fault.HANGING:
            await asyncio.Event().wait()
        self._streams.add(stream)
        try:
            return await stream.run(request)
        finally:
            self._streams.discard(stream)

    def _listen_stream(self, request: web.Request, kind: Kind, fault: Fault) -> Stream:
        options = listen_options(request.query)
        kind.opened.append(options)
        transcriber, made = self._transcriber(options, fault), request_id()
        session = ListenSession(transcriber, options, made, partial(kind.profile.latency_s, self._dice))
        return Stream(session, transcriber, options.encoding, made, fault, kind.counts)

    def _flux_stream(self, request: web.Request, kind: Kind, fault: Fault) -> Stream:
        options = turn_options(request.query)
        kind.opened.append(options)
        transcriber, made = self._transcriber(options, fault), request_id()
        session = FluxSession(transcriber, options, made, partial(kind.profile.latency_s, self._dice))
        return Stream(session, transcriber, options.encoding, made, fault, kind.counts)

    def _transcriber(self, options: ListenOptions | TurnOptions, fault: Fault) -> Transcriber:
        rate_hz = options.rate_hz // 2 if fault is Fault.WRONG_RATE else options.rate_hz
        return Transcriber(self.truth, rate_hz, self.errors.with_keyterms(options.keyterms))
