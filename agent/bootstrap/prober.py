"""Tries providers for a worker's parent, with the accounts that its calls use."""

from __future__ import annotations

import aiohttp

from agent.domain.providers import Attempt, Provider
from agent.inference.client import InferenceClient
from agent.providers.probing import probe
from agent.runtime.settings import WorkerSettings


class Prober:
    """Connections are opened when a probe first needs one. Opened and closed on a running event loop."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._accounts = settings
        path = settings.inference_socket
        self._inference = InferenceClient(path) if path is not None else None
        self._http = aiohttp.ClientSession()

    async def probe(self, provider: Provider) -> Attempt:
        """One small real request, with the deadline that `providers check` has; never raises."""
        return await probe(provider, self._accounts, self._http, self._inference)

    async def __aenter__(self) -> Prober:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()
        if self._inference is not None:
            await self._inference.aclose()
