"""Any endpoint that speaks OpenAI's chat completions: one request, one answer, no second try.

The body of an answer is bounded, redirects are not followed and no proxy is taken from the environment, so the words
go where the setting says and nowhere else.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from agent.domain.errors import Blame, ConfigError, DeadlineExceeded, DependencyUnavailable, FleetError, Overloaded

#: An answer of the size that may be asked for is a hundredth of it.
MOST_BYTES = 64 * 1024
_MOST_CONNECTIONS = 2
_TOO_MANY = 429
#: What no repetition mends: our request, our key or the model's name is wrong.
_OURS = frozenset({400, 401, 403, 404, 422})


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's answer.

    Attributes:
        text: what it wrote; empty when it declined to.
        is_whole: False when it was cut off by the limit on tokens.
        tokens_in, tokens_out: as charged; None when the endpoint does not say.
    """

    text: str
    is_whole: bool
    tokens_in: int | None
    tokens_out: int | None


class ChatCompletions:
    """A connection to one endpoint, opened with the first request.

    Args:
        url: up to and without "/chat/completions".
        key: sent as a bearer token; None sends none.
    """

    def __init__(self, url: str, key: str | None) -> None:
        self._url = url.rstrip("/") + "/chat/completions"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._session: aiohttp.ClientSession | None = None

    async def complete(
        self,
        model: str,
        messages: list[dict[str, str]],
        schema: Mapping[str, Any],
        *,
        max_tokens: int,
        deadline_s: float,
    ) -> Completion:
        """Ask once.

        Args:
            schema: {"name", "schema"}: the JSON the answer has to be; sent as strict.
            max_tokens: of the answer.
        Raises:
            DeadlineExceeded: no whole answer in time.
            Overloaded: too many requests.
            ConfigError: the endpoint refuses the request, the key or the model.
            DependencyUnavailable: it fails, is away, or what it says is no completion.
        """
        body = {
            "model": model,
            "messages": messages,
            "max_tokens": max_tokens,
            "temperature": 0,
            "response_format": {"type": "json_schema", "json_schema": {**schema, "strict": True}},
        }
        try:
            async with asyncio.timeout(deadline_s):
                return _completion(await self._post(body))
        except TimeoutError:
            raise DeadlineExceeded(f"model: no answer within {deadline_s} s", blame=Blame.UPSTREAM) from None
        except (aiohttp.ClientError, OSError) as error:
            # its text may quote a header
            raise DependencyUnavailable(f"model: {type(error).__name__}") from None

    async def aclose(self) -> None:
        """Close the connection."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, body: Mapping[str, Any]) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_MOST_CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=self._headers,
            )
        async with self._session.post(self._url, json=body, allow_redirects=False) as response:
            if response.status != 200:
                raise _refusal(response.status)
            content = bytearray()
            async for chunk in response.content.iter_any():
                content += chunk
                if len(content) > MOST_BYTES:
                    raise DependencyUnavailable(f"model: an answer of more than {MOST_BYTES} bytes")
            return bytes(content)


def _refusal(status: int) -> FleetError:
    """The error of a status; what stands in the body may quote the caller and is not read."""
    if status == _TOO_MANY:
        return Overloaded("model: 429, too many requests", blame=Blame.UPSTREAM)
    if status in _OURS:
        return ConfigError(f"model: {status}, request, key or model refused")
    return DependencyUnavailable(f"model: {status}")


def _completion(content: bytes) -> Completion:
    try:
        document = json.loads(content)
        choice = document["choices"][0]
        text = choice["message"].get("content") or ""
        usage = document.get("usage") or {}
        tokens_in, tokens_out = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
        is_whole = choice.get("finish_reason") in ("stop", None)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise DependencyUnavailable("model: what came back is no completion") from None
    if not isinstance(text, str):
        raise DependencyUnavailable("model: what came back is no completion")
    return Completion(text, is_whole, tokens_in, tokens_out)


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
