"""The step of a turn that asks the knowledge base: embed, search, decide. A pure read; safe to speculate."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from agent.domain.errors import FleetError
from agent.domain.passages import Finding
from agent.runtime import traces
from agent.runtime.logs import get_logger
from agent.storage import kb_sources, kb_texts
from agent.storage.kb_search import Candidate, search
from agent.storage.pool import Pool, tenant_tx
from kb.deciding import CANDIDATES, Thresholds, decide
from kb.embedding import LOCAL_MODEL, Embedder, written

_log = get_logger("kb.retrieval")
#: Either part takes a tenth of it on one core. A question it is too late for is answered without it.
_SEARCH_S = 0.20
_EMBED_S = 0.20
#: How long the name of the model is believed.
_MODEL_S = 60.0
#: A caller's last words are proposed several times; questions of one call that are remembered.
_REMEMBERED = 16
#: How long the step is left out after it failed.
_PAUSE_S = 5.0


@dataclass(slots=True)
class Counts:
    """What asking came to in one call.

    Attributes:
        longest_ms: of a search, its embedding included.
    """

    searches: int = 0
    failures: int = 0
    longest_ms: int = 0


@dataclass(slots=True)
class Library:
    """One call's knowledge base.

    Args:
        embedders: by name of model. Without the one the base was made with the search goes by words alone.
        remote_s: what embedding a question by another than the local model may take.
        search_s: what a search may take.
    """

    pool: Pool
    tenant_id: UUID
    embedders: Mapping[str, Embedder]
    thresholds: Thresholds = field(default_factory=Thresholds)
    search_s: float = _SEARCH_S
    remote_s: float = 0.6
    counts: Counts = field(default_factory=Counts)
    _found: OrderedDict[str, Finding] = field(default_factory=OrderedDict)
    _paused_until: float = 0.0
    _deaf_until: float = 0.0
    _model: str | None = None
    _model_until: float = 0.0

    async def find(self, question: str) -> Finding | None:
        """What the base says to a question; None when it cannot be asked now. Never raises but when cancelled."""
        if question in self._found:
            return self._found[question]
        loop = asyncio.get_running_loop()
        began = loop.time()
        if began < self._paused_until:
            return None
        try:
            with traces.tracer().start_as_current_span(traces.KB_SEARCH):
                candidates = await self.candidates(question)
        except FleetError as error:
            self._paused_until = loop.time() + _PAUSE_S
            self.counts.failures += 1
            _log.warning("knowledge.away", error=str(error), pause_s=_PAUSE_S)
            return None
        self.counts.searches += 1
        self.counts.longest_ms = max(self.counts.longest_ms, round((loop.time() - began) * 1000))
        if candidates and not _is_by_meaning(candidates):  # words alone decide nothing, and refuse nothing
            return None
        finding = decide(candidates, self.thresholds)
        self._found[question] = finding
        while len(self._found) > _REMEMBERED:
            self._found.popitem(last=False)
        return finding

    async def texts(self, passage_ids: Sequence[UUID]) -> Mapping[UUID, str]:
        """Whole passages by id; without those that cannot be read now. Never raises but when cancelled."""
        try:
            async with tenant_tx(self.pool, self.tenant_id, budget_s=_SEARCH_S) as connection:
                return await kb_texts.texts_of(connection, self.tenant_id, passage_ids)
        except FleetError as error:
            _log.warning("knowledge.texts_away", error=str(error))
            return {}

    def figures(self) -> dict[str, int]:
        """For the call's record."""
        return {
            "knowledge_searches": self.counts.searches,
            "knowledge_failures": self.counts.failures,
            "knowledge_longest_ms": self.counts.longest_ms,
        }

    async def candidates(self, question: str, *, limit: int = CANDIDATES) -> tuple[Candidate, ...]:
        """The passages likeliest to answer, best first.

        Raises: FleetError: storage failed or was too slow. Without an embedder the search goes by words.
        """
        model = await self._searched_model()
        while model is not None:
            vector = await self._vector(question, model)
            async with tenant_tx(self.pool, self.tenant_id, budget_s=self.search_s) as connection:
                found = await search(
                    connection, self.tenant_id, question, model=model if vector else None, vector=vector, limit=limit
                )
            if vector is None or _is_by_meaning(found):
                return found
            # nothing was compared: another model may have taken this one's place just now
            self._model_until = 0.0
            asked, model = model, await self._searched_model()
            if model == asked:
                return found
        return ()

    async def _searched_model(self) -> str | None:
        """Whose vectors the base has; asked anew now and then, for another model may take its place in mid-call."""
        now = asyncio.get_running_loop().time()
        if now >= self._model_until:
            async with tenant_tx(self.pool, self.tenant_id, budget_s=self.search_s) as connection:
                self._model = await kb_sources.active_model(connection, self.tenant_id)
            self._model_until = now + _MODEL_S
        return self._model

    async def _vector(self, question: str, model: str) -> str | None:
        embedder = self.embedders.get(model)
        if embedder is None or asyncio.get_running_loop().time() < self._deaf_until:
            return None
        try:
            deadline_s = _EMBED_S if model == LOCAL_MODEL else self.remote_s
            (vector,) = await embedder.embed([question], deadline_s=deadline_s)
        except FleetError as error:
            self._deaf_until = asyncio.get_running_loop().time() + _PAUSE_S
            _log.warning("knowledge.by_words_alone", error=str(error), pause_s=_PAUSE_S)
            return None
        return written(vector)


def _is_by_meaning(candidates: Sequence[Candidate]) -> bool:
    return any(each.likeness is not None for each in candidates)
