"""An endpoint that speaks one of OpenAI's APIs: one request, one answer, no second try.

The body of an answer is bounded, redirects are not followed and no proxy is taken from the environment, so what is
sent goes where the setting says and nowhere else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp

from agent.domain.errors import Blame, ConfigError, DeadlineExceeded, DependencyUnavailable, FleetError, Overloaded

_MOST_CONNECTIONS = 2
_TOO_MANY = 429
#: What no repetition mends: our request, our key or the model's name is wrong.
_OURS = frozenset({400, 401, 403, 404, 422})


class OpenAiEndpoint:
    """A connection to one endpoint, opened with the first request.

    Args:
        url: up to and without the name of an API, such as "/embeddings".
        key: sent as a bearer token; None sends none.
        what: answers there, as errors call it.
    """

    def __init__(self, url: str, key: str | None, *, what: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._what = what
        self._session: aiohttp.ClientSession | None = None

    async def post(self, api: str, body: Mapping[str, Any], *, deadline_s: float, most_bytes: int) -> bytes:
        """Ask once.

        Args:
            api: its name at the endpoint, e.g. "/embeddings".
            most_bytes: of the answer.
        Raises:
            DeadlineExceeded: no whole answer in time.
            Overloaded: too many requests.
            ConfigError: the endpoint refuses the request, the key or the model.
            DependencyUnavailable: it fails, is away, or its answer is too long.
        """
        return await self._asked("POST", api, body, deadline_s, most_bytes)

    async def get(self, api: str, *, deadline_s: float, most_bytes: int) -> bytes:
        """Read what needs no request, such as "/models"; raises as `post` does."""
        return await self._asked("GET", api, None, deadline_s, most_bytes)

    async def aclose(self) -> None:
        """Close the connection."""
        if self._session is not None:
            await self._session.close()

    async def _asked(
        self, method: str, api: str, body: Mapping[str, Any] | None, deadline_s: float, most_bytes: int
    ) -> bytes:
        try:
            async with asyncio.timeout(deadline_s):
                return await self._request(method, f"{self._url}{api}", body, most_bytes)
        except TimeoutError:
            raise DeadlineExceeded(f"{self._what}: no answer within {deadline_s} s", blame=Blame.UPSTREAM) from None
        except (aiohttp.ClientError, OSError) as error:
            # its text may quote a header
            raise DependencyUnavailable(f"{self._what}: {type(error).__name__}") from None

    async def _request(self, method: str, url: str, body: Mapping[str, Any] | None, most_bytes: int) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_MOST_CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=self._headers,
            )
        async with self._session.request(method, url, json=body, allow_redirects=False) as response:
            if response.status != 200:
                raise refusal(self._what, response.status)
            content = bytearray()
            async for chunk in response.content.iter_any():
                content += chunk
                if len(content) > most_bytes:
                    raise DependencyUnavailable(f"{self._what}: an answer of more than {most_bytes} bytes")
            return bytes(content)


def refusal(what: str, status: int) -> FleetError:
    """The error of an HTTP status; what stands in the body may quote what was sent and is not read."""
    error: FleetError = DependencyUnavailable(f"{what}: {status}")
    if status == _TOO_MANY:
        error = Overloaded(f"{what}: 429, too many requests", blame=Blame.UPSTREAM)
    elif status in _OURS:
        error = ConfigError(f"{what}: {status}, request, key or model refused")
    error.status = status
    return error
