"""What a test orders and asks while the emulators run: faults, latencies, counts, and the truth of recordings."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from aiohttp import web
from numpy.typing import NDArray

from loadtest.emulators.planned_faults import PlannedFaults
from loadtest.emulators.profiles import Fault, Profile
from loadtest.emulators.suites import SUITES, fault_of, has_streams, profile_of

_Answer = Callable[[dict[str, Any]], dict[str, Any]]


class Commanded(Protocol):
    """A kind of request, as it is ordered about; a `Behaviour` is one."""

    profile: Profile

    @property
    def planned(self) -> PlannedFaults: ...

    def strike(self, fault: Fault) -> int: ...

    def counts(self) -> dict[str, Any]: ...

    def reset(self) -> None: ...


class Truth(Protocol):
    """What recognisers know of recordings."""

    def register(
        self, text: str, samples: NDArray[np.int16], rate_hz: int, word_ends_s: Sequence[float] | None = None
    ) -> Any: ...

    def clear(self) -> None: ...


class Choosable(Protocol):
    """A voice that can be exchanged."""

    def choose(self, name: str) -> None: ...


@dataclass(slots=True)
class Control:
    """The routes under /control.

    Args:
        kinds: by name, the emulators' behaviours.
        truth: shared by all recognisers.
        voice: shared by all that speak.
    """

    kinds: Mapping[str, Commanded]
    truth: Truth
    voice: Choosable

    def application(self) -> web.Application:
        """Its routes."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/counts", _handler(self._counts))
        app.router.add_post("/faults", _handler(self._plan))
        app.router.add_delete("/faults", _handler(self._clear))
        app.router.add_post("/profiles", _handler(self._become))
        app.router.add_post("/reset", _handler(self._reset))
        app.router.add_post("/voice", _handler(self._speak_as))
        app.router.add_post("/utterances", _handler(self._register))
        app.router.add_delete("/utterances", _handler(self._forget))
        return app

    def become(self, suite: str) -> None:
        """Take all latencies of a suite. Raises ValueError: there is none of that name."""
        if suite not in SUITES:
            raise ValueError(f"suite: expected one of {', '.join(sorted(SUITES))}")
        for kind, name in SUITES[suite].items():
            self.kinds[kind].profile = profile_of(kind, name)

    def _counts(self, _: dict[str, Any]) -> dict[str, Any]:
        return {name: kind.counts() for name, kind in self.kinds.items()}

    def _plan(self, asked: dict[str, Any]) -> dict[str, Any]:
        kind = self._kind(asked)
        fault = fault_of(asked["kind"], str(asked.get("fault")))
        if asked.get("now"):
            if not has_streams(asked["kind"]):
                raise ValueError(f"now: {asked['kind']} has no streams that run on; plan it for its next requests")
            return {"struck": kind.strike(fault)}
        kind.planned.plan(fault, int(asked.get("requests", 1)))
        return {"planned": len(kind.planned)}

    def _clear(self, asked: dict[str, Any]) -> dict[str, Any]:
        for kind in [self._kind(asked)] if "kind" in asked else self.kinds.values():
            kind.planned.clear()
        return {}

    def _become(self, asked: dict[str, Any]) -> dict[str, Any]:
        if "suite" in asked:
            self.become(str(asked["suite"]))
        else:
            self._kind(asked).profile = profile_of(asked["kind"], str(asked.get("profile")))
        return {}

    def _speak_as(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.voice.choose(str(asked.get("voice")))
        return {}

    def _reset(self, _: dict[str, Any]) -> dict[str, Any]:
        for kind in self.kinds.values():
            kind.reset()
        return {}

    def _register(self, asked: dict[str, Any]) -> dict[str, Any]:
        samples = np.frombuffer(base64.b64decode(asked["pcm"], validate=True), dtype="<i2").astype(np.int16)
        self.truth.register(str(asked["text"]), samples, int(asked["rate_hz"]), asked.get("word_ends_s"))
        return {}

    def _forget(self, _: dict[str, Any]) -> dict[str, Any]:
        self.truth.clear()
        return {}

    def _kind(self, asked: dict[str, Any]) -> Commanded:
        name = str(asked.get("kind"))
        if name not in self.kinds:
            raise ValueError(f"kind: expected one of {', '.join(sorted(self.kinds))}")
        return self.kinds[name]


def _handler(answer: _Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A route that takes a JSON object, or none, and gives one; 400 with `error` where it is wrong."""

    async def handle(request: web.Request) -> web.Response:
        try:
            asked = await request.json() if request.can_read_body else dict(request.query)
            if not isinstance(asked, dict):
                raise ValueError("expected an object")
            return web.json_response(answer(asked))
        except (ValueError, TypeError, KeyError, binascii.Error) as fault:
            return web.json_response({"error": str(fault)}, status=400)

    return handle
