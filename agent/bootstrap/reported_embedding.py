"""An embedder outside, of whose use the fleet is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.domain.errors import Blame, DeadlineExceeded, FleetError
from agent.domain.providers import Attempt, Kind, Provider, Reports, Unit, Used
from agent.runtime.completions import tokens_at_most
from kb.embedding import Embedder, FloatArray


@dataclass(frozen=True, slots=True)
class Reported:
    """The embedder of one model; tokens are estimated at the most, as vectors are all that is kept of an answer."""

    embedder: Embedder
    model: str
    reports: Reports

    async def embed(self, texts: Sequence[str], *, deadline_s: float) -> FloatArray:
        """As the embedder does it."""
        provider = Provider(Kind.EMBEDDING, "compatible", self.model)
        cost = Used(provider, Unit.TOKENS_IN, tokens_at_most(sum(map(len, texts))))
        try:
            vectors = await self.embedder.embed(texts, deadline_s=deadline_s)
        except FleetError as error:
            self.reports.attempted(Attempt(provider, error.blame, reason=str(error)))
            if isinstance(error, DeadlineExceeded):
                self.reports.used(cost)
            raise
        self.reports.attempted(Attempt(provider, Blame.SUCCESS))
        self.reports.used(cost)
        return vectors
