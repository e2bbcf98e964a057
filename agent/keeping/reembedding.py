"""Embeds knowledge bases anew when their model is to be another, beside the searches, which notice nothing.

A few passages at a time, each with all its vectors or none; whoever leads next goes on where it stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import islice
from uuid import UUID

from agent.domain.errors import FleetError
from agent.keeping.metrics import KeeperMetrics
from agent.keeping.model_change import BaseView, in_turn, pause_s
from agent.runtime.logs import get_logger
from agent.storage import kb_models
from agent.storage.kb_models import LivePassage
from agent.storage.pool import Pool, fleet_tx, tenant_tx
from kb.embedders import Embedders
from kb.embedding import LOCAL_MODEL, Embedder, embedded_texts, written

_log = get_logger("agent.keeping.reembedding")

#: Bases that were begun with another model are found this late, and gaps: those are looked for passage by passage.
_IDLE_S = 60.0
_THOROUGH_S = 3600.0
#: Passages whose vectors are stored together.
_PASSAGES = 8
#: Texts in one request. The local model serves callers between two of them: so long do they wait for it at most.
_TEXTS, _LOCAL_TEXTS = 32, 2
#: As long as two texts take it, so that callers have half of it.
_LOCAL_BREATH_S = 0.03
_EMBED_S = 30.0
#: Whoever reads a large source into the base has the lock meanwhile.
_STORE_S = 30.0


class Reembedding:
    """What the keeper's leader does with knowledge bases.

    Args:
        embedders: the models at hand, and the one that is wanted.
    """

    def __init__(self, pool: Pool, embedders: Embedders, metrics: KeeperMetrics) -> None:
        self._pool = pool
        self._embedders = embedders
        self._metrics = metrics
        self._failures = 0
        self._failed: set[UUID] = set()
        self._thorough_at = 0.0

    async def see_to_all(self) -> float:
        """Give every base the model it is to have; never raises but when cancelled.

        Returns: seconds after which to look again.
        """
        base: BaseView | None = None
        now = asyncio.get_running_loop().time()
        is_thorough = now >= self._thorough_at
        try:
            for base in await self._due(is_thorough=is_thorough):
                await self._see_to(base)
                self._failed.discard(base.tenant_id)
        except FleetError as error:
            return self._fail(base, error)
        self._failures = 0
        self._thorough_at = now + _THOROUGH_S if is_thorough else self._thorough_at
        return _IDLE_S

    def _fail(self, base: BaseView | None, error: FleetError) -> float:
        self._failures += 1
        if base is not None:
            self._failed.add(base.tenant_id)
        self._metrics.failures.labels("reembedding", error.blame.value).inc()
        again_in_s = pause_s(self._failures)
        _log.warning(
            "knowledge.not_embedded",
            tenant_id=None if base is None else str(base.tenant_id),
            model=None if base is None else base.wanted,
            blame=error.blame.value,
            error=str(error),
            again_in_s=again_in_s,
        )
        return again_in_s

    async def _due(self, *, is_thorough: bool) -> Sequence[BaseView]:
        async with fleet_tx(self._pool) as connection:
            found = await kb_models.bases(connection)
        views = [
            BaseView(base.tenant_id, base.model, self._embedders.wanted_by(is_private=base.is_private))
            for base in found
        ]
        at_hand = {view.wanted for view in views if view.wanted in self._embedders}
        return in_turn(views, at_hand, self._failed, is_thorough=is_thorough)

    async def _see_to(self, base: BaseView) -> None:
        embedded = 0
        while True:
            async with tenant_tx(self._pool, base.tenant_id) as connection:
                passages = await kb_models.lacking(connection, base.tenant_id, base.wanted, limit=_PASSAGES)
                if not passages and await kb_models.is_alone(connection, base.tenant_id, base.wanted):
                    return
            if passages:
                await self._embed(base, passages)
                embedded += len(passages)
            elif await self._switch(base):
                _log.info(
                    "knowledge.model_changed",
                    tenant_id=str(base.tenant_id),
                    before=base.model,
                    model=base.wanted,
                    passages=embedded,
                )
                return

    async def _embed(self, base: BaseView, passages: Sequence[LivePassage]) -> None:
        texts = {each.id: embedded_texts(each) for each in passages}
        every = [text for parts in texts.values() for text in parts]
        vectors = iter(await self._vectors(base.wanted, every))
        rows = {passage_id: list(islice(vectors, len(parts))) for passage_id, parts in texts.items()}
        async with tenant_tx(self._pool, base.tenant_id, budget_s=_STORE_S) as connection:
            await kb_models.add_vectors(connection, base.tenant_id, base.wanted, rows)
        self._failures = 0

    async def _vectors(self, model: str, texts: Sequence[str]) -> list[str]:
        embedder: Embedder = self._embedders[model]
        at_once, breath_s = (_LOCAL_TEXTS, _LOCAL_BREATH_S) if model == LOCAL_MODEL else (_TEXTS, 0.0)
        vectors: list[str] = []
        for start in range(0, len(texts), at_once):
            part = await embedder.embed(texts[start : start + at_once], deadline_s=_EMBED_S)
            vectors += [written(vector) for vector in part]
            await asyncio.sleep(breath_s)
        return vectors

    async def _switch(self, base: BaseView) -> bool:
        """False when somebody has added passages since."""
        async with tenant_tx(self._pool, base.tenant_id, budget_s=_STORE_S) as connection:
            return await kb_models.switch_to(connection, base.tenant_id, base.wanted)
