"""An embedder outside, of whose cost the fleet is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.domain.errors import DeadlineExceeded
from agent.domain.providers import Kind, Provider, Reports, Unit, Used
from agent.runtime.completions import tokens_at_most
from kb.embedding import Embedder, FloatArray

_OPENAI = "https://api.openai.com/"


@dataclass(frozen=True, slots=True)
class Reported:
    """The embedder of one model.

    Tokens are estimated at the most, as of an answer only its vectors are kept. No attempt is reported: an embedder has
    no spare and no breaker, and words alone are searched by when it fails.
    """

    embedder: Embedder
    provider: Provider
    reports: Reports

    async def embed(self, texts: Sequence[str], *, deadline_s: float) -> FloatArray:
        """As the embedder does it."""
        used = Used(self.provider, Unit.TOKENS_IN, tokens_at_most(sum(map(len, texts))))
        try:
            vectors = await self.embedder.embed(texts, deadline_s=deadline_s)
        except DeadlineExceeded:
            self.reports.used(used)
            raise
        self.reports.used(used)
        return vectors


def embedding_provider(url: str, model: str) -> Provider:
    """Whose model it is, by which it is priced."""
    return Provider(Kind.EMBEDDING, "openai" if url.startswith(_OPENAI) else "compatible", model)
