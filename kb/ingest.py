"""Sources into the knowledge base: what changed is embedded, then stored, each source whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from agent.domain.errors import ConfigError
from agent.storage.kb_sources import active_model, live_digests
from agent.storage.kb_storing import CHANGE_S, AnotherModel, Changed, ChangedMeanwhile, NewPassage, store_source
from agent.storage.pool import Pool, tenant_tx
from kb.embedding import Embedder, FloatArray, embedded_texts, written
from kb.passages import Passage, Source
from kb.reading import Progress

#: Texts in one request to the embedder.
_BATCH = 16
_EMBED_S = 30.0
#: Ten times what a passage takes on a quiet machine.
_STORE_EACH_S = 0.02


async def ingest(
    pool: Pool,
    tenant_id: UUID,
    source: Source,
    embedders: Mapping[str, Embedder],
    model: str,
    *,
    on_embedded: Progress | None = None,
) -> Changed:
    """Make the knowledge base say what `source` says.

    Args:
        pool: the keeper's role.
        embedders: by name of model; the one whose vectors the tenant's base has is used.
        model: the one for a base that has none yet.
        on_embedded: told (texts embedded, texts in all) after each request to the embedder.
    Raises: FleetError: the embedder or storage failed, or the base's model is not at hand; nothing of this source was
        stored.
    """
    while True:
        try:
            return await _ingest(pool, tenant_id, source, embedders, model, on_embedded)
        except (AnotherModel, ChangedMeanwhile):  # while we embedded; each change is met once
            continue


async def _ingest(
    pool: Pool,
    tenant_id: UUID,
    source: Source,
    embedders: Mapping[str, Embedder],
    model: str,
    on_embedded: Progress | None,
) -> Changed:
    async with tenant_tx(pool, tenant_id) as connection:
        stored = await live_digests(connection, tenant_id, source.name)
        model = await active_model(connection, tenant_id) or model
    digests = {passage.key: passage.sha256 for passage in source.passages}
    changed = [passage for passage in source.passages if stored.get(passage.key) != passage.sha256]
    embedder = embedders.get(model)
    if embedder is None and changed:
        raise ConfigError(f"the knowledge base is searched by {model}, which the settings do not lead to")
    new = await _embedded(changed, embedder, on_embedded) if embedder is not None else []
    async with tenant_tx(pool, tenant_id, budget_s=CHANGE_S + _STORE_EACH_S * len(new)) as connection:
        return await store_source(
            connection, tenant_id, name=source.name, sha256=source.sha256, digests=digests, changed=new, model=model
        )


async def _embedded(passages: Sequence[Passage], embedder: Embedder, on_embedded: Progress | None) -> list[NewPassage]:
    texts = [text for passage in passages for text in embedded_texts(passage)]
    vectors: list[str] = []
    for start in range(0, len(texts), _BATCH):
        part: FloatArray = await embedder.embed(texts[start : start + _BATCH], deadline_s=_EMBED_S)
        vectors += [written(vector) for vector in part]
        if on_embedded is not None:
            on_embedded(len(vectors), len(texts))
    rows = iter(vectors)
    return [
        NewPassage(
            key=each.key,
            kind=each.kind.value,
            title=each.title,
            questions=each.questions,
            text=each.text,
            spoken=each.spoken,
            sha256=each.sha256,
            vectors=[next(rows) for _ in embedded_texts(each)],
        )
        for each in passages
    ]
