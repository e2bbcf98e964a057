"""What is the same at every API of OpenAI: keys, limits, errors, models; and how any emulator is served."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import web

from loadtest.emulators.answer import Answer
from loadtest.emulators.behaviour import Behaviour
from loadtest.emulators.profiles import Fault

_MINUTE_S = 60.0
_KINDS = {401: "invalid_request_error", 429: "requests", 500: "server_error"}


class Refused(Exception):
    """A request the API answers with an error.

    Attributes:
        status: HTTP; `param`: of the request; `code`: as the API names it; None where it names none.
    """

    def __init__(self, status: int, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.param = param
        self.code = code

    def document(self) -> dict[str, Any]:
        """As the API words it."""
        kind = _KINDS.get(self.status, "invalid_request_error")
        return {"message": str(self), "type": kind, "param": self.param, "code": self.code}


class Emulator(Protocol):
    """A provider that can be served."""

    def application(self) -> web.Application: ...


@dataclass(slots=True)
class Gate:
    """Lets requests in and errors out.

    Args:
        key: that is accepted; None accepts everybody.
        requests_per_minute: more get 429.
    """

    behaviour: Behaviour
    key: str | None
    requests_per_minute: int
    _times: deque[float] = field(default_factory=deque)
    _answers: int = 0

    def admit(self, request: web.Request) -> None:
        """Check the key. Raises Refused."""
        if self.key is None or request.headers.get("Authorization") == f"Bearer {self.key}":
            return
        if "Authorization" not in request.headers:
            raise Refused(401, "You didn't provide an API key.")
        raise Refused(401, "Incorrect API key provided.", code="invalid_api_key")

    def enter(self, request: web.Request) -> Answer:
        """Check the key and the rate, and draw what becomes of the request. Raises Refused."""
        self.admit(request)
        fault = self.begin()
        self._answers += 1
        return Answer(request, fault, self.behaviour.latency_s(), self._headers())

    def begin(self) -> Fault:
        """Count one request, whatever carries it. Raises Refused."""
        now, fault = time.monotonic(), self.behaviour.take()
        while self._times and now - self._times[0] >= _MINUTE_S:
            self._times.popleft()
        if fault is Fault.LIMITED or len(self._times) >= self.requests_per_minute:
            raise Refused(429, "Rate limit reached for requests per min.", code="rate_limit_exceeded")
        self._times.append(now)
        return fault

    def error(self, refused: Refused) -> web.Response:
        """The answer to a request that is refused."""
        self.behaviour.refuse(refused.status)
        headers = self._headers() | ({"retry-after": "1"} if refused.status == 429 else {})
        return web.json_response({"error": refused.document()}, status=refused.status, headers=headers)

    def _headers(self) -> dict[str, str]:
        left = max(0, self.requests_per_minute - len(self._times))
        return {
            "x-request-id": f"req_{self._answers}",
            "x-ratelimit-limit-requests": str(self.requests_per_minute),
            "x-ratelimit-remaining-requests": str(left),
            "x-ratelimit-reset-requests": f"{int(_MINUTE_S)}s",
        }


async def document_of(request: web.Request) -> dict[str, Any]:
    """A request's body. Raises Refused."""
    try:
        document = await request.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise Refused(400, "We could not parse the JSON body of your request.")
    return document


def fail(fault: Fault) -> None:
    """Raises Refused where a good request is to fail."""
    if fault is Fault.FAILING:
        raise Refused(500, "The server had an error while processing your request.", code="server_error")


def model_list(names: frozenset[str]) -> web.Response:
    """The answer of GET /v1/models."""
    rows = [{"id": name, "object": "model", "created": 0, "owned_by": "emulator"} for name in sorted(names)]
    return web.json_response({"object": "list", "data": rows})


def model_of(document: dict[str, Any], models: frozenset[str]) -> str:
    """The model a request names, which exists; every one does where `models` is empty. Raises Refused."""
    model = document.get("model")
    if not isinstance(model, str) or not model:
        raise Refused(400, "you must provide a model parameter")
    if models and model not in models:
        message = f"The model `{model}` does not exist or you do not have access to it."
        raise Refused(404, message, code="model_not_found")
    return model


@asynccontextmanager
async def serving(emulator: Emulator, *, port: int = 0) -> AsyncIterator[str]:
    """Serve one API on loopback; gives its base URL, up to /v1."""
    async with listening(emulator, port=port) as origin:
        yield f"{origin}/v1"


@asynccontextmanager
async def listening(emulator: Emulator, *, port: int = 0) -> AsyncIterator[str]:
    """Serve on loopback, and stop answering who has hung up; gives the origin."""
    runner = web.AppRunner(emulator.application(), access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        bound = runner.addresses[0][1]
        yield f"http://127.0.0.1:{bound}"
    finally:
        await runner.cleanup()
