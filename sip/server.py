"""Calling the LiveKit server: one deadline a call, and its errors in our own words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from livekit import api

from agent.domain.errors import Blame, DeadlineExceeded, DependencyUnavailable, FleetError

#: A healthy server answers these calls within milliseconds; a slow answer is as bad as none.
CALL_DEADLINE_S = 3.0

_RETRYABLE = frozenset({"unavailable", "deadline_exceeded", "resource_exhausted", "aborted", "internal"})


class NotFound(FleetError):
    """The object is not on the LiveKit server."""

    default_blame = Blame.CLIENT


@dataclass(frozen=True)
class ServerAddress:
    """Where the LiveKit server is and how to prove who we are."""

    url: str
    api_key: str
    api_secret: str


def client_of(address: ServerAddress) -> api.LiveKitAPI:
    """A client that whoever makes it closes; needs a running event loop."""
    return api.LiveKitAPI(address.url, address.api_key, address.api_secret, failover=False)


@asynccontextmanager
async def connected(address: ServerAddress) -> AsyncIterator[api.LiveKitAPI]:
    """A client for the server; nothing is sent before the first call.

    Retries are the caller's decision: creating trunks, rules and dispatches is not idempotent.
    """
    client = client_of(address)
    try:
        yield client
    finally:
        await client.aclose()


@asynccontextmanager
async def calling(what: str, *, deadline_s: float = CALL_DEADLINE_S) -> AsyncIterator[None]:
    """Run one server call under a deadline.

    Args:
        what: the call in words, for the error's sentence.
    Raises:
        NotFound: the object the call names is gone.
        DeadlineExceeded: no answer in time; whether the server did it is unknown.
        DependencyUnavailable: nobody listens, or the server says it cannot.
        FleetError: the server refused the request.
    """
    try:
        async with asyncio.timeout(deadline_s):
            yield
    except TimeoutError:
        raise DeadlineExceeded(f"{what}: LiveKit gave no answer within {deadline_s:g} s") from None
    except api.ServerError as error:
        raise _translated(what, error) from None
    except aiohttp.ClientError as error:
        raise DependencyUnavailable(f"{what}: LiveKit does not answer ({error})") from None


def _translated(what: str, error: api.ServerError) -> FleetError:
    if error.status in (401, 403):
        return FleetError(
            f"{what}: LiveKit refuses our key (check LIVEKIT_API_KEY and LIVEKIT_API_SECRET)",
            blame=Blame.CLIENT,
        )
    sentence = f"{what}: LiveKit says {error.code}: {error.message}"
    if error.code == "not_found":
        return NotFound(sentence)
    retryable = error.code in _RETRYABLE or error.status >= 500
    return FleetError(sentence, blame=Blame.UPSTREAM if retryable else Blame.CLIENT, retryable=retryable)
