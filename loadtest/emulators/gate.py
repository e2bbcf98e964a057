"""What is the same at every API of the provider: keys, limits, errors, and how an answer goes wrong on its way."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import web

from loadtest.emulators.profiles import Fault, Profile

_MINUTE_S = 60.0
_KINDS = {401: "invalid_request_error", 429: "requests", 500: "server_error"}
_ON_THE_WAY = frozenset({Fault.STALLING, Fault.DROPPING, Fault.FLOODING})


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


class Emulator(Protocol):
    """A provider that can be served."""

    def application(self) -> web.Application: ...


@dataclass(slots=True)
class Gate:
    """Lets requests in and answers out.

    Args:
        key: that is accepted; None accepts everybody.
        requests_per_minute: more get 429.
        seed: of the latencies.

    Attributes:
        refused: statuses of the requests that were, in order.
    """

    profile: Profile
    key: str | None
    requests_per_minute: int
    seed: int
    refused: list[int] = field(default_factory=list)
    _times: deque[float] = field(default_factory=deque)
    _answers: int = 0
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    def admit(self, request: web.Request) -> None:
        """Check the key. Raises Refused."""
        if self.key is None or request.headers.get("Authorization") == f"Bearer {self.key}":
            return
        if "Authorization" not in request.headers:
            raise Refused(401, "You didn't provide an API key.")
        raise Refused(401, "Incorrect API key provided.", code="invalid_api_key")

    async def document(self, request: web.Request) -> Any:
        """Check the key and the rate, and read the body. Raises Refused."""
        self.admit(request)
        self._count()
        try:
            return await request.json()
        except ValueError:
            raise Refused(400, "We could not parse the JSON body of your request.") from None

    def fail(self) -> None:
        """Raises Refused when the profile is to fail at good requests."""
        if self.profile.fault is Fault.FAILING:
            raise Refused(500, "The server had an error while processing your request.", code="server_error")

    async def work(self) -> None:
        """Take as long as the profile does, or for ever."""
        await asyncio.sleep(self.profile.latency_s(self._dice))
        if self.profile.fault is Fault.HANGING:
            await asyncio.Event().wait()

    async def send(self, request: web.Request, body: bytes, kind: str) -> web.StreamResponse:
        """The answer, or as much of it as the profile lets through."""
        self._answers += 1
        fault = self.profile.fault
        if fault is Fault.MALFORMED:
            body = body[: len(body) // 2]
        if fault not in _ON_THE_WAY:
            return web.Response(body=body, content_type=kind, headers=self._headers())
        response = web.StreamResponse(headers={"Content-Type": kind, **self._headers()})
        response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        if fault is Fault.STALLING:
            await asyncio.Event().wait()
        while fault is Fault.FLOODING:
            await response.write(b" " * 4096)
        if request.transport is not None:
            request.transport.abort()
        return response

    def error(self, refused: Refused) -> web.Response:
        """As the API words it."""
        self.refused.append(refused.status)
        kind = _KINDS.get(refused.status, "invalid_request_error")
        error = {"message": str(refused), "type": kind, "param": refused.param, "code": refused.code}
        headers = self._headers() | ({"retry-after": "1"} if refused.status == 429 else {})
        return web.json_response({"error": error}, status=refused.status, headers=headers)

    def _count(self) -> None:
        now = time.monotonic()
        while self._times and now - self._times[0] >= _MINUTE_S:
            self._times.popleft()
        if self.profile.fault is Fault.LIMITED or len(self._times) >= self.requests_per_minute:
            raise Refused(429, "Rate limit reached for requests per min.", code="rate_limit_exceeded")
        self._times.append(now)

    def _headers(self) -> dict[str, str]:
        left = max(0, self.requests_per_minute - len(self._times))
        return {
            "x-request-id": f"req_{self._answers}",
            "x-ratelimit-limit-requests": str(self.requests_per_minute),
            "x-ratelimit-remaining-requests": str(left),
            "x-ratelimit-reset-requests": f"{int(_MINUTE_S)}s",
        }


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
    """Serve on loopback; gives the base URL, up to /v1."""
    runner = web.AppRunner(emulator.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        bound = runner.addresses[0][1]
        yield f"http://127.0.0.1:{bound}/v1"
    finally:
        await runner.cleanup()
