"""The models that knowledge bases are searched by, as the settings name them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.bootstrap.reported_embedding import Reported, embedding_provider
from agent.domain.providers import Reports, Unreported
from agent.domain.tenant import Tenant
from agent.runtime.settings import EmbeddingSettings
from agent.storage.pool import Pool
from kb.deciding import thresholds_of
from kb.embedders import Embedders, stored_name
from kb.embedding import Embedder, FloatArray
from kb.retrieval import Library

if TYPE_CHECKING:
    from agent.runtime.openai_endpoint import OpenAiEndpoint


class EmbeddingModels:
    """The settings' models; closed when nothing is embedded any more.

    Args:
        local: None where the local model is not at hand.
        reports: who is told what the endpoint was used for.
    """

    def __init__(self, settings: EmbeddingSettings, local: Embedder | None, reports: Reports | None = None) -> None:
        self._reports = reports or Unreported()
        self._local = local
        self._wanted = stored_name(settings.embedding_model, settings.embedding_dimensions)
        self._endpoint = _endpoint(settings)
        self._url = settings.embedding_url or ""
        self._question_s = settings.embedding_deadline_s

    def for_texts(self) -> Embedders:
        """For what businesses write."""
        return Embedders(self._wanted, local=self._local, remote=self._remote if self._endpoint else None)

    def for_questions(self, tenant: Tenant) -> Embedders:
        """For what callers ask: names and numbers do not leave the house, and nothing of a private tenant's does."""
        from agent.understanding.masking import masked  # the keeper embeds no questions

        def remote(model: str, dimensions: int | None) -> Embedder:
            return _Masking(self._remote(model, dimensions), lambda question: masked(question, tenant))

        has_remote = self._endpoint is not None and not tenant.is_private
        return Embedders(self._wanted, local=self._local, remote=remote if has_remote else None)

    def library(self, pool: Pool, tenant: Tenant) -> Library:
        """A tenant's knowledge base as a call asks it."""
        return Library(
            pool, tenant.id, self.for_questions(tenant), thresholds_of(tenant), remote_s=self._question_s
        )  # fmt: skip

    async def aclose(self) -> None:
        """Close the connection to the endpoint."""
        if self._endpoint is not None:
            await self._endpoint.aclose()

    def _remote(self, model: str, dimensions: int | None) -> Embedder:
        from kb.remote_embedding import RemoteEmbedder

        assert self._endpoint is not None
        provider = embedding_provider(self._url, model)
        return Reported(RemoteEmbedder(self._endpoint, model, dimensions), provider, self._reports)


@asynccontextmanager
async def open_models(settings: EmbeddingSettings, local: Embedder | None) -> AsyncIterator[EmbeddingModels]:
    """The same, closed when the block ends."""
    models = EmbeddingModels(settings, local)
    try:
        yield models
    finally:
        await models.aclose()


@dataclass(frozen=True, slots=True)
class _Masking:
    """An embedder outside, which is told as little of a caller as a language model is."""

    embedder: Embedder
    masked: Callable[[str], str]

    async def embed(self, texts: Sequence[str], *, deadline_s: float) -> FloatArray:
        return await self.embedder.embed([self.masked(text) for text in texts], deadline_s=deadline_s)


def _endpoint(settings: EmbeddingSettings) -> OpenAiEndpoint | None:
    if settings.embedding_url is None:
        return None
    from agent.runtime.openai_endpoint import OpenAiEndpoint  # a third of a second, for those who have one

    key = settings.embedding_key.get_secret_value() if settings.embedding_key is not None else None
    return OpenAiEndpoint(settings.embedding_url, key, what="embedding")
