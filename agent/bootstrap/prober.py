"""Tries providers, for a worker's parent and for operators, with the accounts that calls use."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import aiohttp

from agent.bootstrap.embedders import EmbeddingModels
from agent.domain.providers import Attempt, Kind, Provider
from agent.inference.client import InferenceClient
from agent.providers.probing import prepare, probe
from agent.runtime.settings import ProviderSettings, WorkerSettings
from kb.embedders import stored_name
from kb.embedding import Embedder

#: At the same time; more would slow one another down on a small machine.
_TOGETHER = 8


class Prober:
    """Connections are opened when a probe first needs one. Opened and closed on a running event loop."""

    def __init__(self, settings: WorkerSettings | ProviderSettings) -> None:
        self._settings = settings
        path = settings.inference_socket
        self._inference = InferenceClient(path) if path is not None else None
        self._embedding = EmbeddingModels(settings, None)
        self._http = aiohttp.ClientSession()

    async def probe(self, provider: Provider) -> Attempt:
        """One small real request, with the deadline that `providers check` has; never raises."""
        return await probe(provider, self._settings, self._http, self._inference, self._embedder(provider))

    async def probe_all(self, providers: Sequence[Provider]) -> list[Attempt]:
        """Use each once, several at the same time; in the order given."""
        for provider in providers:
            prepare(provider)  # all of them before the first: who imports keeps the others waiting
        few = asyncio.Semaphore(_TOGETHER)

        async def one(provider: Provider) -> Attempt:
            async with few:
                return await self.probe(provider)

        return await asyncio.gather(*map(one, providers))

    def _embedder(self, provider: Provider) -> Embedder | None:
        """With as many dimensions as the settings ask of their own model; of another one, with its own."""
        if provider.kind is not Kind.EMBEDDING:
            return None
        is_ours = provider.model == self._settings.embedding_model
        name = stored_name(provider.model, self._settings.embedding_dimensions if is_ours else None)
        return self._embedding.for_texts().get(name)

    async def __aenter__(self) -> Prober:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()
        await self._embedding.aclose()
        if self._inference is not None:
            await self._inference.aclose()
