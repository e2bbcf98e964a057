"""The HTTP client of OpenAI's SDK, held to what our own is: bounded answers, no redirects, no proxy of the environment.

The SDK gathers an event of any length before it looks at it; a body without end would fill a call's memory.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from functools import cache
from typing import cast

import httpx2

#: Of one answer, streamed: each token comes in some 300 bytes, and a list of models has fewer.
MOST_BYTES = 256 * 1024
#: A backstop; whoever asks sets the deadline of an answer.
_TIMEOUT = httpx2.Timeout(5.0)
_LIMITS = httpx2.Limits(max_connections=2, max_keepalive_connections=2, keepalive_expiry=120)


def http_client(*, has_key: bool) -> httpx2.AsyncClient:
    """A client for one endpoint.

    Args:
        has_key: False for one that wants none, where the SDK insists on sending one.
    """
    transport = _Bounded(has_key)
    return httpx2.AsyncClient(transport=transport, timeout=_TIMEOUT, trust_env=False, follow_redirects=False)


@cache
def trust() -> ssl.SSLContext:
    """The certificates that are trusted; reading them takes longer than a call's event loop may stand still."""
    return ssl.create_default_context()


class _Bounded(httpx2.AsyncHTTPTransport):
    def __init__(self, has_key: bool) -> None:
        super().__init__(verify=trust(), limits=_LIMITS, trust_env=False)
        self._has_key = has_key

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if not self._has_key:
            request.headers.pop("Authorization", None)
        response = await super().handle_async_request(request)
        response.stream = _BoundedBody(cast(httpx2.AsyncByteStream, response.stream))
        return response


class _BoundedBody(httpx2.AsyncByteStream):
    def __init__(self, body: httpx2.AsyncByteStream) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self._body:
            size += len(part)
            if size > MOST_BYTES:
                raise httpx2.RemoteProtocolError(f"an answer of more than {MOST_BYTES} bytes")
            yield part

    async def aclose(self) -> None:
        await self._body.aclose()
